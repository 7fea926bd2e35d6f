package dev.coterie.machines.upgrade;

import dev.coterie.cluster.Cluster;
import dev.coterie.cluster.ClusterConfig;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Submits a task every few milliseconds until its standard input ends, and says when each result came. */
final class SteadyLoad {

    private static final long PERIOD_MS = 5;

    private final Cluster cluster;
    private final ConcurrentLinkedQueue<CompletableFuture<?>> results = new ConcurrentLinkedQueue<>();
    private int submitted;

    private SteadyLoad(Cluster cluster) {
        this.cluster = cluster;
    }

    /** Takes etcd's address, and this one's. */
    public static void main(String[] args) throws Exception {
        try (Cluster cluster = Cluster.join(
                ClusterConfig.of(args[0]).withName("load").withAddress(args[1]).withEligible(false))) {
            new SteadyLoad(cluster).run();
        }
    }

    private void run() throws Exception {
        ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
        var unused = clock.scheduleAtFixedRate(this::submit, 0, PERIOD_MS, TimeUnit.MILLISECONDS);
        while (System.in.read() >= 0) {
            // Until whoever started this closes it.
        }
        clock.shutdown();
        clock.awaitTermination(10, TimeUnit.SECONDS);
        CompletableFuture.allOf(results.toArray(CompletableFuture[]::new)).get(60, TimeUnit.SECONDS);
        say("submitted " + submitted);
    }

    private void submit() {
        int number = submitted++;
        results.add(cluster.tasks()
                .submit("work", number, Integer.class)
                .result()
                .whenComplete((result, failure) ->
                        // The clock of the machine, which the test reads, too.
                        say((failure == null ? "result " + result : "failed " + number + " " + failure) + " "
                                + System.nanoTime()))
                .toCompletableFuture());
    }

    private static synchronized void say(String line) {
        System.out.println(line);
        System.out.flush();
    }
}
