/** Nodes replaced by a build with another version, one by one, while they work. */
@NullMarked
package dev.coterie.machines.upgrade;

import org.jspecify.annotations.NullMarked;
