/**
 * Benchmarks of the parts as an application meets them: between processes, through the callback thread.
 */
@NullMarked
package dev.coterie.node.bench;

import org.jspecify.annotations.NullMarked;
