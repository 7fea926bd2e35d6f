/** What makes commands start sooner. */
@NullMarked
package dev.coterie.node.archive;

import org.jspecify.annotations.NullMarked;
