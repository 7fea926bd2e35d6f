package dev.coterie.node;

import dev.coterie.cluster.Observer.Sight;
import dev.coterie.cluster.concurrent.Clock;
import dev.coterie.cluster.discovery.Member;
import dev.coterie.cluster.discovery.Service;
import dev.coterie.cluster.election.Holding;
import dev.coterie.node.output.Event;
import dev.coterie.node.output.Table;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code coterie members}. */
@Command(
        name = "members",
        description = "Shows who is in the cluster, and who of them is master.",
        footer = {
            "",
            "Example:",
            "  coterie members --etcd http://10.0.0.1:2379",
            "  coterie members --json | jq -r '.members[].address'"
        })
final class MembersCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        try (Look look = new Look(spec)) {
            Sight sight = look.observer().look();
            look.print(json(sight), table(sight, Clock.system().now()));
            return ExitCode.OK;
        }
    }

    /** All there is to say of members and masters. */
    static Fields json(Sight sight) {
        return Fields.NONE
                .and("revision", sight.members().revision())
                .and(
                        "members",
                        sight.members().members().stream()
                                .map(member ->
                                        json(member, holding(sight, member)).map())
                                .toList());
    }

    private static Fields json(Member member, Optional<Holding> holding) {
        Fields fields = Words.of(member)
                .and("host", member.host())
                .and("weight", member.weight())
                .and("eligible", member.eligible())
                .and("services", member.services().stream().map(Service::name).toList())
                .and("info", member.info())
                .and("startedAt", Event.shown(member.startedAt()))
                .and("version", member.version());
        return holding.map(held -> fields.and("slot", held.slot()).and("term", held.term()))
                .orElse(fields);
    }

    /** The members as people see them; the oldest session first. */
    static Table table(Sight sight, Instant now) {
        Table table = new Table("NAME", "ROLE", "ADDRESS", "HOST", "WEIGHT", "UP", "VERSION", "SERVICES", "ID");
        for (Member member : sight.members().members()) {
            table.row(
                    member.name(),
                    role(member, holding(sight, member)),
                    place(member),
                    member.host(),
                    weight(member.weight()),
                    age(Duration.between(member.startedAt(), now)),
                    member.version(),
                    member.services().stream().map(Service::name).collect(Collectors.joining(",")),
                    member.id());
        }
        return table;
    }

    private static Optional<Holding> holding(Sight sight, Member member) {
        List<Holding> own = sight.masters().stream()
                .filter(holding -> holding.node().equals(member.id()))
                .toList();
        return own.stream().findFirst();
    }

    private static String role(Member member, Optional<Holding> holding) {
        return holding.map(held -> "master " + held.slot()).orElse(member.eligible() ? "member" : "never master");
    }

    static String place(Member member) {
        String address = member.address();
        return (address.contains(":") ? "[" + address + "]" : address) + ":" + member.port();
    }

    private static String weight(double weight) {
        return weight == Math.rint(weight) && Math.abs(weight) < 1e15
                ? Long.toString((long) weight)
                : Double.toString(weight);
    }

    /** How long ago something was, in the largest unit that is full; by two machines' clocks, so never less than 0. */
    static String age(Duration age) {
        long seconds = Math.max(0, age.toSeconds());
        if (seconds < 120) {
            return seconds + "s";
        } else if (seconds < 7200) {
            return seconds / 60 + "m";
        }
        return seconds < 172_800 ? seconds / 3600 + "h" : seconds / 86_400 + "d";
    }
}
