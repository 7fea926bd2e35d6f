package dev.coterie.cluster.discovery;

/** What a master holds while it is master: one slot for one term. Thread-safe. */
public interface Mastership {

    /** The slot held, from 0. */
    int slot();

    /**
     * The fencing token: it is larger for every later mastership of the slot, so an outside system that remembers the
     * largest it has seen can refuse an old master.
     */
    long term();

    /**
     * Whether this node may still act as master by what it knows now. It turns false at the latest shortly before the
     * session could run out elsewhere, also when nothing is heard from the store. A write that must not be done twice
     * carries a guard all the same: between this answer and the write, time passes.
     */
    boolean isValid();
}
