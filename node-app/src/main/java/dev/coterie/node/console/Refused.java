package dev.coterie.node.console;

/** A request cannot be answered as it was made; the message says why, and what would do. */
public final class Refused extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final int status;

    /** Creates it with an HTTP status. */
    public Refused(int status, String message) {
        super(message);
        this.status = status;
    }

    /** What was asked makes no sense. */
    public static Refused malformed(String message) {
        return new Refused(400, message);
    }

    /** The HTTP status. */
    public int status() {
        return status;
    }
}
