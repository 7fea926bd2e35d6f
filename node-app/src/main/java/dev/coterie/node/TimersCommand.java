package dev.coterie.node;

import dev.coterie.cluster.work.TaskQuery;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** {@code coterie timers}. */
@Command(
        name = "timers",
        description = "Sets timers and clears them, as a member of the cluster for as long as it takes.",
        synopsisSubcommandLabel = "WHAT")
final class TimersCommand {

    /** {@code coterie timers set}. */
    @Command(name = "set", description = "Sets a timer, in place of one with the same id that has not fired.")
    int set(
            @Mixin Guest guest,
            @Parameters(paramLabel = "ID") String id,
            @Parameters(paramLabel = "DELAY", description = "How long from now, such as 10m.") String delay,
            @Parameters(paramLabel = "TYPE", description = "Of the handler that it calls.") String type,
            @Parameters(paramLabel = "PAYLOAD", arity = "0..1", defaultValue = "null", description = "JSON, or a text.")
                    String payload,
            @Option(names = "--every", description = "Fire again and again, that long after each other.")
                    boolean every) {
        Duration wait = Guest.duration("delay", delay);
        JsonNode json = TasksCommand.json(payload);
        Void unused = guest.ask(cluster -> Guest.checked(() -> every
                ? cluster.timers().every(id, wait, type, json)
                : cluster.timers().set(id, wait, type, json)));
        guest.print(Map.of("id", id, "set", true), List.of("set"));
        return ExitCode.OK;
    }

    /** {@code coterie timers clear}. */
    @Command(name = "clear", description = "Clears a timer, wherever it was set: CLEARED, FIRED or UNKNOWN.")
    int clear(@Mixin Guest guest, @Parameters(paramLabel = "ID") String id) {
        String answer = guest.ask(
                        cluster -> Guest.checked(() -> cluster.timers().clear(id)))
                .name();
        guest.print(Map.of("id", id, "answer", answer), List.of(answer));
        return ExitCode.OK;
    }

    /** {@code coterie timers list}. */
    @Command(name = "list", description = "Lists timers by their ids.")
    int list(
            @Mixin Guest guest,
            @Option(names = "--after", paramLabel = "ID", defaultValue = "", description = "The next page.")
                    String after) {
        return TasksCommand.list(guest, TaskQuery.TIMERS.after(after));
    }

    /** {@code coterie timers show}. */
    @Command(name = "show", description = "Shows one timer.")
    int show(@Mixin Guest guest, @Parameters(paramLabel = "ID") String id) {
        return TasksCommand.show(
                guest,
                "timer",
                id,
                guest.ask(cluster -> Guest.checked(() -> cluster.timers().find(id))));
    }
}
