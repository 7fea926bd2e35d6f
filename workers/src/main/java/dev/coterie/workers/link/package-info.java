/**
 * What supervisor and worker say to each other: {@link dev.coterie.workers.link.Kind} names the frames,
 * {@link dev.coterie.workers.link.Datum} is what is handed over. docs/workers.md has the protocol. Level 1.
 */
@NullMarked
package dev.coterie.workers.link;

import org.jspecify.annotations.NullMarked;
