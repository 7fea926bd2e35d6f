/**
 * Chooses who gets the next thing. Level 0.
 */
@NullMarked
package dev.coterie.cluster.balance;

import org.jspecify.annotations.NullMarked;
