/**
 * Finds out that a node is dead long before its lease ends, and ends the lease. Level 4.
 *
 * <p>{@link dev.coterie.cluster.liveness.Liveness} is the thin shell: links, timers, etcd. What it is told it hands to
 * {@code FailureDetector}, which decides everything: members, sightings and the time in, actions out.
 */
@NullMarked
package dev.coterie.cluster.liveness;

import org.jspecify.annotations.NullMarked;
