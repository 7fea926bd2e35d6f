package dev.coterie.cluster.concurrent;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An event loop on one daemon thread of its own.
 *
 * <p>Handing a task over is one lock-free insertion, and a wake-up only if the thread sleeps: every message that a node
 * receives comes this way, and with a {@code ScheduledThreadPoolExecutor} each hand-over took a third longer.
 */
public final class ThreadEventLoop implements EventLoop, AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(ThreadEventLoop.class);
    private static final long CLOSE_MILLIS = 5_000;

    private final Tasks tasks = new Tasks(this);
    private final AtomicBoolean asleep = new AtomicBoolean();
    private final RandomGenerator random = new SplittableRandom(new SecureRandom().nextLong());
    private final Thread thread;
    private final Waiting waiting;
    private volatile boolean closed;

    /**
     * Starts the loop.
     *
     * @param name the thread's name, as it appears in a thread dump
     */
    public ThreadEventLoop(String name) {
        this(name, Waiting.parked());
    }

    /**
     * Starts the loop.
     *
     * @param name the thread's name, as it appears in a thread dump
     * @param waiting what the thread does while there is no task
     */
    public ThreadEventLoop(String name, Waiting waiting) {
        this.waiting = waiting;
        thread = new Thread(this::loop, name);
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void execute(Runnable task) {
        if (closed) {
            log.debug("{} is closed; a task was dropped", this);
            return;
        }
        tasks.add(task);
        wake();
    }

    @Override
    public Scheduled schedule(Duration delay, Runnable task) {
        return tasks.schedule(delay, task);
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
        return tasks.failures();
    }

    /**
     * Runs the tasks given so far, drops the scheduled ones, and ends the thread. Waits up to five seconds for that,
     * unless called from the loop itself. Any thread; a second call does nothing.
     */
    @Override
    public void close() {
        closed = true;
        wake();
        if (inLoop()) {
            return;
        }
        try {
            thread.join(CLOSE_MILLIS);
            if (thread.isAlive()) {
                log.warn("{} did not end within {} ms; its thread is interrupted", this, CLOSE_MILLIS);
                abandon();
            }
        } catch (InterruptedException interrupted) {
            abandon();
            Thread.currentThread().interrupt();
        }
    }

    private void abandon() {
        tasks.clear();
        thread.interrupt();
    }

    private void loop() {
        while (true) {
            boolean timerRan = !closed && tasks.runDueTimer();
            if (!tasks.runNext()) {
                if (closed) {
                    return;
                }
                if (!timerRan) {
                    sleep();
                }
            }
        }
    }

    private void sleep() {
        // Else an interrupt that a task left behind would keep the thread awake for ever.
        Thread.interrupted();
        asleep.set(true);
        if (tasks.isEmpty() && !closed) {
            waiting.await(tasks.untilTimer());
        }
        asleep.set(false);
    }

    private void wake() {
        if (asleep.get() && asleep.compareAndSet(true, false)) {
            waiting.wake(thread);
        }
    }

    @Override
    public void attempt(Runnable part) {
        tasks.attempt(part);
    }

    @Override
    public String toString() {
        return "event loop " + thread.getName();
    }
}
