package dev.coterie.cluster.concurrent;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long to wait before the next attempt: {@code first}, then {@code factor} times as long after every failure up to
 * {@code most}, each shortened at random by up to {@code jitter} of itself so that many clients do not return at once.
 *
 * @param first the wait after the first failure; positive
 * @param most the longest wait; at least {@code first}
 * @param factor by how much each wait grows; at least 1
 * @param jitter the share that chance may take away, from 0 (none) to 1 (all)
 */
public record Backoff(Duration first, Duration most, double factor, double jitter) {

    /** Checks what the components say of themselves. */
    public Backoff {
        if (first.isNegative() || first.isZero() || most.compareTo(first) < 0) {
            throw new IllegalArgumentException(
                    "backoff: first must be positive and at most " + most + ", not " + first);
        }
        if (factor < 1 || jitter < 0 || jitter > 1) {
            throw new IllegalArgumentException(
                    "backoff: factor must be at least 1 and jitter within 0..1, not " + factor + " and " + jitter);
        }
    }

    /** Doubling from {@code first} to {@code most}, half of it left to chance. */
    public static Backoff doubling(Duration first, Duration most) {
        return new Backoff(first, most, 2, 0.5);
    }

    /**
     * The wait before the next attempt.
     *
     * @param failures how many attempts in a row have failed, from 1
     */
    public Duration delay(int failures, RandomGenerator random) {
        double nanos = Math.min((double) most.toNanos(), first.toNanos() * Math.pow(factor, Math.max(0, failures - 1)));
        return Duration.ofNanos((long) (nanos * (1 - jitter * random.nextDouble())));
    }
}
