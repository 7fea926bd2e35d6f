package dev.coterie.cluster.lan;

import dev.coterie.cluster.concurrent.Clock;
import dev.coterie.cluster.discovery.Explanation;
import dev.coterie.cluster.discovery.Member;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Why masters and members are what they are, as this node sees it: another may see it otherwise, so all are asked. On the
 * event loop.
 */
final class LanReasons {

    private final Clock clock;
    private final LanConfig config;
    private final Roster roster;
    private final Masters masters;

    LanReasons(Clock clock, LanConfig config, Roster roster, Masters masters) {
        this.clock = clock;
        this.config = config;
        this.roster = roster;
        this.masters = masters;
    }

    /**
     * Who is master and why, and who comes next.
     *
     * @param name a slot, or a master's name or id; empty for all
     */
    Explanation master(String name) {
        List<Standing> all = Stream.concat(
                        Stream.of(own()), roster.others().stream().map(this::standing))
                .sorted((one, other) -> one.rank.compareTo(other.rank))
                .toList();
        List<Standing> held = all.stream()
                .filter(one -> one.slot >= 0 && (isNamed(one.member, name) || name.equals("" + one.slot)))
                .toList();
        if (held.isEmpty() && !name.isEmpty()) {
            return Explanation.NONE;
        }
        List<String> lines = new ArrayList<>();
        held.forEach(one -> lines.add("slot " + one.slot + " is held by " + one.member.name() + " with term " + one.term
                + ", by " + one.why() + one.heard()));
        if (held.isEmpty()) {
            lines.add("this node knows no master" + (masters.listens() ? ", and listens for one" : ""));
        }
        List<Standing> inLine = all.stream()
                .filter(one -> one.slot < 0 && one.objection.isEmpty())
                .toList();
        for (int i = 0; i < inLine.size(); i++) {
            lines.add((i + 1) + ". in line: " + inLine.get(i).member.name() + ", by "
                    + inLine.get(i).why());
        }
        all.stream()
                .filter(one -> one.slot < 0 && !one.objection.isEmpty())
                .forEach(one -> lines.add("not in line: " + one.member.name() + ", which " + one.objection));
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("mastersRequired", config.mastersRequired());
        facts.put("masters", held.stream().map(Standing::facts).toList());
        facts.put("inLine", inLine.stream().map(Standing::facts).toList());
        return new Explanation(lines, facts);
    }

    /**
     * What is known of a member.
     *
     * @param name its name or its id
     */
    Explanation member(String name) {
        Stream<Standing> seen = roster.others().stream().map(this::standing);
        List<Standing> meant = Stream.concat(Stream.of(own()), seen)
                .filter(one -> !name.isEmpty() && isNamed(one.member, name))
                .toList();
        if (meant.isEmpty()) {
            return Explanation.NONE;
        }
        List<String> lines = new ArrayList<>();
        for (Standing one : meant) {
            Member member = one.member;
            lines.add(member.id() + " at " + member.address() + ":" + member.port() + " on " + member.host()
                    + ", version " + member.version() + one.heard() + one.left());
            lines.add(
                    one.slot >= 0
                            ? "master in slot " + one.slot + " with term " + one.term + ", by " + one.why()
                            : one.objection.isEmpty()
                                    ? "may become master, by " + one.why()
                                    : "does not become master: it " + one.objection);
        }
        return new Explanation(
                lines, Map.of("members", meant.stream().map(Standing::facts).toList()));
    }

    private static boolean isNamed(Member member, String name) {
        return name.isEmpty() || member.id().equals(name) || member.name().equals(name);
    }

    private Standing own() {
        Hello said = masters.hello(roster.self());
        int slot = masters.held().map(held -> held.slot()).orElse(-1);
        long term = masters.held().map(held -> held.term()).orElse(0L);
        String objection = said.eligible() ? "" : config.client() ? "only listens" : "is not eligible at the moment";
        return new Standing(roster.self(), masters.rank(), slot, term, objection, -1, 0);
    }

    private Standing standing(Seen one) {
        long silent = Math.max(0, clock.nanoTime() - one.lastSeen());
        Duration timeout = one.isMaster() ? config.masterTimeout() : config.nodeTimeout();
        String objection = one.hello().eligible() ? "" : "says that it is not eligible at the moment";
        return new Standing(
                one.member(),
                one.rank(),
                one.slot(),
                one.term(),
                objection,
                Duration.ofNanos(silent).toMillis(),
                timeout.toMillis());
    }

    /**
     * A node, this one included.
     *
     * @param slot of its mastership; -1 if it has none
     * @param objection why it would not become master now; empty if it would
     * @param silentMillis since when nothing was heard of it; -1 of this node itself
     * @param timeoutMillis after which silence it counts as gone
     */
    private record Standing(
            Member member, Rank rank, int slot, long term, String objection, long silentMillis, long timeoutMillis) {

        /** What the order goes by. */
        String why() {
            return "its weight of " + rank.weight()
                    + (rank.weight() == member.weight()
                            ? ""
                            : ", to which a promotion has raised it from " + member.weight());
        }

        String heard() {
            return silentMillis < 0 ? ", this node itself" : ", last heard " + silentMillis + " ms ago";
        }

        String left() {
            return silentMillis < 0 ? "" : ", gone after " + timeoutMillis + " ms of silence";
        }

        Map<String, Object> facts() {
            Map<String, Object> facts = new LinkedHashMap<>();
            facts.put("member", member.id());
            facts.put("weight", rank.weight());
            facts.put("slot", slot);
            facts.put("term", term);
            facts.put("candidate", slot < 0 && objection.isEmpty());
            facts.put("silentMillis", silentMillis);
            facts.put("timeoutMillis", timeoutMillis);
            return facts;
        }
    }
}
