package dev.coterie.machines.upgrade;

import dev.coterie.cluster.Cluster;
import dev.coterie.cluster.ClusterConfig;
import dev.coterie.cluster.discovery.DiscoveryEvent.Demoted;
import dev.coterie.cluster.discovery.DiscoveryEvent.Promoted;
import dev.coterie.cluster.work.WorkSettings;
import java.time.Duration;

/** A node that does tasks of type {@code work} and says which. Ends gently when it is told to. */
final class WorkingNode {

    private WorkingNode() {}

    /** Takes etcd's address, a name, an address and a weight. */
    public static void main(String[] args) throws InterruptedException {
        Cluster cluster = Cluster.join(ClusterConfig.of(args[0])
                .withName(args[1])
                .withAddress(args[2])
                .withWeight(Double.parseDouble(args[3]))
                // On a busy machine even what takes 2 ms may take long.
                .withWork(WorkSettings.DEFAULT.withDrain(Duration.ofSeconds(5))));
        cluster.tasks().handle("work", Integer.class, (number, run) -> {
            say("ran " + number);
            Thread.sleep(2);
            return number;
        });
        cluster.on(
                Promoted.class,
                promoted -> say("promoted " + promoted.mastership().term()));
        cluster.on(Demoted.class, demoted -> say("demoted " + demoted.reason()));
        say("joined " + cluster.self().version());
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            cluster.close();
            say("left");
        }));
        Thread.currentThread().join();
    }

    private static synchronized void say(String line) {
        System.out.println(line);
        System.out.flush();
    }
}
