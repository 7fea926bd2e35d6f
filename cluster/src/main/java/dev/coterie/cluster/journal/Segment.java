package dev.coterie.cluster.journal;

/**
 * One value of the journal in the store, and how much of it is still needed. Whoever appends keeps it, to {@link
 * Journal#release} its records. On the loop.
 */
public final class Segment {

    private final long sequence;

    /** Bytes of all its records and of those still needed, each with its line end. */
    private int size;

    private int live;

    /** It may be deleted when the segment with this sequence is in the store: what replaced its records is there. */
    private long replacedBy;

    private long revision;

    Segment(long sequence) {
        this.sequence = sequence;
    }

    /** Its number; grows by one from segment to segment. */
    public long sequence() {
        return sequence;
    }

    /** The store's with which it was written; 0 as long as it is not known to be. */
    public long revision() {
        return revision;
    }

    void wrote(long atRevision) {
        revision = atRevision;
    }

    int size() {
        return size;
    }

    int live() {
        return live;
    }

    long replacedBy() {
        return replacedBy;
    }

    void add(int bytes) {
        size += bytes;
        live += bytes;
    }

    void release(int bytes, long replacement) {
        live -= bytes;
        replacedBy = Math.max(replacedBy, replacement);
    }

    @Override
    public String toString() {
        return "segment " + sequence + ", " + live + " of " + size + " bytes live";
    }
}
