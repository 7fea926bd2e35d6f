package dev.coterie.cluster.store;

import dev.coterie.cluster.store.StoreException.Kind;
import io.grpc.Status;
import io.grpc.Status.Code;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Reads out of a gRPC status what the caller can know. The texts are those of etcd's {@code rpctypes}. */
final class EtcdErrors {

    private static final Pattern COMPACTED = Pattern.compile("compacted(?: revision:? (\\d+))?");

    private EtcdErrors() {}

    /**
     * What a failed call means.
     *
     * @param call what was asked, for the message
     * @param mayHaveHappened whether the request writes and has left this process
     */
    static StoreException of(String call, Status status, boolean mayHaveHappened) {
        String text = Stream.of(
                        status.getDescription(),
                        status.getCause() == null ? null : status.getCause().getMessage())
                .filter(Objects::nonNull)
                .distinct()
                .collect(Collectors.joining(": "));
        String message = "etcd: " + call + ": " + status.getCode() + (text.isEmpty() ? "" : ": " + text);
        Kind kind = kind(status.getCode(), text, mayHaveHappened);
        if (kind == Kind.COMPACTED) {
            Matcher matcher = COMPACTED.matcher(text);
            return StoreException.compacted(
                    matcher.find() && matcher.group(1) != null ? Long.parseLong(matcher.group(1)) : 0, message);
        }
        return status.getCause() == null
                ? new StoreException(kind, message)
                : new StoreException(kind, message, status.getCause());
    }

    private static Kind kind(Code code, String text, boolean mayHaveHappened) {
        if (text.contains("not SETTINGS") || code == Code.UNIMPLEMENTED || text.contains("HTTP status code")) {
            return Kind.NOT_ETCD;
        }
        if (text.contains("requested lease not found")) {
            return Kind.LEASE_NOT_FOUND;
        }
        if (text.contains("has been compacted")) {
            return Kind.COMPACTED;
        }
        if (text.contains("database space exceeded")) {
            return Kind.NO_SPACE;
        }
        return switch (code) {
            case INVALID_ARGUMENT,
                    FAILED_PRECONDITION,
                    OUT_OF_RANGE,
                    PERMISSION_DENIED,
                    UNAUTHENTICATED,
                    ALREADY_EXISTS,
                    NOT_FOUND -> Kind.REFUSED;
            case RESOURCE_EXHAUSTED -> text.contains("too many requests") ? Kind.UNAVAILABLE : Kind.REFUSED;
            default -> mayHaveHappened ? Kind.OUTCOME_UNKNOWN : Kind.UNAVAILABLE;
        };
    }
}
