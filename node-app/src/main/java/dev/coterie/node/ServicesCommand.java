package dev.coterie.node;

import dev.coterie.cluster.discovery.Member;
import dev.coterie.cluster.discovery.Service;
import dev.coterie.cluster.discovery.View;
import dev.coterie.node.output.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code coterie services}. */
@Command(
        name = "services",
        description = "Shows which services the members offer.",
        footer = {"", "Example:", "  coterie services", "  coterie services database"})
final class ServicesCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "NAME",
            defaultValue = "",
            description = "Only those of this name.")
    private String name = "";

    @Override
    public Integer call() {
        try (Look look = new Look(spec)) {
            View view = look.observer().look().members();
            Table table = new Table("SERVICE", "STATE", "MEMBER", "ADDRESS", "INFO");
            List<Map<String, Object>> json = new ArrayList<>();
            for (Member member : view.members()) {
                for (Service service : member.services()) {
                    if (name.isEmpty() || service.name().equals(name)) {
                        add(member, service, table, json);
                    }
                }
            }
            look.print(Fields.NONE.and("revision", view.revision()).and("services", json), table);
            return ExitCode.OK;
        }
    }

    private static void add(Member member, Service service, Table table, List<Map<String, Object>> json) {
        table.row(
                service.name(),
                service.ready() ? "ready" : "not ready",
                member.name(),
                MembersCommand.place(member),
                service.info().isEmpty() ? "" : service.info());
        json.add(Fields.NONE
                .and("service", service.name())
                .and("ready", service.ready())
                .and("info", service.info())
                .and(Words.of(member))
                .map());
    }
}
