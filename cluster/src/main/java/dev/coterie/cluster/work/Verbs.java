package dev.coterie.cluster.work;

/** What nodes and master say to each other; what follows each, in order. */
final class Verbs {

    // --- From a node to the master ----------------------------------------------------------------------------------

    /** A conversation begins: capacity, number of types, types. */
    static final byte HELLO = 1;

    /** A task is with this node: id, attempt. */
    static final byte RUNNING = 2;

    /** All that this node has was said. */
    static final byte READY = 3;

    /** A task or timer is to be done: see {@link Submission}. */
    static final byte SUBMIT = 4;

    /** The outcome of a task is awaited: id. */
    static final byte AWAIT = 5;

    /** A task is done: id, attempt, result. */
    static final byte DONE = 6;

    /** An attempt has failed: id, attempt, cause. */
    static final byte FAILED = 7;

    /** What this node can do has changed: as HELLO. */
    static final byte CAPACITY = 8;

    /** A question: number, {@link Question}, argument. */
    static final byte ASK = 9;

    // --- From the master to a node ----------------------------------------------------------------------------------

    /** A task is to be run: id, attempt, type, deadline in ms, due, lateness in ms, payload. */
    static final byte RUN = 16;

    /** A task is not wanted any more: id. */
    static final byte STOP = 17;

    /** What became of a task: id, {@link TaskState}, result or cause. */
    static final byte OUTCOME = 18;

    /** Nothing is known of an awaited task: id. */
    static final byte UNKNOWN = 19;

    /** A submission is refused: id, its number among those of this conversation, reason. */
    static final byte REFUSED = 20;

    /** The answer to a question: number, answer. */
    static final byte ANSWER = 21;

    /** Say hello again: something was lost on the way. */
    static final byte AGAIN = 22;

    private Verbs() {}
}
