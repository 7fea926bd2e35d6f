package dev.coterie.node.settings;

/** Something was set that will not do; the message names it, its value, and the remedy, for whoever set it. */
public final class UsageException extends RuntimeException {

    private static final long serialVersionUID = 1;

    /** Creates it. */
    public UsageException(String message) {
        super(message);
    }
}
