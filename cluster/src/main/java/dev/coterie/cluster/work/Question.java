package dev.coterie.cluster.work;

/** What a node can ask the master about a task. */
enum Question {
    /** Cancel it: a {@link Cancelled}. */
    CANCEL(1),
    /** Clear the timer: a {@link Cleared}. */
    CLEAR(2),
    /** What is it doing: a {@link TaskInfo} as JSON, or nothing. */
    FIND(3),
    /** Which are there, see {@link TaskQuery}: a {@link TaskPage} as JSON. */
    LIST(4),
    /** Try a dead letter again: true or false. */
    RETRY(5),
    /** Drop a dead letter: true or false. */
    DROP(6),
    /** Why is it where it is: lines. */
    EXPLAIN(7),
    /** How much is there, and what has happened behind a number: a {@link TaskCounts} as JSON. */
    COUNT(8);

    private static final Question[] ALL = values();

    private final byte code;

    Question(int code) {
        this.code = (byte) code;
    }

    /** As it is sent. */
    byte code() {
        return code;
    }

    /**
     * Whether somebody will act on the answer, so that a master that was replaced without knowing it must not give one;
     * the others are to look at, also while the store cannot be reached.
     */
    boolean needsCertainty() {
        return this == CANCEL || this == CLEAR || this == RETRY || this == DROP;
    }

    static Question of(byte code) {
        for (Question question : ALL) {
            if (question.code == code) {
                return question;
            }
        }
        throw new IllegalArgumentException("there is no question " + code);
    }
}
