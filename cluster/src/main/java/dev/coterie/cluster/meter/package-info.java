/** What a node counts and times, for whoever wants to know. */
@NullMarked
package dev.coterie.cluster.meter;

import org.jspecify.annotations.NullMarked;
