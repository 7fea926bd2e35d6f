package dev.coterie.cluster.liveness;

import dev.coterie.cluster.discovery.Member;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What this node has suspected, on what evidence, and what came of it.
 *
 * @param suspect who
 * @param since when, by this node's wall clock
 * @param cause what raised the suspicion
 * @param silentFor how long nothing had been heard of the suspect
 * @param timeout how long it may be silent
 * @param own what this node saw itself; empty while that is not known
 * @param asked the others that were asked, and what they answered
 * @param reached how many members this node was in touch with since the suspicion, itself included
 * @param members how many there were, the suspect included
 * @param outcome what was done
 * @param revision for {@link Outcome#EVICTED} the store's revision at which the suspect was seen to be gone, else the
 *     view's revision when the suspicion ended; 0 while that is not known
 */
public record Suspicion(
        Member suspect,
        Instant since,
        Cause cause,
        Duration silentFor,
        Duration timeout,
        Optional<Sighting> own,
        List<Asked> asked,
        int reached,
        int members,
        Outcome outcome,
        long revision) {

    /** Copies the list. */
    public Suspicion {
        asked = List.copyOf(asked);
    }

    /** The same with the revision that is known now. */
    Suspicion at(long nowKnown) {
        return new Suspicion(
                suspect, since, cause, silentFor, timeout, own, asked, reached, members, outcome, nowKnown);
    }

    /** The same as one sentence. */
    public String words() {
        String raised = cause == Cause.SILENT
                ? "was silent for " + silentFor.toMillis() + " ms, where " + timeout.toMillis() + " are allowed"
                : "had its link broken";
        String seen = own.map(sighting -> "; looked at from here: " + sighting).orElse("");
        String others = asked.stream()
                .map(one -> one.member().name() + " says "
                        + one.answer().map(Enum::name).orElse("nothing"))
                .collect(Collectors.joining(", "));
        return "suspected " + suspect.id() + " at " + since + ": it " + raised + seen
                + (others.isEmpty() ? "" : "; of those asked, " + others)
                + "; in touch with " + reached + " of " + members + " members; outcome: " + outcome
                + (revision == 0 ? "" : " at revision " + revision);
    }

    /**
     * Another member that was asked to look.
     *
     * @param answer what it saw; empty if it has not answered
     */
    public record Asked(Member member, Optional<Sighting> answer) {}

    /** What raises a suspicion. */
    public enum Cause {
        /** Nothing was heard for longer than the timeout. */
        SILENT,
        /** A link with the node broke. */
        LINK_BROKEN
    }

    /** What comes of a suspicion. */
    public enum Outcome {
        /** It is being looked into. */
        OPEN,
        /** The suspect was reached, by this node or by another. */
        CLEARED,
        /** This node reaches so few members that it suspects itself instead. */
        SELF_DOUBT,
        /** The suspect was not reached, and nobody else could say so too. */
        UNDECIDED,
        /** The store could not be reached, so nobody was evicted. */
        STORE_UNREACHABLE,
        /** This node ended the suspect's session. */
        EVICTED,
        /** The suspect's session had ended before this node did anything. */
        GONE
    }
}
