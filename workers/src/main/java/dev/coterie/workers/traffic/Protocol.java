package dev.coterie.workers.traffic;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** How data come in. */
public enum Protocol {
    /** Datagrams. */
    UDP,
    /** Connections that others make; pieces of their data go to workers. */
    TCP_SERVER,
    /** One connection, made to a server; pieces of its data go to workers. */
    TCP_CLIENT,
    /** Connections that others make; each as a whole goes to one worker's own port. */
    PROXY;

    /**
     * Reads a name, such as {@code tcp_server}.
     *
     * @throws IllegalArgumentException says which there are
     */
    public static Protocol of(String name) {
        return Arrays.stream(values())
                .filter(protocol -> protocol.toString().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("choose one of "
                        + Arrays.stream(values()).map(Protocol::toString).collect(Collectors.joining(", "))));
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
