/**
 * The only place with threads and the time: {@link dev.coterie.cluster.concurrent.EventLoop},
 * {@link dev.coterie.cluster.concurrent.Clock}, {@link dev.coterie.cluster.concurrent.Backoff}. Level 0.
 */
@NullMarked
package dev.coterie.cluster.concurrent;

import org.jspecify.annotations.NullMarked;
