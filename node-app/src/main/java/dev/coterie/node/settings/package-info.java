/** What can be set, where it was set, and what is wrong with it. */
@NullMarked
package dev.coterie.node.settings;

import org.jspecify.annotations.NullMarked;
