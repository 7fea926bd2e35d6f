package dev.coterie.cluster.liveness;

import dev.coterie.cluster.discovery.Member;
import dev.coterie.cluster.liveness.Suspicion.Asked;
import dev.coterie.cluster.liveness.Suspicion.Cause;
import dev.coterie.cluster.liveness.Suspicion.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One suspicion while it is looked into: who was asked and what was seen. */
final class Round {

    /** What a node that is well takes to answer on a link that stands, and more. */
    private static final Duration INSIST = Duration.ofMillis(50);

    final Member suspect;
    final long start;
    /** When this node looks into it; it may not be the first whose turn it is. */
    final long beginAt;

    /** When it ends, with whatever is known by then. */
    final long deadline;

    private final Instant since;
    private final Cause cause;
    private final Duration silentFor;
    private final Duration timeout;
    private final Map<String, Asked> asked = new LinkedHashMap<>();

    boolean begun;

    /** Those who did not answer on the link that stood were asked on a new one. */
    boolean insisted;

    /** What the store says of the suspect's session. */
    Store store = Store.NOT_ASKED;

    /** When it said so, if it has. */
    long storeSaidAt;

    /** All is certain but what the store says, which is being asked. */
    boolean waiting;

    /** The store is being told to end it. */
    boolean acting;

    @Nullable
    Sighting own;

    /** How far the question to the store has got. */
    enum Store {
        NOT_ASKED,
        ASKED,
        STANDS,
        FAILED
    }

    Round(
            Member suspect,
            Cause cause,
            Duration silentFor,
            Duration timeout,
            long start,
            Instant since,
            long beginAt,
            long deadline) {
        this.suspect = suspect;
        this.cause = cause;
        this.silentFor = silentFor;
        this.timeout = timeout;
        this.start = start;
        this.since = since;
        this.beginAt = beginAt;
        this.deadline = deadline;
    }

    void ask(Member helper) {
        asked.put(helper.id(), new Asked(helper, Optional.empty()));
    }

    void answered(String helper, Sighting answer) {
        asked.computeIfPresent(helper, (id, one) -> new Asked(one.member(), Optional.of(answer)));
    }

    /** Whether the suspect lives, or somebody does in its place, by whoever says so. */
    boolean alive() {
        return own == Sighting.REACHED || own == Sighting.OTHER || answers().contains(Sighting.REACHED);
    }

    /** Whether anybody else has missed the suspect too. */
    boolean confirmed() {
        return answers().stream().anyMatch(Sighting::missing);
    }

    /** Who was asked and has not answered. */
    List<Member> unanswered() {
        return asked.values().stream()
                .filter(one -> one.answer().isEmpty())
                .map(Asked::member)
                .toList();
    }

    /** When those are asked anew who were asked on a link that may lead nowhere. */
    long insistAt() {
        return beginAt + INSIST.toNanos();
    }

    /** When this round has to be looked at again though nothing has come in. */
    long due() {
        if (!begun) {
            return beginAt;
        }
        return insisted ? deadline : insistAt();
    }

    /** All that is known, for people. */
    Suspicion record(int reached, int members, Outcome outcome, long revision) {
        return new Suspicion(
                suspect,
                since,
                cause,
                silentFor,
                timeout,
                Optional.ofNullable(own),
                new ArrayList<>(asked.values()),
                reached,
                members,
                outcome,
                revision);
    }

    private List<Sighting> answers() {
        return asked.values().stream().flatMap(one -> one.answer().stream()).toList();
    }
}
