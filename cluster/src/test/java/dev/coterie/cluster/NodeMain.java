package dev.coterie.cluster;

import dev.coterie.cluster.concurrent.ThreadEventLoop;
import dev.coterie.cluster.discovery.DiscoveryEvent;
import dev.coterie.cluster.discovery.DiscoveryEvent.Change;
import dev.coterie.cluster.discovery.DiscoveryEvent.Demoted;
import dev.coterie.cluster.discovery.DiscoveryEvent.Init;
import dev.coterie.cluster.discovery.DiscoveryEvent.MasterChanged;
import dev.coterie.cluster.discovery.DiscoveryEvent.MemberAdded;
import dev.coterie.cluster.discovery.DiscoveryEvent.MemberRemoved;
import dev.coterie.cluster.discovery.DiscoveryEvent.Promoted;
import dev.coterie.cluster.discovery.Mastership;
import dev.coterie.cluster.discovery.Member;
import dev.coterie.cluster.store.Operation;
import dev.coterie.cluster.store.Transaction;
import java.time.Duration;

/**
 * A node as a process of its own. Prints a line for every event; while it is master it writes its term to {@link #LOG},
 * under its guard, as fast as it can. On a host of its own it has sessions of two minutes, and says every second on a
 * channel that it is there.
 */
final class NodeMain {

    static final String LOG = "log";
    private static final String CHANNEL = "beats";

    private final Cluster cluster;
    private final ThreadEventLoop writer = new ThreadEventLoop("writer");

    private long writes;
    private long writesTold;

    private NodeMain(Cluster cluster) {
        this.cluster = cluster;
    }

    /** Takes where etcd answers, a name and a port; and, if it has a host of its own, that host's address. */
    public static void main(String[] args) throws InterruptedException {
        boolean ownHost = args.length > 3;
        ClusterConfig config = ClusterConfig.of(args[0])
                .withName(args[1])
                .withAddress(ownHost ? args[3] : "127.0.0.1")
                .withPort(Integer.parseInt(args[2]));
        Cluster cluster = Cluster.join(
                ownHost ? config : config.withTtl(Duration.ofSeconds(5)).withRefresh(Duration.ofSeconds(1)));
        Runtime.getRuntime().addShutdownHook(new Thread(cluster::close));
        System.out.println("joined " + cluster.self().id());
        NodeMain node = new NodeMain(cluster);
        cluster.on(DiscoveryEvent.class, node::tell);
        if (ownHost) {
            cluster.channels()
                    .join(CHANNEL, String.class, (text, from) -> System.out.println("heard " + from.name()))
                    .toCompletableFuture()
                    .join();
            node.beat();
        }
        // Until it is killed: the cluster's own threads are daemons.
        Thread.currentThread().join();
    }

    private void tell(DiscoveryEvent event) {
        String kind = event.getClass().getSimpleName();
        if (event instanceof MemberAdded added) {
            System.out.println(kind + " " + added.member().name());
        } else if (event instanceof MemberRemoved removed) {
            System.out.println(kind + " " + removed.member().name());
        } else if (event instanceof Promoted promoted) {
            System.out.println(kind + " " + promoted.mastership().term());
            write(promoted.mastership());
        } else if (event instanceof Demoted demoted) {
            System.out.println(kind + " " + demoted.mastership().term());
        } else if (event instanceof MasterChanged changed) {
            System.out.println(kind + " " + changed.member().name());
        } else if (event instanceof Init init) {
            System.out.println(kind + " "
                    + init.view().members().stream().map(Member::name).sorted().toList());
        } else if (event instanceof Change change) {
            System.out.println(kind + " "
                    + change.view().members().stream()
                            .map(Member::name)
                            .sorted()
                            .toList());
        } else {
            System.out.println(kind);
        }
    }

    private void beat() {
        cluster.channels().send(CHANNEL, "beat");
        if (writes > writesTold) {
            writesTold = writes;
            System.out.println("wrote " + writes);
        }
        writer.schedule(Duration.ofSeconds(1), this::beat);
    }

    private void write(Mastership mastership) {
        Transaction transaction = Transaction.when(cluster.guard(mastership))
                .then(Operation.put(
                        LOG, mastership.term() + " " + cluster.self().name()));
        writer.then(
                cluster.store().commit(transaction),
                result -> {
                    if (result.succeeded()) {
                        writes++;
                        writer.schedule(Duration.ofMillis(5), () -> write(mastership));
                    } else {
                        System.out.println("refused " + mastership.term());
                    }
                },
                failure -> writer.schedule(Duration.ofMillis(50), () -> write(mastership)));
    }
}
