package dev.coterie.cluster.concurrent;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An event loop on one daemon thread of its own. */
public final class ThreadEventLoop implements EventLoop, AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(ThreadEventLoop.class);

    private final ScheduledThreadPoolExecutor executor;
    private final RandomGenerator random = new SplittableRandom(new SecureRandom().nextLong());
    private final AtomicLong failures = new AtomicLong();
    private volatile Thread thread = Thread.currentThread();

    /**
     * Starts the loop.
     *
     * @param name the thread's name, as it appears in a thread dump
     */
    public ThreadEventLoop(String name) {
        executor = new ScheduledThreadPoolExecutor(1, task -> {
            Thread created = new Thread(task, name);
            created.setDaemon(true);
            thread = created;
            return created;
        });
        executor.setRemoveOnCancelPolicy(true);
        executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        executor.prestartAllCoreThreads();
    }

    @Override
    public void execute(Runnable task) {
        try {
            executor.execute(() -> attempt(task));
        } catch (RejectedExecutionException closed) {
            log.debug("{} is closed; a task was dropped", this);
        }
    }

    @Override
    public Scheduled schedule(Duration delay, Runnable task) {
        try {
            Future<?> future =
                    executor.schedule(() -> attempt(task), Math.max(0, delay.toNanos()), TimeUnit.NANOSECONDS);
            return () -> future.cancel(false);
        } catch (RejectedExecutionException closed) {
            log.debug("{} is closed; a scheduled task was dropped", this);
            return Scheduled.NONE;
        }
    }

    @Override
    public boolean inLoop() {
        return Thread.currentThread() == thread;
    }

    @Override
    public Clock clock() {
        return Clock.system();
    }

    @Override
    public RandomGenerator random() {
        return random;
    }

    /** How many tasks have thrown since the start. Any thread. */
    public long failures() {
        return failures.get();
    }

    /**
     * Runs the tasks given so far, drops the scheduled ones, and ends the thread. Waits up to five seconds for that,
     * unless called from the loop itself. Any thread; a second call does nothing.
     */
    @Override
    public void close() {
        executor.shutdown();
        if (inLoop()) {
            return;
        }
        try {
            if (!executor.awaitTermination(5, TimeUnit.SECONDS)) {
                log.warn("{} did not end within 5 s; its thread is interrupted", this);
                executor.shutdownNow();
            }
        } catch (InterruptedException interrupted) {
            executor.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public String toString() {
        return "event loop " + thread.getName();
    }

    @Override
    public void attempt(Runnable part) {
        // The one place where whatever a task throws is caught: a loop must not die silently.
        try {
            part.run();
        } catch (Throwable failure) {
            failures.incrementAndGet();
            log.error("A task of {} failed; the loop goes on", this, failure);
        }
    }
}
