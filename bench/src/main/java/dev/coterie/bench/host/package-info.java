/** Processes and ports of this machine, and what it says about them. */
@NullMarked
package dev.coterie.bench.host;

import org.jspecify.annotations.NullMarked;
