package dev.coterie.workers.supervisor;

import java.time.Duration;

/**
 * How workers show that they are alive.
 *
 * @param interval how often they say so; default 60 s
 * @param deadAfter how long one may be silent before it is replaced; default 180 s, more than {@code interval}
 */
public record Heartbeats(Duration interval, Duration deadAfter) {

    /** The defaults. */
    public static final Heartbeats DEFAULT = new Heartbeats(Duration.ofSeconds(60), Duration.ofSeconds(180));

    /** Checks that a heartbeat has time to come. */
    public Heartbeats {
        if (interval.isNegative() || interval.isZero() || deadAfter.compareTo(interval) <= 0) {
            throw new IllegalArgumentException(
                    "heartbeats: deadAfter must be more than interval, and that positive, not " + deadAfter + " and "
                            + interval);
        }
    }
}
