package dev.coterie.cluster.work;

/** What became of an attempt to cancel a task. */
public enum Cancelled {
    /** It will have no result; should it run now, its member was told to stop. */
    CANCELLED,
    /** It was finished before. */
    FINISHED,
    /** Nothing is known of it: it was never submitted, or finished long ago. */
    UNKNOWN
}
