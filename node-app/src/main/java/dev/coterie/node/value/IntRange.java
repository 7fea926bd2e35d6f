package dev.coterie.node.value;

import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * From one number to another, both included.
 *
 * @param to at least {@code from}
 */
public record IntRange(int from, int to) {

    private static final Pattern FORM = Pattern.compile("(-?\\d{1,9})(?:\\.\\.(-?\\d{1,9}))?");

    /** Checks what the components say of themselves. */
    public IntRange {
        if (to < from) {
            throw new IllegalArgumentException("write the smaller one first, such as 30..60");
        }
    }

    /**
     * Reads one, such as {@code 30..60}; a single number is a range of itself.
     *
     * @throws IllegalArgumentException says how to write it
     */
    public static IntRange parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("write two whole numbers, such as 30..60");
        }
        int from = Integer.parseInt(matcher.group(1));
        String to = matcher.group(2);
        return new IntRange(from, to == null ? from : Integer.parseInt(to));
    }

    /** One of them by chance. */
    public int pick(RandomGenerator random) {
        return (int) random.nextLong(from, to + 1L);
    }

    /** As {@link #parse} reads it. */
    @Override
    public String toString() {
        return from + ".." + to;
    }
}
