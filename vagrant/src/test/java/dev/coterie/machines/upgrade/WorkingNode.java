package dev.coterie.machines.upgrade;

import dev.coterie.cluster.Cluster;
import dev.coterie.cluster.ClusterConfig;
import dev.coterie.cluster.discovery.DiscoveryEvent.Demoted;
import dev.coterie.cluster.discovery.DiscoveryEvent.Promoted;
import dev.coterie.cluster.work.WorkSettings;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/**
 * A node that does tasks of type {@code work} and says which. It hands over when its standard input says so, and ends
 * gently when it is told to.
 */
final class WorkingNode {

    private WorkingNode() {}

    /** Takes etcd's address, a name, an address and a weight. */
    public static void main(String[] args) throws Exception {
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
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String command = commands.readLine(); command != null; command = commands.readLine()) {
            obey(cluster, command).toCompletableFuture().get(10, TimeUnit.SECONDS);
            say("obeyed " + command);
        }
        Thread.currentThread().join();
    }

    private static CompletionStage<Void> obey(Cluster cluster, String command) {
        if (command.startsWith("promote ")) {
            String name = command.substring("promote ".length());
            return cluster.promote(cluster.view().members().stream()
                    .filter(member -> member.name().equals(name))
                    .findFirst()
                    .orElseThrow());
        }
        return cluster.demote(command.endsWith(" for good"));
    }

    private static synchronized void say(String line) {
        System.out.println(line);
        System.out.flush();
    }
}
