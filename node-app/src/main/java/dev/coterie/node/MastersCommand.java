package dev.coterie.node;

import dev.coterie.cluster.Observer.Sight;
import dev.coterie.cluster.concurrent.Clock;
import dev.coterie.cluster.election.Holding;
import dev.coterie.node.output.Event;
import dev.coterie.node.output.Table;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code coterie masters}. */
@Command(
        name = "masters",
        description = "Shows who is master, in which slot and term, since when, and how it came to be.",
        footer = {"", "Example:", "  coterie masters", "  coterie masters --json | jq '.masters[0].term'"})
final class MastersCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        try (Look look = new Look(spec)) {
            Sight sight = look.observer().look();
            Fields json =
                    Fields.NONE.and("revision", sight.members().revision()).and("masters", list(sight.masters()));
            look.print(json, table(sight.masters(), Clock.system().now()));
            return ExitCode.OK;
        }
    }

    private static List<?> list(List<Holding> masters) {
        return masters.stream().map(holding -> json(holding).map()).toList();
    }

    private static Fields json(Holding holding) {
        Fields fields = Fields.NONE
                .and("slot", holding.slot())
                .and("id", holding.node())
                .and("name", Event.name(holding.node()))
                .and("address", holding.address())
                .and("term", holding.term())
                .and("how", holding.how());
        return holding.since() == null ? fields : fields.and("since", Event.shown(holding.since()));
    }

    private static Table table(List<Holding> masters, Instant now) {
        Table table = new Table("SLOT", "NAME", "ADDRESS", "TERM", "FOR", "HOW", "ID");
        for (Holding holding : masters) {
            table.row(
                    holding.slot(),
                    Event.name(holding.node()),
                    holding.address(),
                    holding.term(),
                    holding.since() == null ? "" : MembersCommand.age(Duration.between(holding.since(), now)),
                    holding.how(),
                    holding.node());
        }
        return table;
    }
}
