package dev.coterie.node.value;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * From one duration to another, both included.
 *
 * @param from not negative
 * @param to at least {@code from}
 */
public record DurationRange(Duration from, Duration to) {

    /** Checks what the components say of themselves. */
    public DurationRange {
        if (from.isNegative() || to.compareTo(from) < 0) {
            throw new IllegalArgumentException("write the shorter one first, such as 1s..15s");
        }
    }

    /**
     * Reads one, such as {@code 1s..15s}; a single duration is a range of itself.
     *
     * @throws IllegalArgumentException says how to write it
     */
    public static DurationRange parse(String text) {
        String[] ends = text.split("\\.\\.", 2);
        Duration from = DurationText.parse(ends[0]);
        return new DurationRange(from, ends.length == 1 ? from : DurationText.parse(ends[1]));
    }

    /** One of them by chance, in whole milliseconds. */
    public Duration pick(RandomGenerator random) {
        return Duration.ofMillis(random.nextLong(from.toMillis(), to.toMillis() + 1));
    }

    /** As {@link #parse} reads it. */
    @Override
    public String toString() {
        return DurationText.of(from) + ".." + DurationText.of(to);
    }
}
