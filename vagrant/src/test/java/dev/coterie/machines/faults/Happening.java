package dev.coterie.machines.faults;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * One thing that happened, as the process that it happened to said it. Operations are two of them: what was asked, and
 * what came of it; where the second is missing, nobody knows.
 *
 * @param process the incarnation of a node that says it, such as {@code A.3}
 * @param at when, by the monotonic clock of the machine, which is one for all processes, in nanoseconds
 * @param kind what
 * @param id what it happened to
 * @param text what else there is to say
 * @param number what else there is to count
 */
record Happening(String process, long at, Kind kind, String id, String text, long number) {

    private static final JsonMapper JSON = JsonMapper.builder().build();

    /** What happens. Beside each: what id, text and number are. */
    enum Kind {
        /** A task was submitted: its id. */
        SUBMIT,
        /** It was accepted: its id. */
        ACCEPTED,
        /** It has a result: its id, the result. */
        RESULT,
        /** It has none, as far as this process was told: its id, the reason. */
        FAILED,
        /** A handler began to run it: its id, the result that this run will have. */
        RAN,
        /** Somebody else asked for the result at the end: its id, the result. */
        ANSWERED,
        /** A timer was set: its id, the delay in ms. */
        SET,
        /** It is sure to fire: its id. */
        WAS_SET,
        /** Nobody knows whether it was set: its id, why. */
        NOT_SET,
        /** It fired: its id. */
        FIRED,
        /** Somebody began to clear it: its id. */
        CLEAR,
        /** What the answer to that was: its id, CLEARED, FIRED or UNKNOWN. */
        CLEARED,
        /** There was no answer: its id, why. */
        NOT_CLEARED,
        /** A message is about to be sent: its number. */
        SENT,
        /** Its sender was told that somebody misses it: its number. */
        MISSED,
        /** A message was heard: from which process, by which of its sessions, its number. */
        HEARD,
        /** The process is master from now on: the slot, its term. */
        PROMOTED,
        /** It is not any more: the slot, its term. */
        DEMOTED,
        /** It is, and was before this history began: the slot, its term. */
        HOLDS,
        /** A write under the guard of a mastership was done: the slot, the term, at which revision. */
        WROTE,
        /** The other members there are, from which on it tells of those added and removed: their ids. */
        MEMBERS,
        /** A member came: its id. */
        ADDED,
        /** A member went: its id. */
        REMOVED,
        /** The other members after those that were told of: their ids. */
        VIEW,
        /** All members and masters that this process sees now: their ids; the masters' ids. */
        SEES,
        /** Something else is about to be said of the own service: its id, {@code ready} or not. */
        OFFER,
        /** The others can see it: its id. */
        OFFERED,
        /** Nobody knows whether they can: its id, why. */
        NOT_OFFERED,
        /** The services of others that can be used, from which on it tells of changes: {@code instance=what it said}. */
        SERVICES,
        /** A service of another can be used: the instance, what it said. */
        USABLE,
        /** One that can be used says something else: the instance, what it said. */
        CHANGED,
        /** One cannot be used any more: the instance, what it said last. */
        UNUSABLE,
        /** All services of others that this process could use now: what they said. */
        USES,
        /** The session was lost: why. */
        LOST,
        /** And there is another: its id. */
        REJOINED
    }

    /** Reads one that was {@link #write written}. */
    static Happening read(String json) throws JacksonException {
        return JSON.readValue(json, Happening.class);
    }

    /** As one line of JSON. */
    String write() {
        return JSON.writeValueAsString(this);
    }

    @Override
    public String toString() {
        return "%.3f %s %s %s %s %d".formatted(at / 1e9, process, kind, id, text, number);
    }
}
