/**
 * Spreads what comes from outside over workers: {@link dev.coterie.workers.traffic.LoadBalancer}. Level 4.
 */
@NullMarked
package dev.coterie.workers.traffic;

import org.jspecify.annotations.NullMarked;
