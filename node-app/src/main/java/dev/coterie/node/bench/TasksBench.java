package dev.coterie.node.bench;

import dev.coterie.cluster.Cluster;
import dev.coterie.cluster.ClusterConfig;
import dev.coterie.cluster.concurrent.Clock;
import dev.coterie.cluster.store.Operation;
import dev.coterie.cluster.store.Transaction;
import dev.coterie.cluster.work.Submitted;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/**
 * Measures tasks: one process that submits and is master, two that work, and an etcd on disk. Every task is accepted
 * durably, run, and its result, durable too, is back at the submitter before it counts. The same work is then done the
 * plain way, with a key in etcd for each task and each result.
 */
public final class TasksBench {

    private static final Clock clock = Clock.system();
    static final String TYPE = "measure";

    /** 100 bytes of JSON. */
    private static final String PAYLOAD = "x".repeat(98);

    private final List<String> etcd;
    private final Options options;
    private final PrintStream out;

    private TasksBench(List<String> etcd, Options options, PrintStream out) {
        this.etcd = etcd;
        this.options = options;
        this.out = out;
    }

    /**
     * What to measure.
     *
     * @param workers processes that work
     * @param outstanding tasks that are under way at a time
     * @param warmup how long the load lasts before it counts
     * @param rounds how often it is measured
     * @param round how long each time
     * @param rate tasks a second under light load
     */
    public record Options(int workers, int outstanding, Duration warmup, int rounds, Duration round, int rate) {

        /** What {@code bench tasks} measures. */
        public static Options defaults() {
            return new Options(2, 20_000, Duration.ofSeconds(20), 3, Duration.ofSeconds(8), 100);
        }
    }

    /**
     * Measures, printing as it goes.
     *
     * @return the figures, by name
     */
    public static Map<String, Object> run(List<String> etcd, Options options, PrintStream out) throws IOException {
        return new TasksBench(etcd, options, out).measure();
    }

    private Map<String, Object> measure() throws IOException {
        Map<String, Object> figures = new LinkedHashMap<>();
        List<TasksBenchWorker> workers = new ArrayList<>();
        try (Cluster cluster = Cluster.join(config("submitter"))) {
            for (int i = 0; i < options.workers(); i++) {
                workers.add(TasksBenchWorker.start(etcd.get(0), "worker" + i));
            }
            load(cluster, options.warmup(), "to warm up");
            List<Long> rates = new ArrayList<>();
            for (int i = 1; i <= options.rounds(); i++) {
                rates.add(load(cluster, options.round(), "round " + i));
            }
            light(cluster, figures);
            long plain = KeyPerTask.measure(cluster.store(), options.round(), PAYLOAD);
            out.printf(Locale.ROOT, "a key for each task and each result: %,d tasks a second%n", plain);
            long median = rates.stream().sorted().toList().get(rates.size() / 2);
            figures.put("tasksPerSecond", median);
            figures.put("keyPerTaskPerSecond", plain);
            figures.put("ratioToKeyPerTask", Math.round(10.0 * median / plain) / 10.0);
        } finally {
            workers.forEach(TasksBenchWorker::close);
        }
        return figures;
    }

    /** As many tasks as there may be under way, for a while; then waits for the last. */
    private long load(Cluster cluster, Duration duration, String what) {
        Semaphore room = new Semaphore(options.outstanding());
        AtomicReference<Throwable> failure = new AtomicReference<>();
        Histogram latency = new ConcurrentHistogram(TimeUnit.MINUTES.toNanos(1), 2);
        long start = clock.nanoTime();
        long done = 0;
        while (clock.nanoTime() - start < duration.toNanos()) {
            acquire(room, 1, failure);
            long sent = clock.nanoTime();
            var unused = cluster.tasks()
                    .submit(TYPE, PAYLOAD, Integer.class)
                    .result()
                    .whenComplete((result, failed) -> {
                        latency.recordValue(clock.nanoTime() - sent);
                        if (failed != null) {
                            failure.set(failed);
                        }
                        room.release();
                    });
            done++;
        }
        acquire(room, options.outstanding(), failure);
        long rate = done * TimeUnit.SECONDS.toNanos(1) / (clock.nanoTime() - start);
        out.printf(
                Locale.ROOT,
                "%s: %,d tasks a second; submit to result %s%n",
                what,
                rate,
                percentiles(latency, 1e6, "ms"));
        return rate;
    }

    private static void acquire(Semaphore room, int permits, AtomicReference<Throwable> failure) {
        try {
            if (!room.tryAcquire(permits, 30, TimeUnit.SECONDS)) {
                throw new IllegalStateException("no result for 30 s");
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", interrupted);
        }
        Throwable failed = failure.get();
        if (failed != null) {
            throw new IllegalStateException("a task failed", failed);
        }
    }

    /** One task at a time, at a low rate, each next to a single put. */
    private void light(Cluster cluster, Map<String, Object> figures) {
        Histogram puts = new Histogram(TimeUnit.SECONDS.toNanos(10), 3);
        Histogram tasks = new Histogram(TimeUnit.SECONDS.toNanos(10), 3);
        Histogram accepted = new ConcurrentHistogram(TimeUnit.SECONDS.toNanos(10), 3);
        EtcdDisk disk = new EtcdDisk(etcd.get(0));
        Pace pace = new Pace(2 * options.rate());
        int count = 12 * options.rate();
        for (int i = -count / 4; i < count; i++) {
            pace.await();
            long start = clock.nanoTime();
            get(cluster.store().commit(Transaction.when().then(Operation.put("bench/put", PAYLOAD))));
            long between = clock.nanoTime();
            pace.await();
            long sent = clock.nanoTime();
            Submitted<Integer> task = cluster.tasks().submit(TYPE, PAYLOAD, Integer.class);
            var unused = task.accepted().thenRun(() -> accepted.recordValue(clock.nanoTime() - sent));
            get(task.result());
            if (i >= 0) {
                puts.recordValue(between - start);
                tasks.recordValue(clock.nanoTime() - sent);
            }
        }
        double ratio = (double) tasks.getValueAtPercentile(50) / puts.getValueAtPercentile(50);
        out.printf(Locale.ROOT, "one put: %s%n", percentiles(puts, 1e3, "us"));
        out.printf(
                Locale.ROOT,
                "submit to result at %d a second: %s; p50 is %.2f times that of a put%n",
                options.rate(),
                percentiles(tasks, 1e3, "us"),
                ratio);
        out.printf(Locale.ROOT, "of that until it is accepted: %s%n", percentiles(accepted, 1e3, "us"));
        out.println(disk.describe());
        figures.put("putP50Micros", puts.getValueAtPercentile(50) / 1000);
        figures.put("taskP50Micros", tasks.getValueAtPercentile(50) / 1000);
        figures.put("taskP99Micros", tasks.getValueAtPercentile(99) / 1000);
        figures.put("taskP999Micros", tasks.getValueAtPercentile(99.9) / 1000);
        figures.put("taskToPut", Math.round(100 * ratio) / 100.0);
    }

    static String percentiles(Histogram nanos, double unit, String name) {
        return String.format(
                Locale.ROOT,
                "p50 %.1f, p99 %.1f, p99.9 %.1f %s",
                nanos.getValueAtPercentile(50) / unit,
                nanos.getValueAtPercentile(99) / unit,
                nanos.getValueAtPercentile(99.9) / unit,
                name);
    }

    static <T> T get(java.util.concurrent.CompletionStage<T> stage) {
        try {
            return stage.toCompletableFuture().get(30, TimeUnit.SECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", interrupted);
        } catch (ExecutionException | TimeoutException failed) {
            throw new IllegalStateException(failed);
        }
    }

    private ClusterConfig config(String name) {
        return ClusterConfig.of(etcd.toArray(new String[0]))
                .withName(name)
                .withAddress("127.0.0.1")
                .withPort(0);
    }
}
