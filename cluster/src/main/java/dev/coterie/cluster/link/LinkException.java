package dev.coterie.cluster.link;

import org.jspecify.annotations.Nullable;

/** A link could not be made, or has ended; {@link #kind()} says how. */
public final class LinkException extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final Kind kind;

    /** Creates it. */
    public LinkException(Kind kind, String message) {
        this(kind, message, null);
    }

    /** Creates it with its cause. */
    public LinkException(Kind kind, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    /** How it ended. */
    public Kind kind() {
        return kind;
    }

    /** How it ended, and what that says of the other node. */
    public enum Kind {
        /** One of the two ends closed it in order. */
        CLOSED,
        /** Nobody listens there: the process is gone. */
        REFUSED,
        /** Another node listens there, or it does not want the link. */
        REJECTED,
        /** The connection broke: the process or the way to it is gone. */
        BROKEN,
        /** No answer in time: the process, its host or the way to it stands still. */
        SILENT,
        /** The other end sent what is not allowed. */
        MALFORMED,
        /** The port to listen on is taken by another process. */
        PORT_TAKEN,
        /** The address to listen on is none of this machine's. */
        NOT_LOCAL
    }
}
