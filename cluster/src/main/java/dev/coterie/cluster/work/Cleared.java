package dev.coterie.cluster.work;

/** What became of an attempt to clear a timer. */
public enum Cleared {
    /** It has not fired and never will. */
    CLEARED,
    /** It has fired. */
    FIRED,
    /** Nothing is known of it: it was never set, or fired long ago. */
    UNKNOWN
}
