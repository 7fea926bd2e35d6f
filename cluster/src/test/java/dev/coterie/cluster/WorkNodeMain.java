package dev.coterie.cluster;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/**
 * A node as a process of its own that handles tasks: "echo" at once, "hold" never, "ring" for timers. Prints a line for
 * each that it begins.
 */
final class WorkNodeMain {

    private WorkNodeMain() {}

    /** Takes etcd's address, a name, and a port. */
    public static void main(String[] args) throws InterruptedException {
        Cluster cluster = Cluster.join(ClusterConfig.of(args[0])
                .withName(args[1])
                .withAddress("127.0.0.1")
                .withPort(Integer.parseInt(args[2]))
                .withTtl(Duration.ofSeconds(30))
                .withRefresh(Duration.ofSeconds(10)));
        Runtime.getRuntime().addShutdownHook(new Thread(cluster::close));
        cluster.tasks().handle("echo", Integer.class, number -> number);
        cluster.tasks().handle("hold", Integer.class, (number, run) -> {
            System.out.println("holds " + number);
            new CountDownLatch(1).await();
            return number;
        });
        System.out.println("joined " + cluster.self().id());
        // Until it is killed: the cluster's own threads are daemons.
        Thread.currentThread().join();
    }
}
