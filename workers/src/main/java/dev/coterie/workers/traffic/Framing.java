package dev.coterie.workers.traffic;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** How the data of a TCP connection are cut into pieces for workers. */
public enum Framing {
    /** As they arrive. */
    RAW,
    /** A line each, without its end, which is a line feed; a carriage return before it goes too. */
    LINES,
    /** Four bytes of length, big-endian, then as many bytes. */
    LENGTH;

    /** The longest line or length; more ends the connection. */
    public static final int MOST_BYTES = 256 * 1024;

    /**
     * Reads a name, such as {@code lines}.
     *
     * @throws IllegalArgumentException says which there are
     */
    public static Framing of(String name) {
        return Arrays.stream(values())
                .filter(framing -> framing.toString().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("choose one of "
                        + Arrays.stream(values()).map(Framing::toString).collect(Collectors.joining(", "))));
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
