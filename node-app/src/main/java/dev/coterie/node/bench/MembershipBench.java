package dev.coterie.node.bench;

import dev.coterie.cluster.Cluster;
import dev.coterie.cluster.ClusterConfig;
import dev.coterie.cluster.concurrent.Clock;
import dev.coterie.cluster.discovery.DiscoveryEvent.MemberAdded;
import dev.coterie.cluster.discovery.DiscoveryEvent.MemberRemoved;
import dev.coterie.cluster.discovery.DiscoveryEvent.MemberUpdated;
import dev.coterie.cluster.discovery.DiscoveryEvent.Promoted;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/**
 * Measures how long the cluster takes to know: of a node that joins, and of a mastership that is handed over. All nodes
 * are in this JVM, each with its own connection to etcd and its own threads.
 */
public final class MembershipBench {

    private static final Clock clock = Clock.system();
    private static final long PATIENCE_SECONDS = 30;
    private static final long SETTLED_MILLIS = 800;

    private final List<String> etcd;
    private final PrintStream out;
    private final Map<String, Object> figures = new LinkedHashMap<>();

    private MembershipBench(List<String> etcd, PrintStream out) {
        this.etcd = etcd;
        this.out = out;
    }

    /**
     * Lets nodes join and leave while others watch.
     *
     * @param watchers how many watch
     * @param rounds how many join; a fifth as many before them do not count
     * @return the figures in milliseconds, by what was measured
     */
    public static Map<String, Object> join(List<String> etcd, int watchers, int rounds, PrintStream out) {
        MembershipBench bench = new MembershipBench(etcd, out);
        bench.join(watchers, rounds);
        return bench.figures;
    }

    /**
     * Lets the master leave, again and again.
     *
     * @param nodes how many there are
     * @param rounds how many hand over; a fifth as many before them do not count
     * @return the figures in milliseconds, by what was measured
     */
    public static Map<String, Object> handover(List<String> etcd, int nodes, int rounds, PrintStream out) {
        MembershipBench bench = new MembershipBench(etcd, out);
        bench.handover(nodes, rounds);
        return bench.figures;
    }

    /** When the last watcher was told of a member coming or going, by the member's name. */
    private static final class Told {

        private final Map<String, CountDownLatch> awaited = new ConcurrentHashMap<>();

        void await(String name, int watchers) {
            awaited.put(name, new CountDownLatch(watchers));
        }

        void hear(String name) {
            CountDownLatch latch = awaited.get(name);
            if (latch != null) {
                latch.countDown();
            }
        }

        long when(String name) {
            CountDownLatch latch = awaited.get(name);
            MembershipBench.await(latch == null ? new CountDownLatch(0) : latch);
            awaited.remove(name);
            return clock.nanoTime();
        }
    }

    private void join(int watchers, int rounds) {
        Told added = new Told();
        Told updated = new Told();
        Told removed = new Told();
        Histogram toInit = histogram();
        Histogram toLast = histogram();
        Histogram updating = histogram();
        Histogram leaving = histogram();
        List<Cluster> watching = new ArrayList<>();
        try {
            for (int i = 0; i < watchers; i++) {
                Cluster cluster = Cluster.join(config("watcher" + i));
                cluster.on(MemberAdded.class, event -> added.hear(event.member().name()));
                cluster.on(
                        MemberUpdated.class,
                        event -> updated.hear(event.member().name()));
                cluster.on(
                        MemberRemoved.class,
                        event -> removed.hear(event.member().name()));
                watching.add(cluster);
            }
            for (int round = -rounds / 5; round < rounds; round++) {
                String name = "guest" + round;
                added.await(name, watchers);
                updated.await(name, watchers);
                removed.await(name, watchers);
                long start = clock.nanoTime();
                Cluster guest = Cluster.join(config(name));
                long joined = clock.nanoTime();
                long seen = added.when(name);
                long writing = clock.nanoTime();
                get(guest.advertise(Map.of("round", round))
                        .toCompletableFuture()
                        .thenApply(done -> 0L));
                long heard = updated.when(name);
                long end = clock.nanoTime();
                CompletableFuture<Void> closing = CompletableFuture.runAsync(guest::close);
                long gone = removed.when(name);
                closing.orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join();
                if (round >= 0) {
                    toInit.recordValue(joined - start);
                    toLast.recordValue(seen - start);
                    updating.recordValue(heard - writing);
                    leaving.recordValue(gone - end);
                }
            }
        } finally {
            watching.forEach(Cluster::close);
        }
        print("join to its own first view, " + watchers + " watchers", toInit);
        print("join to the last watcher's callback, " + watchers + " watchers", toLast);
        print("one write of a member to the last watcher's callback, " + watchers + " watchers", updating);
        print("close to the last watcher's callback, " + watchers + " watchers", leaving);
    }

    private void handover(int nodes, int rounds) {
        Histogram handover = histogram();
        List<Cluster> clusters = new ArrayList<>();
        List<CompletableFuture<Long>> promotion = new ArrayList<>(List.of(new CompletableFuture<>()));
        try {
            for (int i = 0; i < nodes; i++) {
                clusters.add(candidate("node" + i, promotion));
            }
            for (int round = -rounds / 5; round < rounds; round++) {
                get(promotion.get(0));
                settle();
                promotion.set(0, new CompletableFuture<>());
                Cluster master = clusters.stream()
                        .filter(cluster -> cluster.mastership().isPresent())
                        .findFirst()
                        .orElseThrow();
                long start = clock.nanoTime();
                CompletableFuture<Void> closing = CompletableFuture.runAsync(master::close);
                long promoted = get(promotion.get(0));
                if (round >= 0) {
                    handover.recordValue(promoted - start);
                }
                get(closing.thenApply(done -> 0L));
                clusters.remove(master);
                clusters.add(candidate("again" + round, promotion));
            }
        } finally {
            clusters.forEach(Cluster::close);
        }
        print("close of the master to the next one's promotion, " + nodes + " nodes", handover);
    }

    /** The newcomer of the last round and the new master have work of their own for a while. */
    private static void settle() {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(SETTLED_MILLIS));
    }

    private Cluster candidate(String name, List<CompletableFuture<Long>> promotion) {
        Cluster cluster = Cluster.join(config(name));
        cluster.on(Promoted.class, event -> promotion.get(0).complete(clock.nanoTime()));
        return cluster;
    }

    private ClusterConfig config(String name) {
        return ClusterConfig.of(etcd.toArray(new String[0]))
                .withPrefix("bench/")
                .withName(name)
                .withAddress("127.0.0.1")
                .withPort(0);
    }

    private static Histogram histogram() {
        return new Histogram(TimeUnit.SECONDS.toNanos(60), 3);
    }

    private static long get(CompletableFuture<Long> future) {
        return future.orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join();
    }

    private static void await(CountDownLatch latch) {
        try {
            if (!latch.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                throw new IllegalStateException("not all watchers were told within " + PATIENCE_SECONDS + " s");
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", interrupted);
        }
    }

    private void print(String what, Histogram nanos) {
        figures.put(what, Figures.of(nanos));
        out.printf(
                Locale.ROOT,
                "%s: p50 %.1f ms, p99 %.1f ms, max %.1f ms (%d rounds)%n",
                what,
                nanos.getValueAtPercentile(50) / 1e6,
                nanos.getValueAtPercentile(99) / 1e6,
                nanos.getMaxValue() / 1e6,
                nanos.getTotalCount());
    }
}
