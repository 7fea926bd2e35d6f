/**
 * A log in the store with one writer, which a guard makes sure of. Level 2.
 */
@NullMarked
package dev.coterie.cluster.journal;

import org.jspecify.annotations.NullMarked;
