package dev.coterie.cluster.lan;

import org.jspecify.annotations.Nullable;

/** A node cannot take part in its LAN; the message names the field, its value and the remedy. */
public final class LanException extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final Kind kind;

    LanException(Kind kind, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    /** What kind of trouble it is. */
    public Kind kind() {
        return kind;
    }

    /** What kinds there are. */
    public enum Kind {
        /** Another process has the port and does not share it. */
        PORT_TAKEN,
        /** The address is not this machine's, or the name of another cannot be resolved. */
        NO_SUCH_ADDRESS,
        /** The network refused. */
        NETWORK
    }
}
