package dev.coterie.node.bench;

import dev.coterie.cluster.Cluster;
import dev.coterie.cluster.ClusterConfig;
import dev.coterie.cluster.discovery.DiscoveryEvent.MemberRemoved;
import dev.coterie.cluster.discovery.DiscoveryEvent.Promoted;
import java.time.Duration;
import java.util.List;

/** One node of the failover benchmark: says what it is told as soon as it is told, until it is killed. */
final class FailoverMain {

    static final String JOINED = "joined ";
    static final String PROMOTED = "promoted";
    static final String REMOVED = "removed ";

    private FailoverMain() {}

    /** Takes how many masters there are to be, hello and timeout in milliseconds, and then where etcd answers. */
    public static void main(String[] args) throws InterruptedException {
        Duration timeout = Duration.ofMillis(Long.parseLong(args[2]));
        ClusterConfig config = ClusterConfig.of(
                        List.of(args).subList(3, args.length).toArray(new String[0]))
                .withPrefix("bench/")
                .withAddress(BenchNode.LOOPBACK)
                .withPort(0)
                .withMastersRequired(Integer.parseInt(args[0]))
                .withLiveness(ClusterConfig.Liveness.DEFAULT
                        .withHello(Duration.ofMillis(Long.parseLong(args[1])))
                        .withNodeTimeout(timeout)
                        .withMasterTimeout(timeout));
        Cluster cluster = Cluster.join(config);
        cluster.on(Promoted.class, event -> System.out.println(PROMOTED));
        cluster.on(
                MemberRemoved.class,
                event -> System.out.println(REMOVED + event.member().id()));
        System.out.println(JOINED + cluster.self().id());
        // Until it is killed: the cluster's own threads are daemons.
        Thread.currentThread().join();
    }
}
