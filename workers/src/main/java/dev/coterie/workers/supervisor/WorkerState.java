package dev.coterie.workers.supervisor;

/**
 * Where a worker process is in its life. It goes from one to the next and may leave some out:
 *
 * <pre>
 * STARTING → LISTENING → DRAINING → GONE
 * </pre>
 */
public enum WorkerState {
    /** Forked, and not ready yet. */
    STARTING,
    /** Ready: it gets data and connections. */
    LISTENING,
    /** Told to end: it gets nothing more, and finishes what it has. */
    DRAINING,
    /** It has ended. */
    GONE;

    /** Whether it can be followed by another. */
    boolean before(WorkerState other) {
        return compareTo(other) < 0;
    }
}
