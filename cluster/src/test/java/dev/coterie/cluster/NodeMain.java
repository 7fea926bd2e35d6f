package dev.coterie.cluster;

import dev.coterie.cluster.concurrent.ThreadEventLoop;
import dev.coterie.cluster.discovery.DiscoveryEvent;
import dev.coterie.cluster.discovery.DiscoveryEvent.Demoted;
import dev.coterie.cluster.discovery.DiscoveryEvent.MemberAdded;
import dev.coterie.cluster.discovery.DiscoveryEvent.MemberRemoved;
import dev.coterie.cluster.discovery.DiscoveryEvent.Promoted;
import dev.coterie.cluster.discovery.Mastership;
import dev.coterie.cluster.store.Operation;
import dev.coterie.cluster.store.Transaction;
import java.time.Duration;

/**
 * A node as a process of its own. Prints a line for every event; while it is master it writes its term to {@link #LOG},
 * under its guard, as fast as it can.
 */
final class NodeMain {

    static final String LOG = "log";

    private final Cluster cluster;
    private final ThreadEventLoop writer = new ThreadEventLoop("writer");

    private NodeMain(Cluster cluster) {
        this.cluster = cluster;
    }

    public static void main(String[] args) throws InterruptedException {
        Cluster cluster = Cluster.join(ClusterConfig.of(args[0])
                .withName(args[1])
                .withAddress("127.0.0.1")
                .withPort(Integer.parseInt(args[2]))
                .withTtl(Duration.ofSeconds(5))
                .withRefresh(Duration.ofSeconds(1)));
        Runtime.getRuntime().addShutdownHook(new Thread(cluster::close));
        System.out.println("joined " + cluster.self().id());
        cluster.on(DiscoveryEvent.class, new NodeMain(cluster)::tell);
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
        } else {
            System.out.println(kind);
        }
    }

    private void write(Mastership mastership) {
        Transaction transaction = Transaction.when(cluster.guard(mastership))
                .then(Operation.put(
                        LOG, mastership.term() + " " + cluster.self().name()));
        writer.then(
                cluster.store().commit(transaction),
                result -> {
                    if (result.succeeded()) {
                        writer.schedule(Duration.ofMillis(5), () -> write(mastership));
                    } else {
                        System.out.println("refused " + mastership.term());
                    }
                },
                failure -> writer.schedule(Duration.ofMillis(50), () -> write(mastership)));
    }
}
