package dev.coterie.cluster.liveness;

import java.time.Duration;

/**
 * How soon a silent node is doubted.
 *
 * @param hello how often a node says to those who watch it that it is there
 * @param nodeTimeout how long a node may be silent before it is suspected
 * @param masterTimeout the same for a master
 */
public record LivenessConfig(Duration hello, Duration nodeTimeout, Duration masterTimeout) {

    /** How long one look may take at least and at most, and which part of the timeout it is in between. */
    private static final Duration SHORTEST_LOOK = Duration.ofMillis(100);

    private static final Duration LONGEST_LOOK = Duration.ofMillis(500);
    private static final int LOOKS_PER_TIMEOUT = 8;

    /** How long a node may stand still without being taken for dead, though its last hello was about to be sent. */
    public Duration pause() {
        Duration shorter = nodeTimeout.compareTo(masterTimeout) < 0 ? nodeTimeout : masterTimeout;
        return shorter.minus(hello);
    }

    /** How long another node may take to answer a look before it counts as silent. */
    Duration look() {
        Duration part = nodeTimeout.dividedBy(LOOKS_PER_TIMEOUT);
        if (part.compareTo(SHORTEST_LOOK) < 0) {
            return SHORTEST_LOOK;
        }
        return part.compareTo(LONGEST_LOOK) > 0 ? LONGEST_LOOK : part;
    }
}
