package dev.coterie.node;

import dev.coterie.cluster.work.Submitted;
import dev.coterie.cluster.work.TaskInfo;
import dev.coterie.cluster.work.TaskOptions;
import dev.coterie.cluster.work.TaskPage;
import dev.coterie.cluster.work.TaskQuery;
import dev.coterie.cluster.work.TaskState;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code coterie tasks}. */
@Command(
        name = "tasks",
        description = "Submits tasks and looks after them, as a member of the cluster for as long as it takes.",
        synopsisSubcommandLabel = "WHAT")
final class TasksCommand {

    private static final JsonMapper JSON = JsonMapper.builder().build();

    /** {@code coterie tasks submit}. */
    @Command(name = "submit", description = "Submits a task and prints its result.")
    int submit(
            @Mixin Guest guest,
            @Parameters(paramLabel = "TYPE", description = "What kind of task it is, such as multiply.") String type,
            @Parameters(paramLabel = "PAYLOAD", description = "JSON, such as 14; anything else is taken as a text.")
                    String payload,
            @Option(names = "--id", paramLabel = "ID", defaultValue = "", description = "Its own id.") String id,
            @Option(
                            names = "--delay",
                            paramLabel = "DURATION",
                            defaultValue = "0s",
                            description = "How long after now it is due. Default: ${DEFAULT-VALUE}.")
                    String delay,
            @Option(
                            names = "--attempts",
                            paramLabel = "N",
                            defaultValue = "5",
                            description = "How often it is tried. Default: ${DEFAULT-VALUE}.")
                    int attempts,
            @Option(names = "--no-wait", description = "Print its id as soon as it is accepted, instead of its result.")
                    boolean noWait) {
        TaskOptions options = Guest.checked(() -> TaskOptions.DEFAULT
                .withId(id)
                .withDelay(Guest.duration("delay", delay))
                .withAttempts(attempts));
        JsonNode answer = guest.ask(cluster -> {
            Submitted<JsonNode> task =
                    Guest.checked(() -> cluster.tasks().submit(type, json(payload), JsonNode.class, options));
            return noWait ? task.accepted().thenApply(accepted -> JSON.valueToTree(task.id())) : task.result();
        });
        guest.print(answer, List.of(answer.isString() ? answer.asString() : answer.toString()));
        return ExitCode.OK;
    }

    /** JSON if it is, else a text. */
    static JsonNode json(String payload) {
        try {
            return JSON.readTree(payload);
        } catch (JacksonException text) {
            return JSON.valueToTree(payload);
        }
    }

    /** {@code coterie tasks list}. */
    @Command(name = "list", description = "Lists tasks by their ids.")
    int list(
            @Mixin Guest guest,
            @Option(names = "--state", paramLabel = "STATE", description = "Only those: ${COMPLETION-CANDIDATES}.")
                    @Nullable
                    TaskState state,
            @Option(
                            names = "--after",
                            paramLabel = "ID",
                            defaultValue = "",
                            description = "Only those after this id: the next page.")
                    String after,
            @Option(
                            names = "--limit",
                            paramLabel = "N",
                            defaultValue = "100",
                            description = "How many at most, 1..1000. Default: ${DEFAULT-VALUE}.")
                    int limit) {
        return list(
                guest,
                Guest.checked(() -> new TaskQuery(state == null ? Set.of() : Set.of(state), false, after, limit)));
    }

    /** {@code coterie tasks dead}. */
    @Command(name = "dead", description = "Lists the first hundred dead letters: tasks whose attempts have all failed.")
    int dead(@Mixin Guest guest) {
        return list(guest, TaskQuery.DEAD);
    }

    static int list(Guest guest, TaskQuery query) {
        TaskPage page = guest.ask(cluster -> cluster.tasks().list(query));
        List<String> lines =
                new ArrayList<>(page.tasks().stream().map(Guest::line).toList());
        if (page.more()) {
            lines.add("there are more: --after "
                    + page.tasks().get(page.tasks().size() - 1).id());
        }
        guest.print(page, lines);
        return ExitCode.OK;
    }

    /** {@code coterie tasks show}. */
    @Command(name = "show", description = "Shows one task.")
    int show(@Mixin Guest guest, @Parameters(paramLabel = "ID") String id) {
        return show(
                guest,
                "task",
                id,
                guest.ask(cluster -> Guest.checked(() -> cluster.tasks().find(id))));
    }

    static int show(Guest guest, String what, String id, Optional<TaskInfo> found) {
        if (found.isEmpty()) {
            throw new Guest.CommandFailed(what + ": '" + id + "' is not known: never accepted, or forgotten since");
        }
        guest.print(found.get(), Guest.lines(found.get()));
        return ExitCode.OK;
    }

    /** {@code coterie tasks cancel}. */
    @Command(name = "cancel", description = "Cancels a task: CANCELLED, FINISHED or UNKNOWN.")
    int cancel(@Mixin Guest guest, @Parameters(paramLabel = "ID") String id) {
        String answer = guest.ask(cluster -> Guest.checked(() -> cluster.tasks().cancel(id)))
                .name();
        guest.print(Map.of("id", id, "answer", answer), List.of(answer));
        return ExitCode.OK;
    }

    /** {@code coterie tasks retry}. */
    @Command(name = "retry", description = "Tries a dead letter again.")
    int retry(@Mixin Guest guest, @Parameters(paramLabel = "ID") String id) {
        return deal(
                guest,
                id,
                "retried",
                guest.ask(cluster -> Guest.checked(() -> cluster.tasks().retry(id))));
    }

    /** {@code coterie tasks drop}. */
    @Command(name = "drop", description = "Drops a dead letter.")
    int drop(@Mixin Guest guest, @Parameters(paramLabel = "ID") String id) {
        return deal(
                guest,
                id,
                "dropped",
                guest.ask(cluster -> Guest.checked(() -> cluster.tasks().drop(id))));
    }

    private static int deal(Guest guest, String id, String what, boolean done) {
        if (!done) {
            throw new Guest.CommandFailed("task: '" + id + "' is no dead letter; see 'coterie tasks dead'");
        }
        guest.print(Map.of("id", id, what, true), List.of(what));
        return ExitCode.OK;
    }
}
