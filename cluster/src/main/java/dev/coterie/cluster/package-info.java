/** Coterie's library. */
@NullMarked
package dev.coterie.cluster;

import org.jspecify.annotations.NullMarked;
