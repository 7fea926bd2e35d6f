package dev.coterie.workers.supervisor;

import dev.coterie.cluster.concurrent.EventLoop.Scheduled;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** A worker, as which one process after another serves. */
final class Slot {

    private final int number;
    private final String name;

    /** When its processes crashed within the last window, on the monotonic clock. */
    private final Deque<Long> crashes = new ArrayDeque<>();

    /** Who serves, or starts to; null while there is nobody. */
    @Nullable
    WorkerProcess current;

    /** Who will, when ready, instead of the current one. */
    @Nullable
    WorkerProcess successor;

    /** The fork that waits for its time. */
    Scheduled next = Scheduled.NONE;

    /** Whether {@link #next} has yet to come. */
    boolean waits;

    long generations;

    /** How many processes were forked in place of one that had crashed. */
    long restarts;

    /** How many successors in a row were never ready. */
    int failedSuccessors;

    Slot(int number, String name) {
        this.number = number;
        this.name = name;
    }

    int number() {
        return number;
    }

    String name() {
        return name;
    }

    /**
     * Notes a crash.
     *
     * @return how many there were within the window, this one included
     */
    int crashed(long now, long window) {
        crashes.add(now);
        while (now - crashes.element() > window) {
            crashes.remove();
        }
        return crashes.size();
    }
}
