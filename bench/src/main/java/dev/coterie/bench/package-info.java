/** The benchmarks: what is measured, and the driver that starts everything and ends it. */
@NullMarked
package dev.coterie.bench;

import org.jspecify.annotations.NullMarked;
