package dev.coterie.cluster.liveness;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** What came of looking at a node: of opening a link to it. */
public enum Sighting {
    /** It took the link. */
    REACHED,
    /** What answers there is another node, or the same one without a session. */
    OTHER,
    /** Nobody listens there: the process is gone. */
    REFUSED,
    /** No answer in time: the process, its host or the way to it stands still. */
    SILENT,
    /** Whoever was asked knows no such member. */
    UNKNOWN;

    /** Whether it speaks for the node being dead. */
    boolean missing() {
        return this == REFUSED || this == SILENT;
    }

    /** As the payload of a message. */
    byte[] payload() {
        return name().getBytes(StandardCharsets.UTF_8);
    }

    /** From the payload of a message; whatever a later version may say besides is {@link #UNKNOWN}. */
    static Sighting of(byte[] payload) {
        String name = new String(payload, StandardCharsets.UTF_8);
        return Arrays.stream(values())
                .filter(one -> one.name().equals(name))
                .findFirst()
                .orElse(UNKNOWN);
    }
}
