package dev.coterie.cluster.store;

import java.time.Duration;

/**
 * A lease that the store has granted.
 *
 * @param id not {@link #NONE}
 * @param ttl what was granted, which may be more than was asked for
 */
public record Lease(long id, Duration ttl) {

    /** The lease of a key that hangs on none. */
    public static final long NONE = 0;
}
