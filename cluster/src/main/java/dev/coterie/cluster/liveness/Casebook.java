package dev.coterie.cluster.liveness;

import dev.coterie.cluster.discovery.Member;
import dev.coterie.cluster.liveness.Suspicion.Outcome;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What was suspected lately and what came of it, up to a bound. Of what is found again and again, the last time. */
final class Casebook {

    /** How many suspicions are kept. */
    static final int KEPT = 100;

    private final Map<Round, Suspicion> cases = new LinkedHashMap<>();

    /** For any thread. */
    private volatile List<Suspicion> shown = List.of();

    /** The newest last. Any thread. */
    List<Suspicion> suspicions() {
        return shown;
    }

    /** How a suspicion stands now. */
    void put(Round round, Suspicion now) {
        if (now.outcome() != Outcome.EVICTED && now.outcome() != Outcome.OPEN) {
            cases.values()
                    .removeIf(before -> before.outcome() == now.outcome()
                            && before.suspect().id().equals(now.suspect().id()));
        }
        cases.remove(round);
        cases.put(round, now);
        if (cases.size() > KEPT) {
            cases.remove(cases.keySet().iterator().next());
        }
        show();
    }

    /** A member is gone as of a revision: that belongs to the record of its eviction. */
    void gone(Member member, long revision) {
        cases.replaceAll((round, one) -> one.outcome() == Outcome.EVICTED
                        && one.revision() == 0
                        && one.suspect().id().equals(member.id())
                ? one.at(revision)
                : one);
        show();
    }

    private void show() {
        shown = List.copyOf(cases.values());
    }
}
