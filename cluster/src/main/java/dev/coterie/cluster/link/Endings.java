package dev.coterie.cluster.link;

import dev.coterie.cluster.link.LinkException.Kind;
import io.grpc.Status;
import java.net.ConnectException;
import org.jspecify.annotations.Nullable;

/** How a link's end is said in gRPC's words, and how gRPC's words are understood. */
final class Endings {

    /** gRPC carries the text in a header, of which it takes a few kilobytes. */
    private static final int LONGEST_TEXT = 1000;

    private Endings() {}

    /** What the acceptor tells the opener. */
    static Status status(LinkException cause) {
        String text = String.valueOf(cause.getMessage());
        text = text.substring(0, Math.min(LONGEST_TEXT, text.length()));
        return switch (cause.kind()) {
            case CLOSED -> Status.OK;
            case REJECTED -> Status.FAILED_PRECONDITION.withDescription(text);
            case MALFORMED -> Status.INVALID_ARGUMENT.withDescription(text);
            case SILENT -> Status.DEADLINE_EXCEEDED.withDescription(text);
            default -> Status.ABORTED.withDescription(text);
        };
    }

    /**
     * What the opener makes of what it is told.
     *
     * @param opened whether the link was open before
     * @param where the other end, as {@code host:port}
     */
    static LinkException cause(Status status, boolean opened, String where) {
        String text = status.getDescription() == null ? status.getCode().name() : status.getDescription();
        return switch (status.getCode()) {
            case OK -> new LinkException(Kind.CLOSED, where + " has closed the link");
            case FAILED_PRECONDITION -> new LinkException(Kind.REJECTED, text);
            case INVALID_ARGUMENT, RESOURCE_EXHAUSTED ->
                new LinkException(Kind.MALFORMED, where + " could not read what was sent: " + text);
            case DEADLINE_EXCEEDED -> new LinkException(Kind.SILENT, where + ": " + text);
            case UNAVAILABLE -> unavailable(status, where, text);
            default -> broken(opened, where, text, status.getCause());
        };
    }

    private static LinkException unavailable(Status status, String where, String text) {
        for (Throwable cause = status.getCause(); cause != null; cause = cause.getCause()) {
            if (cause instanceof ConnectException
                    && String.valueOf(cause.getMessage()).contains("refused")) {
                return new LinkException(Kind.REFUSED, "nobody listens at " + where, cause);
            }
        }
        return broken(true, where, text, status.getCause());
    }

    private static LinkException broken(boolean connected, String where, String text, @Nullable Throwable cause) {
        return connected
                ? new LinkException(Kind.BROKEN, "the link to " + where + " broke: " + text, cause)
                : new LinkException(Kind.REJECTED, "what listens at " + where + " is no node: " + text, cause);
    }
}
