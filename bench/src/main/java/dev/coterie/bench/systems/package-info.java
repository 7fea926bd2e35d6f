/** The systems under test, each behind the same contract. */
@NullMarked
package dev.coterie.bench.systems;

import org.jspecify.annotations.NullMarked;
