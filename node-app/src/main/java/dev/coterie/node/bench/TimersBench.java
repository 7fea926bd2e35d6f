package dev.coterie.node.bench;

import dev.coterie.cluster.Cluster;
import dev.coterie.cluster.ClusterConfig;
import dev.coterie.cluster.concurrent.Clock;
import dev.coterie.cluster.work.WorkSettings;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * Measures timers: how fast they are set, what a million of them take in the master's memory, how soon a new master has
 * taken over 200,000, and how late they fire while a million others are pending. All in one process beside an etcd on
 * disk.
 */
public final class TimersBench {

    static final String TYPE = "ring";

    /** 100 bytes of JSON. */
    private static final String PAYLOAD = "x".repeat(98);

    private static final int OUTSTANDING = 20_000;
    private static final Clock clock = Clock.system();

    private final List<String> etcd;
    private final Options options;
    private final PrintStream out;
    private final Map<String, Object> figures = new LinkedHashMap<>();

    private TimersBench(List<String> etcd, Options options, PrintStream out) {
        this.etcd = etcd;
        this.options = options;
        this.out = out;
    }

    /**
     * What to measure.
     *
     * @param takenOver timers that a new master takes over
     * @param pending timers that are pending while others fire
     * @param fired timers that fire
     * @param perSecond how many of them a second
     */
    public record Options(int takenOver, int pending, int fired, int perSecond) {

        /** What {@code bench timers} measures. */
        public static Options defaults() {
            return new Options(200_000, 1_000_000, 20_000, 1_000);
        }
    }

    /**
     * Measures, printing as it goes.
     *
     * @return the figures, by name
     */
    public static Map<String, Object> run(List<String> etcd, Options options, PrintStream out) {
        return new TimersBench(etcd, options, out).measure();
    }

    private Map<String, Object> measure() {
        try (Cluster first = Cluster.join(config("first"));
                Cluster second = Cluster.join(config("second"))) {
            ConcurrentLinkedQueue<Late> late = new ConcurrentLinkedQueue<>();
            first.tasks()
                    .handle(
                            TYPE,
                            Long.class,
                            (due, run) -> late.add(new Late(
                                    nowMicros() - due,
                                    TimeUnit.NANOSECONDS.toMicros(run.late().toNanos()))));
            long before = heap();
            set(first, 0, options.takenOver());
            takeOver(first, second);
            set(first, options.takenOver(), options.pending());
            long each = (heap() - before) / options.pending() - PAYLOAD.length() - 2;
            out.printf(Locale.ROOT, "%,d timers pending: %d bytes each beside the payload%n", options.pending(), each);
            figures.put("bytesPerTimer", each);
            fire(first, late);
        }
        return figures;
    }

    /**
     * One that fired.
     *
     * @param begun how late its handler began, in microseconds
     * @param sent how late the master sent it off, which it does when etcd has it on disk that the timer fired
     */
    private record Late(long begun, long sent) {}

    private void set(Cluster cluster, int from, int to) {
        Semaphore room = new Semaphore(OUTSTANDING);
        long start = clock.nanoTime();
        for (int i = from; i < to; i++) {
            acquire(room, 1);
            var unused = cluster.timers()
                    .set("pending-" + i, Duration.ofHours(1), TYPE, PAYLOAD)
                    .whenComplete((set, failed) -> {
                        if (failed == null) {
                            room.release();
                        }
                    });
        }
        acquire(room, OUTSTANDING);
        long rate = (to - from) * TimeUnit.SECONDS.toNanos(1) / (clock.nanoTime() - start);
        out.printf(Locale.ROOT, "%,d timers set, each durable: %,d a second%n", to - from, rate);
        figures.put("setPerSecond", rate);
    }

    private void takeOver(Cluster first, Cluster second) {
        long start = clock.nanoTime();
        TasksBench.get(second.promote());
        String last = "pending-" + (options.takenOver() - 1);
        if (TasksBench.get(first.timers().find(last)).isEmpty()) {
            throw new IllegalStateException("the new master does not know " + last);
        }
        TasksBench.get(first.tasks().submit(TYPE, nowMicros(), Boolean.class).result());
        double seconds = (clock.nanoTime() - start) / 1e9;
        out.printf(
                Locale.ROOT,
                "from the promotion of another master to its first result, with %,d live: %.2f s%n",
                options.takenOver(),
                seconds);
        figures.put("takeOverSeconds", Math.round(100 * seconds) / 100.0);
    }

    private void fire(Cluster cluster, ConcurrentLinkedQueue<Late> late) {
        late.clear();
        CountDownLatch set = new CountDownLatch(options.fired());
        long first = nowMicros() + TimeUnit.SECONDS.toMicros(3);
        for (int i = 0; i < options.fired(); i++) {
            long due = first + i * TimeUnit.SECONDS.toMicros(1) / options.perSecond();
            var unused = cluster.timers()
                    .set("fired-" + i, Instant.ofEpochMilli(due / 1000), TYPE, due / 1000 * 1000)
                    .thenRun(set::countDown);
        }
        await(set);
        EtcdDisk disk = new EtcdDisk(etcd.get(0));
        long patience = clock.nanoTime() + TimeUnit.SECONDS.toNanos(30L + options.fired() / options.perSecond());
        while (late.size() < options.fired() && clock.nanoTime() < patience) {
            java.util.concurrent.locks.LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
        Histogram lateness = new Histogram(TimeUnit.MINUTES.toMicros(1), 3);
        Histogram sent = new Histogram(TimeUnit.MINUTES.toMicros(1), 3);
        late.forEach(one -> {
            lateness.recordValue(Math.max(0, one.begun()));
            sent.recordValue(one.sent());
        });
        out.printf(
                Locale.ROOT,
                "%,d of %,d fired, %,d a second, with %,d others pending: late by %s%n",
                late.size(),
                options.fired(),
                options.perSecond(),
                options.pending(),
                TasksBench.percentiles(lateness, 1e3, "ms"));
        out.printf(
                Locale.ROOT,
                "of that until the master sends it off, %s: %s%n",
                "when etcd has on disk that it fired",
                TasksBench.percentiles(sent, 1e3, "ms"));
        out.println(disk.describe());
        figures.put("fired", late.size());
        figures.put("lateP50Millis", lateness.getValueAtPercentile(50) / 1e3);
        figures.put("lateP99Millis", lateness.getValueAtPercentile(99) / 1e3);
        figures.put("lateP999Millis", lateness.getValueAtPercentile(99.9) / 1e3);
    }

    private static long heap() {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 3; i++) {
            System.gc();
            least = Math.min(
                    least,
                    ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
        }
        return least;
    }

    private static long nowMicros() {
        Instant now = clock.now();
        return now.getEpochSecond() * 1_000_000 + now.getNano() / 1000;
    }

    private static void acquire(Semaphore room, int permits) {
        try {
            if (!room.tryAcquire(permits, 30, TimeUnit.SECONDS)) {
                throw new IllegalStateException("timers were not accepted within 30 s");
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", interrupted);
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            if (!latch.await(30, TimeUnit.SECONDS)) {
                throw new IllegalStateException("timers were not accepted within 30 s");
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", interrupted);
        }
    }

    private ClusterConfig config(String name) {
        return ClusterConfig.of(etcd.toArray(new String[0]))
                .withName(name)
                .withAddress("127.0.0.1")
                .withPort(0)
                .withWork(WorkSettings.DEFAULT.withBytes(2L << 30));
    }
}
