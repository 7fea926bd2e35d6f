/**
 * Multiply by three: the master sends tasks, the others work on them. State machines that an event loop drives, and
 * {@link dev.coterie.node.pipeline.Pipeline} which connects them to a cluster.
 */
@NullMarked
package dev.coterie.node.pipeline;

import org.jspecify.annotations.NullMarked;
