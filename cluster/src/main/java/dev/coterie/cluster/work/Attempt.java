package dev.coterie.cluster.work;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One run of a task on this node. The thread that runs it and the loop that stops it when it takes too long meet under
 * its monitor, so that an interrupt never hits the task that follows.
 */
final class Attempt {

    final String id;
    final int run;
    final String type;
    final byte[] payload;
    final TaskRun told;
    private final long deadlineNanos;

    private long startedAt;
    private @Nullable Thread thread;
    private boolean over;

    /** What came of it; one of the two. Written before it is handed to the loop. */
    volatile byte @Nullable [] result;

    volatile @Nullable String cause;

    Attempt(String id, int run, String type, byte[] payload, TaskRun told, long deadlineMillis) {
        this.id = id;
        this.run = run;
        this.type = type;
        this.payload = payload;
        this.told = told;
        this.deadlineNanos = Duration.ofMillis(deadlineMillis).toNanos();
    }

    /** This thread begins with it; false if nobody wants it any more. */
    synchronized boolean start(long now) {
        if (over) {
            return false;
        }
        startedAt = now;
        thread = Thread.currentThread();
        return true;
    }

    /** The thread is through with it; false if nobody waits for it any more. */
    synchronized boolean end() {
        thread = null;
        if (over) {
            // Left behind by whoever stopped it.
            Thread.interrupted();
            return false;
        }
        over = true;
        return true;
    }

    /** Nobody wants it any more. */
    synchronized void stop() {
        over = true;
        if (thread != null) {
            thread.interrupt();
        }
    }

    /** Stops it if it has taken too long. */
    synchronized boolean isGivenUp(long now) {
        if (over || thread == null || now - startedAt <= deadlineNanos) {
            return false;
        }
        cause = "it took longer than its deadline of "
                + Duration.ofNanos(deadlineNanos).toMillis() + " ms";
        stop();
        return true;
    }
}
