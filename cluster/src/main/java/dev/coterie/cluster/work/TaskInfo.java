package dev.coterie.cluster.work;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A task or timer as the master's ledger has it.
 *
 * @param id its id; a timer's without what the ledger puts before it
 * @param type what kind of task it is
 * @param timer whether it was set as a timer
 * @param state what it is doing
 * @param at when it is or was due; if it is finished, when it was
 * @param attempt how many attempts were begun
 * @param member the id of the member that runs it; null if nobody does
 * @param cause why the last attempt failed; null if none did
 * @param value its payload as JSON, or its result once it is completed
 */
public record TaskInfo(
        String id,
        String type,
        boolean timer,
        TaskState state,
        Instant at,
        int attempt,
        @Nullable String member,
        @Nullable String cause,
        String value) {}
