package dev.coterie.cluster.work;

/** What a task is doing, or what became of it. */
public enum TaskState {
    /** Not due yet: delayed, or between two attempts. */
    SCHEDULED(1),
    /** Due, and waiting for a member that can run it. */
    WAITING(2),
    /** With a member. */
    RUNNING(3),
    /** Done; its result is kept for a while. */
    COMPLETED(4),
    /** All its attempts have failed: a dead letter, kept until it is retried or dropped. */
    DEAD(5),
    /** Cancelled, or dropped after it had failed; this is remembered for a while. */
    CANCELLED(6);

    private static final TaskState[] ALL = values();

    private final byte code;

    TaskState(int code) {
        this.code = (byte) code;
    }

    /** Whether nothing happens to the task any more. */
    public boolean isFinal() {
        return this == COMPLETED || this == CANCELLED;
    }

    /** As it is sent. */
    byte code() {
        return code;
    }

    static TaskState of(byte code) {
        for (TaskState state : ALL) {
            if (state.code == code) {
                return state;
            }
        }
        throw new IllegalArgumentException("there is no state " + code);
    }
}
