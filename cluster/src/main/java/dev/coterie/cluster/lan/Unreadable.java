package dev.coterie.cluster.lan;

/** A packet that is to be dropped. It may be thrown for every one of a flood, so it keeps no stack. */
final class Unreadable extends Exception {

    private static final long serialVersionUID = 1;

    private final DropReason reason;

    Unreadable(DropReason reason) {
        super(reason.name(), null, false, false);
        this.reason = reason;
    }

    DropReason reason() {
        return reason;
    }
}
