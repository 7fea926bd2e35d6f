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

    private Kinds() {}
}
