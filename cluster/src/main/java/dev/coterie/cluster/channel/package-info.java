/**
 * Named channels over links. Level 4.
 */
@NullMarked
package dev.coterie.cluster.channel;

import org.jspecify.annotations.NullMarked;
