/** Finds out what keeps a cluster from working, and says what to do about it. */
@NullMarked
package dev.coterie.node.doctor;

import org.jspecify.annotations.NullMarked;
