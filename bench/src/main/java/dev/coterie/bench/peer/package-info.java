/** What a system under test has to offer: one Peer and its nodes. */
@NullMarked
package dev.coterie.bench.peer;

import org.jspecify.annotations.NullMarked;
