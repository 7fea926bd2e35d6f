/**
 * Durable tasks and timers: the master owns a ledger that its journal makes durable, nodes submit and run. Level 5.
 *
 * <p>On every node, a {@code Conversation} with the master carries what its {@code Submitter} and its {@code Worker} have
 * to say; on the master's node, a {@code Master} holds the other end of all conversations, the {@code Ledger} and the
 * journal.
 */
@NullMarked
package dev.coterie.cluster.work;

import org.jspecify.annotations.NullMarked;
