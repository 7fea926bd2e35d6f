/** Durations and ranges as people write them. Imports nothing of the application. */
@NullMarked
package dev.coterie.node.value;

import org.jspecify.annotations.NullMarked;
