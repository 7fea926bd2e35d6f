package dev.coterie.cluster.store;

/** The store did not do what it was asked; {@link #kind()} says what the caller can know and do. */
public final class StoreException extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final Kind kind;
    private final long compactRevision;

    /** Creates it. */
    public StoreException(Kind kind, String message) {
        this(kind, message, 0, null);
    }

    /** Creates it with its cause. */
    public StoreException(Kind kind, String message, Throwable cause) {
        this(kind, message, 0, cause);
    }

    private StoreException(
            Kind kind, String message, long compactRevision, @org.jspecify.annotations.Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
        this.compactRevision = compactRevision;
    }

    /** One of kind {@link Kind#COMPACTED}. */
    public static StoreException compacted(long compactRevision, String message) {
        return new StoreException(Kind.COMPACTED, message, compactRevision, null);
    }

    @Override
    public String getMessage() {
        return String.valueOf(super.getMessage());
    }

    /** What the caller can know and do. */
    public Kind kind() {
        return kind;
    }

    /** For {@link Kind#COMPACTED}: the oldest revision that can still be read; 0 if it is not known. */
    public long compactRevision() {
        return compactRevision;
    }

    /** What the caller can know and do. */
    public enum Kind {
        /** Not done, and may be tried again: the store cannot be reached or is not ready. */
        UNAVAILABLE,
        /** May or may not have been done: the answer did not come. Look before trying again. */
        OUTCOME_UNKNOWN,
        /** Not done: the lease is gone. */
        LEASE_NOT_FOUND,
        /** Not done: the revision asked for has been compacted away. */
        COMPACTED,
        /** Not done: the store has no space left for writing; an operator has to make some. */
        NO_SPACE,
        /** Not done, and will not be: the request breaks a limit of the store or its rules. */
        REFUSED,
        /** Not done: what answers there does not speak etcd's protocol. */
        NOT_ETCD,
        /** Not done: this store was closed. */
        CLOSED
    }
}
