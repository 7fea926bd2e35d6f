package dev.coterie.cluster.service;

import dev.coterie.cluster.concurrent.Backoff;
import java.time.Duration;

/**
 * How patient a {@link ServiceDiscovery} is.
 *
 * @param hookDeadline how long one call of a hook may take; then it has failed. At least a millisecond
 * @param retry how long until a hook that failed is called again
 * @param down how long an instance is not chosen after an error; longer if it fails again right after
 */
public record ServiceConfig(Duration hookDeadline, Backoff retry, Backoff down) {

    /** 30 s for a hook, called again after 1 s to 1 min; 1 to 30 s out of the choice. */
    public static final ServiceConfig DEFAULT = new ServiceConfig(
            Duration.ofSeconds(30),
            Backoff.doubling(Duration.ofSeconds(1), Duration.ofMinutes(1)),
            Backoff.doubling(Duration.ofSeconds(1), Duration.ofSeconds(30)));

    /** Checks what the components say of themselves. */
    public ServiceConfig {
        if (hookDeadline.compareTo(Duration.ofMillis(1)) < 0) {
            throw new IllegalArgumentException(
                    "hookDeadline: must be at least a millisecond, not " + hookDeadline + "; 30 s is usual");
        }
    }

    /** With another {@link #hookDeadline()}. */
    public ServiceConfig withHookDeadline(Duration newHookDeadline) {
        return new ServiceConfig(newHookDeadline, retry, down);
    }

    /** With another {@link #retry()}. */
    public ServiceConfig withRetry(Backoff newRetry) {
        return new ServiceConfig(hookDeadline, newRetry, down);
    }

    /** With another {@link #down()}. */
    public ServiceConfig withDown(Backoff newDown) {
        return new ServiceConfig(hookDeadline, retry, newDown);
    }
}
