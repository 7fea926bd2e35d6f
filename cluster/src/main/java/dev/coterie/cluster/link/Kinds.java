package dev.coterie.cluster.link;

/** The kinds of messages there are, so that no two features take the same one. */
public final class Kinds {

    /** To all who have joined a channel. */
    public static final byte CHANNEL = 1;

    /** A question to one member on a channel. */
    public static final byte REQUEST = 2;

    /** The answer to a question. */
    public static final byte ANSWER = 3;

    /** Why a question has no answer. */
    public static final byte REFUSAL = 4;

    /** To the master of tasks and timers. */
    public static final byte TO_MASTER = 24;

    /** From the master of tasks and timers. */
    public static final byte TO_NODE = 25;

    /** From the master of tasks and timers to who is to be the next: get ready. */
    public static final byte PREPARE = 26;

    /** The answer to that: ready. */
    public static final byte PREPARED = 27;

    /** A node is about to be the master of tasks and timers: open a link to it. */
    public static final byte MEET = 28;

    /** The answer to that. */
    public static final byte MET = 29;

    /** A node is there. */
    public static final byte HELLO = 16;

    /** A node that should say hello has not been heard. */
    public static final byte MISSED = 17;

    /** Look at another node, and say what you see. */
    public static final byte LOOK = 18;

    /** What came of a look. */
    public static final byte SEEN = 19;

    private Kinds() {}
}
