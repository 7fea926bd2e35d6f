package dev.coterie.cluster.discovery;

/** A request on a channel got no answer; {@link #reason()} says whether it may have been carried out. */
public final class RequestFailed extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final Reason reason;

    /** Creates it. */
    public RequestFailed(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    /** Why there is no answer. */
    public Reason reason() {
        return reason;
    }

    /** Why there is no answer, and what it means. */
    public enum Reason {
        /** It was not sent: the member is gone or its queue is full. */
        NOT_SENT,
        /** It arrived, and nobody there answers on this channel. */
        NO_RESPONDER,
        /** The responder threw, or its answer could not be sent. */
        FAILED,
        /** No answer within the deadline: whether it was carried out is unknown. */
        UNKNOWN
    }
}
