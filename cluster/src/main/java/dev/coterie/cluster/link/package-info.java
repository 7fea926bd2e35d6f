/**
 * Ordered streams of messages between two nodes, and gRPC as what carries them. Level 1.
 */
@NullMarked
package dev.coterie.cluster.link;

import org.jspecify.annotations.NullMarked;
