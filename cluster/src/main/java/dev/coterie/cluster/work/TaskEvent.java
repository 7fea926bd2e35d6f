package dev.coterie.cluster.work;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Something that happened to a task or timer, as the master saw it.
 *
 * @param number counts from 1 within the master's term; what is missing between two was too much to keep
 * @param revision of the store with which it had the task as it was then. That a task is given to a member is not
 *     written, and stands at the revision of what was before
 * @param what happened
 * @param id the task's; a timer's without what the ledger puts before it
 * @param type what kind of task it is
 * @param timer whether it was set as a timer
 * @param member whose id it concerns: who was given it, or was done or failed with it; null if nobody
 * @param cause why an attempt failed; null if none did
 */
public record TaskEvent(
        long number,
        long revision,
        Instant at,
        What what,
        String id,
        String type,
        boolean timer,
        @Nullable String member,
        @Nullable String cause) {

    /** What happened to a task. */
    public enum What {
        /** The master has taken it on. */
        ACCEPTED,
        /** A timer's time has come. */
        FIRED,
        /** A member runs it. */
        GIVEN,
        /** It is done. */
        COMPLETED,
        /** An attempt has failed, and another follows. */
        FAILED,
        /** All attempts have failed: it is a dead letter. */
        DEAD,
        /** It was cancelled, cleared or dropped. */
        CANCELLED
    }
}
