package dev.coterie.etcd;

import org.jspecify.annotations.Nullable;

/** An etcd for development could not be found, started or asked; the message says what to do about it. */
public final class EtcdException extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final Kind kind;

    /** Creates it. */
    public EtcdException(Kind kind, String message) {
        this(kind, message, null);
    }

    /** Creates it with its cause. */
    public EtcdException(Kind kind, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    /** What went wrong. */
    public Kind kind() {
        return kind;
    }

    /** What went wrong. */
    public enum Kind {
        /** There is no such program on this machine, and it could not be fetched either. */
        NOT_FOUND,
        /** Somebody else listens on a port that was asked for. */
        PORT_TAKEN,
        /** It ended early, did not become healthy in time, or did not do what it was told. */
        FAILED
    }
}
