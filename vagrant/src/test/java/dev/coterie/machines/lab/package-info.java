/** The lab as tests drive it. */
@NullMarked
package dev.coterie.machines.lab;

import org.jspecify.annotations.NullMarked;
