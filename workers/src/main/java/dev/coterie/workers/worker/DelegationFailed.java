package dev.coterie.workers.worker;

/** A question to the supervisor has no answer; whether it was acted upon is not known. */
public final class DelegationFailed extends RuntimeException {

    private static final long serialVersionUID = 1;

    DelegationFailed(String message) {
        super(message);
    }
}
