package dev.coterie.bench.agent;

import dev.coterie.bench.peer.Timers;
import dev.coterie.bench.peer.Timers.Job;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.HdrHistogram.Histogram;

/** Schedules timers, and says how late they fire. */
final class Firing {

    private static final int BATCH = 1000;

    private final String id;
    private final Timers timers;
    private final Output output;
    private final AtomicLong fired = new AtomicLong();
    private final Histogram lateness = new Histogram(3);

    Firing(String id, Timers timers, Output output) {
        this.id = id;
        this.timers = timers;
        this.output = output;
    }

    void listen() throws Exception {
        timers.onFire(this::fired);
        output.emit("FIRING", id);
    }

    private void fired(String job, long dueMillis) {
        Instant now = Instant.now();
        long micros = now.getEpochSecond() * 1_000_000 + now.getNano() / 1000;
        synchronized (lateness) {
            lateness.recordValue(Math.max(0, micros - dueMillis * 1000) * 1000);
        }
        fired.incrementAndGet();
    }

    void lateness() {
        synchronized (lateness) {
            output.emit("LATENESS", id, fired.get(), Output.quantiles(lateness));
        }
    }

    /**
     * Schedules jobs, so many a second from the first one on.
     *
     * @param threads each making single calls; 0 for batches
     */
    void schedule(String prefix, int n, long first, double perSecond, int threads) throws Exception {
        List<Job> jobs = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            jobs.add(new Job(prefix + "-" + i, first + (long) (i * 1000 / perSecond)));
        }
        long start = System.nanoTime();
        if (threads > 0) {
            Parallel.run(n, threads, i -> timers.schedule(jobs.get(i)));
        } else {
            for (int i = 0; i < n; i += BATCH) {
                timers.scheduleAll(jobs.subList(i, Math.min(n, i + BATCH)));
            }
        }
        output.emit("SCHEDULED", prefix, n, System.nanoTime() - start);
    }
}
