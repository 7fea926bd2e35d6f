package dev.coterie.cluster.concurrent;

import java.time.Duration;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a loop has to do: tasks in their order, and timers once they are due. On the loop, but for what says otherwise. */
final class Tasks {

    private static final Logger log = LoggerFactory.getLogger(Tasks.class);

    private final EventLoop of;
    private final ConcurrentLinkedQueue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final TreeSet<Timer> timers = new TreeSet<>();
    private final AtomicLong timersMade = new AtomicLong();
    private final AtomicLong failures = new AtomicLong();

    /** @param of the loop, for the log, its clock, and to change the timers on it */
    Tasks(EventLoop of) {
        this.of = of;
    }

    /** Any thread. */
    void add(Runnable task) {
        tasks.add(task);
    }

    /** Any thread. */
    boolean isEmpty() {
        return tasks.isEmpty();
    }

    /** Any thread. */
    void clear() {
        tasks.clear();
    }

    /** Runs the next task; says whether there was one. */
    boolean runNext() {
        Runnable task = tasks.poll();
        if (task == null) {
            return false;
        }
        attempt(task);
        return true;
    }

    /** As {@link EventLoop#schedule}. Any thread. */
    EventLoop.Scheduled schedule(Duration delay, Runnable task) {
        Timer timer =
                new Timer(of.clock().nanoTime() + Math.max(0, delay.toNanos()), timersMade.getAndIncrement(), task);
        changeTimers(() -> timers.add(timer));
        return () -> changeTimers(() -> timers.remove(timer));
    }

    private void changeTimers(Runnable change) {
        if (of.inLoop()) {
            change.run();
        } else {
            of.execute(change);
        }
    }

    /** One at most, so that timers that renew themselves leave room for tasks. Says whether one was due. */
    boolean runDueTimer() {
        if (untilTimer() > 0) {
            return false;
        }
        attempt(timers.pollFirst().task());
        return true;
    }

    /** How long until the next timer is due, in ns; zero if it is, {@code Long.MAX_VALUE} if there is none. */
    long untilTimer() {
        return timers.isEmpty()
                ? Long.MAX_VALUE
                : Math.max(0, timers.first().due() - of.clock().nanoTime());
    }

    /** As {@link EventLoop#attempt}. Any thread. */
    void attempt(Runnable part) {
        // The one place where whatever a task throws is caught: a loop must not die silently.
        try {
            part.run();
        } catch (Throwable failure) {
            failures.incrementAndGet();
            log.error("A task of {} failed; the loop goes on", of, failure);
        }
    }

    /** How many have thrown. Any thread. */
    long failures() {
        return failures.get();
    }

    /**
     * A task that waits.
     *
     * @param due when, on the monotonic clock
     * @param number tells timers apart that are due together, and keeps their order
     */
    private record Timer(long due, long number, Runnable task) implements Comparable<Timer> {

        @Override
        public int compareTo(Timer other) {
            int byDue = Long.signum(due - other.due);
            return byDue != 0 ? byDue : Long.compare(number, other.number);
        }
    }
}
