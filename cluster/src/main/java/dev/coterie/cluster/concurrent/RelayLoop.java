package dev.coterie.cluster.concurrent;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An event loop and the loop of its callbacks, on two daemon threads that relieve one another.
 *
 * <p>One thread does everything: it sees to sockets and timers, runs tasks, and then the callbacks. So what comes in is
 * read, handled and answered without being handed to another thread, which takes longer than all the rest. The other
 * thread sleeps. When callbacks hold the loop up for longer than ten milliseconds it takes the loop over, and the first
 * goes on with the callbacks until there are none, and sleeps in its turn. So callbacks may take their time, as they may
 * where they have a thread of their own, and still run one at a time and in order.
 */
public final class RelayLoop implements EventLoop, AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(RelayLoop.class);
    private static final long CLOSE_MILLIS = 5_000;

    /** For how long callbacks may hold the loop up. A shorter time costs more looks, which are in the way. */
    private static final long PATIENCE_NANOS = Duration.ofMillis(10).toNanos();

    /** After how many looks without callbacks in between the other thread sleeps until it is woken, which costs more. */
    private static final int LOOKS = 3;

    /** After so many tasks or callbacks it is the turn of the others, and of the sockets. */
    private static final int MOST_AT_ONCE = 64;

    /** In {@link #away}: whose the loop is sees to it. */
    private static final long HERE = 0;

    private final Tasks tasks = new Tasks(this);
    private final Callbacks callbacks = new Callbacks();
    private final RandomGenerator random = new SplittableRandom(new SecureRandom().nextLong());
    private final AtomicBoolean asleep = new AtomicBoolean();

    /** Since when whose the loop is runs callbacks; whoever makes it {@link #HERE} again has the loop. */
    private final AtomicLong away = new AtomicLong(HERE);

    /** Since when it did so last. */
    private volatile long lastAway;

    private final CountDownLatch ended = new CountDownLatch(1);
    private final String name;
    private final Waiting waiting;
    private final Worker first;
    private final Worker second;
    private volatile Thread leader;
    private volatile boolean closed;

    /**
     * Starts the loop.
     *
     * @param name of the threads, with a number each
     * @param waiting what the loop does while there is no task; what it finds it may handle at once, as a task would
     */
    public RelayLoop(String name, Waiting waiting) {
        this.name = name;
        this.waiting = waiting;
        this.first = new Worker(name + "-1");
        this.second = new Worker(name + "-2");
        this.leader = first;
        first.beginBeside(second, true);
        second.beginBeside(first, false);
    }

    /** Where callbacks go: one at a time, in order. What holds it up does not hold up the loop. */
    public EventLoop callbacks() {
        return callbacks;
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
    public void attempt(Runnable part) {
        tasks.attempt(part);
    }

    @Override
    public boolean inLoop() {
        return Thread.currentThread() instanceof Worker worker && worker.isOf(this) && worker.leading;
    }

    @Override
    public Clock clock() {
        return Clock.system();
    }

    @Override
    public RandomGenerator random() {
        return random;
    }

    /** Whoever has the loop looks for tasks before it sleeps. */
    private void wake() {
        if (asleep.get() && !inLoop() && asleep.compareAndSet(true, false)) {
            waiting.wake(leader);
        }
    }

    /**
     * Runs the tasks given so far, drops the scheduled ones, runs the callbacks, and ends the threads. Waits up to five
     * seconds for the tasks, unless called by one, and as long for the callbacks, unless called by one. Any thread; a
     * second call does nothing.
     */
    @Override
    public void close() {
        closed = true;
        wake();
        if (inLoop()) {
            return;
        }
        try {
            boolean over = ended.await(CLOSE_MILLIS, TimeUnit.MILLISECONDS);
            if (over && Thread.currentThread() instanceof Worker worker && worker.isOf(this)) {
                return;
            }
            long end = clock().nanoTime() + TimeUnit.MILLISECONDS.toNanos(CLOSE_MILLIS);
            for (Worker worker : new Worker[] {first, second}) {
                TimeUnit.NANOSECONDS.timedJoin(worker, over ? end - clock().nanoTime() : 1);
            }
            if (first.isAlive() || second.isAlive()) {
                log.warn("{} did not end within {} ms; its threads are interrupted", this, CLOSE_MILLIS);
                abandon();
            }
        } catch (InterruptedException interrupted) {
            abandon();
            Thread.currentThread().interrupt();
        }
    }

    private void abandon() {
        tasks.clear();
        callbacks.tasks.clear();
        first.interrupt();
        second.interrupt();
    }

    @Override
    public String toString() {
        return "event loop " + name;
    }

    /** One of the threads. */
    private final class Worker extends Thread {

        private Worker other = this;
        private boolean begins;
        private volatile boolean resting;

        /** Whether it has the loop, and is not away with callbacks. Only its own thread asks. */
        private boolean leading;

        /** Whether it runs callbacks. Only its own thread asks. */
        private boolean calling;

        Worker(String name) {
            super(name);
            setDaemon(true);
        }

        void beginBeside(Worker with, boolean leads) {
            other = with;
            begins = leads;
            start();
        }

        boolean isOf(RelayLoop loop) {
            return loop == RelayLoop.this;
        }

        @Override
        public void run() {
            if (begins || relieves()) {
                do {
                    leader = this;
                    leading = true;
                    while (turn()) {
                        // There is a next one.
                    }
                    leading = false;
                } while (relieves());
            }
        }

        // --- With the loop ------------------------------------------------------------------------------------------

        /** Says whether there is a next turn, and it is this thread's. */
        private boolean turn() {
            if (!closed) {
                tasks.runDueTimer();
            }
            for (int i = 0; i < MOST_AT_ONCE && tasks.runNext(); i++) {
                // The timers' turn comes soon.
            }
            if (callbacks.begin() && !call()) {
                return false;
            }
            if (closed && tasks.isEmpty()) {
                end();
                return false;
            }
            sleep();
            return true;
        }

        /** Runs callbacks; says whether the loop is still this thread's. */
        private boolean call() {
            long since = clock().nanoTime() | 1;
            leading = false;
            calling = true;
            lastAway = since;
            away.set(since);
            if (other.resting) {
                LockSupport.unpark(other);
            }
            callbacks.run();
            boolean stays = away.compareAndSet(since, HERE);
            if (stays) {
                // What is left is for the next turn.
                callbacks.end();
            } else {
                callbacks.runAll();
            }
            calling = false;
            leading = stays;
            return stays;
        }

        private void end() {
            ended.countDown();
            LockSupport.unpark(other);
            leading = false;
            if (callbacks.begin()) {
                calling = true;
                callbacks.runAll();
                calling = false;
            }
        }

        private void sleep() {
            // Else an interrupt that a task left behind would keep the thread awake for ever.
            Thread.interrupted();
            asleep.set(true);
            boolean busy = closed || !tasks.isEmpty() || callbacks.areWaiting();
            attempt(() -> waiting.await(busy ? 0 : tasks.untilTimer()));
            asleep.set(false);
        }

        // --- Without ------------------------------------------------------------------------------------------------

        /** Waits until the other thread is held up; false if the loop has ended. */
        private boolean relieves() {
            int looks = 0;
            long before = lastAway;
            while (ended.getCount() > 0) {
                Thread.interrupted();
                long since = away.get();
                long left = since == HERE ? PATIENCE_NANOS : PATIENCE_NANOS - (clock().nanoTime() - since);
                if (left <= 0) {
                    if (away.compareAndSet(since, HERE)) {
                        return true;
                    }
                } else if (looks < LOOKS) {
                    LockSupport.parkNanos(this, left);
                    looks = lastAway == before ? looks + 1 : 0;
                    before = lastAway;
                } else {
                    rest();
                    looks = 0;
                }
            }
            return false;
        }

        private void rest() {
            resting = true;
            if (away.get() == HERE && ended.getCount() > 0) {
                LockSupport.park(this);
            }
            resting = false;
        }
    }

    /** The callbacks that wait. */
    private final class Callbacks implements EventLoop {

        private final Tasks tasks = new Tasks(this);

        /** Whether one of the threads runs them. */
        private final AtomicBoolean busy = new AtomicBoolean();

        @Override
        public void execute(Runnable task) {
            if (ended.getCount() == 0) {
                log.debug("{} is closed; a callback was dropped", this);
                return;
            }
            tasks.add(task);
            if (!busy.get()) {
                wake();
            }
        }

        /** Whether there are some that nobody runs. */
        boolean areWaiting() {
            return !tasks.isEmpty() && !busy.get();
        }

        /** Whether there are some, and they are for the caller to run. */
        boolean begin() {
            return areWaiting() && busy.compareAndSet(false, true);
        }

        void end() {
            busy.set(false);
        }

        /** After {@link #begin}; {@link #end} comes after it. */
        void run() {
            for (int i = 0; i < MOST_AT_ONCE && tasks.runNext(); i++) {
                // The loop is looked after again soon.
            }
        }

        /** After {@link #begin}; ends by itself, with what comes meanwhile. */
        void runAll() {
            do {
                while (tasks.runNext()) {
                    // There may be more.
                }
                end();
            } while (begin());
        }

        @Override
        public Scheduled schedule(Duration delay, Runnable task) {
            return RelayLoop.this.schedule(delay, () -> execute(task));
        }

        @Override
        public void attempt(Runnable part) {
            tasks.attempt(part);
        }

        @Override
        public boolean inLoop() {
            return Thread.currentThread() instanceof Worker worker && worker.isOf(RelayLoop.this) && worker.calling;
        }

        @Override
        public Clock clock() {
            return RelayLoop.this.clock();
        }

        @Override
        public RandomGenerator random() {
            return random;
        }

        @Override
        public String toString() {
            return "callbacks of " + name;
        }
    }
}
