package dev.coterie.cluster.lan;

import java.time.Instant;
import java.util.Comparator;

/**
 * Who goes before whom when it comes to being master; the first in order first. The heaviest goes first. Among equals a
 * plain node-discover does, because it would not give way, and then the older.
 */
record Rank(double weight, boolean plain, Instant startedAt, String id) implements Comparable<Rank> {

    private static final Comparator<Rank> ORDER = Comparator.comparingDouble(Rank::weight)
            .reversed()
            .thenComparing(Rank::plain, Comparator.reverseOrder())
            .thenComparing(Rank::startedAt)
            .thenComparing(Rank::id);

    @Override
    public int compareTo(Rank other) {
        return ORDER.compare(this, other);
    }

    boolean isBefore(Rank other) {
        return compareTo(other) < 0;
    }
}
