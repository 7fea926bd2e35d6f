/** The program of a node's JVM, which does what the driver tells it and reports what happened. */
@NullMarked
package dev.coterie.bench.agent;

import org.jspecify.annotations.NullMarked;
