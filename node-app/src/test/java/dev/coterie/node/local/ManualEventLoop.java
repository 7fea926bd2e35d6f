package dev.coterie.node.local;

import dev.coterie.cluster.concurrent.Clock;
import dev.coterie.cluster.concurrent.EventLoop;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.random.RandomGenerator;

/** An event loop that a test drives by hand: nothing happens, and no time passes, unless it says so. */
public final class ManualEventLoop implements EventLoop {

    private static final Instant ORIGIN = Instant.parse("2026-01-01T00:00:00Z");

    private final PriorityQueue<Entry> queue =
            new PriorityQueue<>(Comparator.comparingLong(Entry::due).thenComparingLong(Entry::order));
    private final RandomGenerator random;
    private long now;
    private long order;

    /** Starts at the same instant every time, with chance that depends on the seed alone. */
    public ManualEventLoop(long seed) {
        random = new Random(seed);
    }

    @Override
    public void execute(Runnable task) {
        schedule(Duration.ZERO, task);
    }

    @Override
    public Scheduled schedule(Duration delay, Runnable task) {
        Entry entry = new Entry(now + Math.max(0, delay.toNanos()), order++, task);
        queue.add(entry);
        return () -> queue.remove(entry);
    }

    /** Runs everything that is due now. */
    public void run() {
        advance(Duration.ZERO);
    }

    /** Lets time pass, and runs everything that comes due meanwhile, each at its time. */
    public void advance(Duration duration) {
        long end = now + duration.toNanos();
        for (Entry next = queue.peek(); next != null && next.due <= end; next = queue.peek()) {
            queue.remove(next);
            now = Math.max(now, next.due);
            next.task.run();
        }
        now = end;
    }

    @Override
    public void attempt(Runnable part) {
        part.run();
    }

    @Override
    public boolean inLoop() {
        return true;
    }

    @Override
    public Clock clock() {
        return new Clock() {
            @Override
            public long nanoTime() {
                return now;
            }

            @Override
            public Instant now() {
                return ORIGIN.plusNanos(now);
            }
        };
    }

    @Override
    public RandomGenerator random() {
        return random;
    }

    private record Entry(long due, long order, Runnable task) {}
}
