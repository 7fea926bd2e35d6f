package dev.coterie.cluster.work;

/** A task has no result; {@link #reason()} says why. */
public final class TaskFailed extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final Reason reason;

    /** Creates it. */
    public TaskFailed(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    /** Why. */
    public Reason reason() {
        return reason;
    }

    /** Why a task has no result. */
    public enum Reason {
        /** Not accepted, and will not be done unless the same id was accepted before: a bound is reached. */
        REFUSED,
        /** All attempts have failed: it is a dead letter. */
        DEAD,
        /** It was cancelled. */
        CANCELLED,
        /** It is not known: never submitted, or finished so long ago that it was forgotten. */
        UNKNOWN,
        /** May or may not be done: this node has left before it was told, or nobody has answered in time. */
        UNTOLD
    }
}
