package dev.coterie.node.bench;

import dev.coterie.cluster.Cluster;
import dev.coterie.cluster.ClusterConfig;
import java.io.IOException;
import java.io.OutputStream;

/** A process that works until its standard input ends. */
final class TasksBenchMain {

    /** Takes etcd's address and a name; prints a line when it has joined. */
    public static void main(String[] args) throws IOException {
        ClusterConfig config = ClusterConfig.of(args[0])
                .withName(args[1])
                .withAddress("127.0.0.1")
                .withPort(0)
                .withEligible(false);
        try (Cluster cluster = Cluster.join(config)) {
            cluster.tasks().handle(TasksBench.TYPE, String.class, String::length);
            System.out.println("joined");
            System.in.transferTo(OutputStream.nullOutputStream());
        }
    }

    private TasksBenchMain() {}
}
