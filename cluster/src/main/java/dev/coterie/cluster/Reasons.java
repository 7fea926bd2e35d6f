package dev.coterie.cluster;

import dev.coterie.cluster.discovery.Explanation;
import dev.coterie.cluster.discovery.Member;
import dev.coterie.cluster.discovery.Service;
import dev.coterie.cluster.discovery.View;
import dev.coterie.cluster.election.Standings;
import dev.coterie.cluster.election.Standings.Seat;
import dev.coterie.cluster.election.Standings.Standing;
import dev.coterie.cluster.liveness.Suspicion;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What this node has to say of masters and members. Of each thing the node speaks that knows it best, so that not all
 * say the same: of a slot its master, of a member that member itself, of a suspicion whoever had it. On the event loop.
 */
final class Reasons {

    private final Supplier<Member> self;
    private final Supplier<View> view;
    private final Supplier<Standings> standings;
    private final Supplier<List<Suspicion>> suspicions;
    private final Supplier<Duration> sessionRemaining;

    Reasons(
            Supplier<Member> self,
            Supplier<View> view,
            Supplier<Standings> standings,
            Supplier<List<Suspicion>> suspicions,
            Supplier<Duration> sessionRemaining) {
        this.self = self;
        this.view = view;
        this.standings = standings;
        this.suspicions = suspicions;
        this.sessionRemaining = sessionRemaining;
    }

    /**
     * Why the slots are held by whom they are.
     *
     * @param name a slot, or a master's name or id; empty for all slots
     */
    Explanation master(String name) {
        Standings now = standings.get();
        List<Seat> seats = now.slots().stream()
                .filter(seat -> isMeant(seat, name) && speaksOf(seat))
                .toList();
        if (seats.isEmpty()) {
            return Explanation.NONE;
        }
        List<String> lines = new ArrayList<>();
        seats.forEach(seat -> lines.add(words(seat)));
        if (seats.stream().anyMatch(seat -> isSelf(seat.node()))) {
            lines.add(session());
        }
        now.inLine().forEach(one -> lines.add(one.place() + ". in line: " + words(one)));
        now.members().stream()
                .filter(one -> one.place() == 0 && one.slot().isEmpty())
                .forEach(one -> lines.add("not in line: " + words(one)));
        return new Explanation(
                lines,
                facts(
                        "revision", now.revision(),
                        "slots", seats.stream().map(Reasons::facts).toList(),
                        "inLine", now.inLine().stream().map(Reasons::facts).toList(),
                        "sessionMillis", sessionRemaining.get().toMillis()));
    }

    /** Of a slot its master speaks; of one that nobody speaks for, the oldest member. */
    private boolean speaksOf(Seat seat) {
        return seat.master().isPresent()
                ? isSelf(seat.node())
                : view.get().members().stream()
                        .findFirst()
                        .map(Member::id)
                        .filter(this::isSelf)
                        .isPresent();
    }

    private static boolean isMeant(Seat seat, String name) {
        return name.isEmpty()
                || name.equals(Integer.toString(seat.slot()))
                || name.equals(seat.node())
                || seat.master().filter(master -> master.name().equals(name)).isPresent();
    }

    /**
     * What is known of a member, or of one that is gone.
     *
     * @param name its name or its id
     */
    Explanation member(String name) {
        List<String> lines = new ArrayList<>();
        Map<String, Object> facts = new LinkedHashMap<>();
        if (isMeant(self.get(), name)) {
            lines.addAll(ownLines());
            facts.putAll(facts(
                    "member",
                    self.get().id(),
                    "sessionMillis",
                    sessionRemaining.get().toMillis()));
            standing().ifPresent(one -> facts.put("standing", facts(one)));
        }
        List<Suspicion> had = suspicions.get().stream()
                .filter(one -> isMeant(one.suspect(), name))
                .toList();
        had.forEach(one -> lines.add(one.words()));
        if (!had.isEmpty()) {
            facts.put("suspicions", had.stream().map(Reasons::facts).toList());
        }
        return lines.isEmpty() ? Explanation.NONE : new Explanation(lines, facts);
    }

    private List<String> ownLines() {
        Member me = self.get();
        List<String> lines = new ArrayList<>();
        boolean member = view.get().member(me.id()).isPresent();
        lines.add(me.id() + " at " + me.address() + ":" + me.port() + " on " + me.host() + ", version " + me.version()
                + ", " + (member ? "a member" : "not a member at the moment"));
        lines.add(session());
        standing().ifPresent(one -> lines.add(words(one)));
        if (!me.services().isEmpty()) {
            lines.add("offers "
                    + String.join(
                            ", ", me.services().stream().map(Reasons::words).toList()));
        }
        return lines;
    }

    private Optional<Standing> standing() {
        return standings.get().member(self.get().id());
    }

    private String session() {
        Duration left = sessionRemaining.get();
        return left.isZero()
                ? "there is no session; it is joining again"
                : "the session of " + self.get().name() + " stands for " + left.toSeconds()
                        + " s without another refresh";
    }

    private boolean isSelf(String node) {
        return node.equals(self.get().id());
    }

    private static boolean isMeant(Member member, String name) {
        return member.id().equals(name) || member.name().equals(name);
    }

    private static String words(Seat seat) {
        String who = seat.free()
                ? "is free"
                : "is held by " + seat.master().map(Member::name).orElse(seat.node()) + " with term " + seat.term()
                        + seat.since().map(since -> ", since " + since).orElse("");
        return "slot " + seat.slot() + " " + who + ": " + seat.why();
    }

    private static String words(Standing one) {
        return one.member().name() + ": " + one.why();
    }

    private static String words(Service service) {
        return service.name() + (service.ready() ? "" : " (not ready)");
    }

    private static Map<String, Object> facts(Seat seat) {
        return facts(
                "slot", seat.slot(),
                "node", seat.node(),
                "term", seat.term(),
                "since", seat.since().map(Object::toString).orElse(""),
                "why", seat.why());
    }

    private static Map<String, Object> facts(Standing one) {
        return facts(
                "member", one.member().id(),
                "role", one.role().name(),
                "place", one.place(),
                "weight", one.member().weight(),
                "registered", one.registered(),
                "why", one.why());
    }

    private static Map<String, Object> facts(Suspicion one) {
        return facts(
                "suspect", one.suspect().id(),
                "since", one.since().toString(),
                "cause", one.cause().name(),
                "silentMillis", one.silentFor().toMillis(),
                "timeoutMillis", one.timeout().toMillis(),
                "own", one.own().map(Enum::name).orElse(""),
                "asked",
                        one.asked().stream()
                                .map(asked -> facts(
                                        "member", asked.member().id(),
                                        "answer", asked.answer().map(Enum::name).orElse("")))
                                .toList(),
                "reached", one.reached(),
                "members", one.members(),
                "outcome", one.outcome().name(),
                "revision", one.revision());
    }

    /** In the order given: a name and its value, and so on. */
    private static Map<String, Object> facts(Object... namesAndValues) {
        Map<String, Object> facts = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            facts.put((String) namesAndValues[i], namesAndValues[i + 1]);
        }
        return facts;
    }
}
