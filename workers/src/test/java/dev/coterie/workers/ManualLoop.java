package dev.coterie.workers;

import dev.coterie.cluster.concurrent.Clock;
import dev.coterie.cluster.concurrent.EventLoop;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.random.RandomGenerator;

/** An event loop on which time passes when the test says so. */
public final class ManualLoop implements EventLoop, Clock {

    private final PriorityQueue<Task> tasks =
            new PriorityQueue<>(Comparator.comparingLong(Task::due).thenComparingLong(Task::number));
    private final RandomGenerator random = new Random(1);
    private long now;
    private long made;

    private record Task(long due, long number, Runnable work) {}

    @Override
    public void execute(Runnable task) {
        schedule(Duration.ZERO, task);
    }

    @Override
    public Scheduled schedule(Duration delay, Runnable work) {
        Task task = new Task(now + Math.max(0, delay.toNanos()), made++, work);
        tasks.add(task);
        return () -> tasks.remove(task);
    }

    /** Lets time pass; whatever comes due meanwhile is run at its time. */
    public void advance(Duration time) {
        long end = now + time.toNanos();
        while (!tasks.isEmpty() && tasks.element().due() <= end) {
            Task next = tasks.remove();
            now = Math.max(now, next.due());
            next.work().run();
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
        return this;
    }

    @Override
    public long nanoTime() {
        return now;
    }

    @Override
    public Instant now() {
        return Instant.EPOCH.plusNanos(now);
    }

    @Override
    public RandomGenerator random() {
        return random;
    }
}
