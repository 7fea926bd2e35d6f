/**
 * Who is master, and the proof of it. Level 4.
 */
@NullMarked
package dev.coterie.cluster.election;

import org.jspecify.annotations.NullMarked;
