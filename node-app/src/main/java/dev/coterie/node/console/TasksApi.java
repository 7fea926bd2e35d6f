package dev.coterie.node.console;

import dev.coterie.cluster.Cluster;
import dev.coterie.cluster.work.TaskInfo;
import dev.coterie.cluster.work.TaskOptions;
import dev.coterie.cluster.work.TaskQuery;
import dev.coterie.cluster.work.TaskState;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.NullNode;

/** Tasks and timers: to look at, to submit and set, and to take back. Any thread. */
final class TasksApi {

    private static final Duration LONGEST_DELAY = Duration.ofDays(366);

    private final Cluster cluster;

    /** A task to submit; without an id it gets one. */
    private record NewTask(
            @Nullable String type,
            @Nullable JsonNode payload,
            @Nullable String id,
            @Nullable Long delay,
            @Nullable Integer attempts) {}

    /** A timer to set; {@code delay} and {@code every} in milliseconds. */
    private record NewTimer(
            @Nullable String id,
            @Nullable String type,
            @Nullable JsonNode payload,
            @Nullable Long delay,
            @Nullable Long every) {}

    TasksApi(Cluster cluster) {
        this.cluster = cluster;
    }

    void addTo(WebServer server) {
        server.get("/api/tasks", request -> Answer.json(list(request, false)));
        server.get("/api/timers", request -> Answer.json(list(request, true)));
        server.get(
                "/api/tasks/",
                request -> Answer.json(known(
                        "task",
                        request.rest(),
                        Await.answer(checked(() -> cluster.tasks().find(request.rest()))))));
        server.get(
                "/api/timers/",
                request -> Answer.json(known(
                        "timer",
                        request.rest(),
                        Await.answer(checked(() -> cluster.timers().find(request.rest()))))));
        server.post("/api/tasks", this::submit);
        server.post("/api/timers", this::set);
        server.post("/api/tasks/", request -> deal(request, this::dealWithTask));
        server.post("/api/timers/", request -> deal(request, this::dealWithTimer));
    }

    private Object list(Request request, boolean timers) {
        Optional<String> state = request.field("state").filter(text -> !text.isEmpty());
        TaskQuery all = timers ? TaskQuery.TIMERS : TaskQuery.TASKS;
        TaskQuery query = state.map(TasksApi::state)
                .map(all::withState)
                .orElse(all)
                .after(request.text("after"))
                .withLimit((int) request.number("limit", 1, 1_000, 100));
        return Await.answer(cluster.tasks().list(query));
    }

    private static TaskState state(String text) {
        try {
            return TaskState.valueOf(text.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException unknown) {
            throw Refused.malformed("state: '" + text + "' will not do; choose one of " + List.of(TaskState.values()));
        }
    }

    private static TaskInfo known(String what, String id, Optional<TaskInfo> found) {
        return found.orElseThrow(
                () -> new Refused(404, what + ": '" + id + "' is not known: never accepted, or forgotten since"));
    }

    private Answer submit(Request request) throws IOException {
        NewTask task = request.body(NewTask.class);
        var submitted = checked(() -> {
            TaskOptions options = TaskOptions.DEFAULT
                    .withId(Optional.ofNullable(task.id()).orElse(""))
                    .withDelay(duration("delay", task.delay()))
                    .withAttempts(Optional.ofNullable(task.attempts()).orElse(TaskOptions.DEFAULT.attempts()));
            return cluster.tasks().submit(text("type", task.type()), payload(task.payload()), Object.class, options);
        });
        Await.answer(submitted.accepted());
        return Answer.json(202, Map.of("id", submitted.id()));
    }

    private Answer set(Request request) throws IOException {
        NewTimer timer = request.body(NewTimer.class);
        String id = text("id", timer.id());
        String type = text("type", timer.type());
        Object payload = payload(timer.payload());
        Long every = timer.every();
        Await.answer(checked(() -> every == null
                ? cluster.timers().set(id, duration("delay", timer.delay()), type, payload)
                : cluster.timers().every(id, duration("every", every), type, payload)));
        return Answer.json(202, Map.of("id", id));
    }

    private static Object payload(@Nullable JsonNode payload) {
        return payload == null ? NullNode.getInstance() : payload;
    }

    private static Duration duration(String field, @Nullable Long ms) {
        if (ms == null) {
            return Duration.ZERO;
        }
        if (ms < 0 || ms > LONGEST_DELAY.toMillis()) {
            throw Refused.malformed(
                    field + ": '" + ms + "' will not do; choose 0.." + LONGEST_DELAY.toMillis() + " milliseconds");
        }
        return Duration.ofMillis(ms);
    }

    private static String text(String field, @Nullable String text) {
        if (text == null || text.isEmpty()) {
            throw Refused.malformed(field + ": there is none; write one");
        }
        return text;
    }

    /** What is done with a task or timer; its answer as it is told. */
    private interface Deed {
        @Nullable
        Object on(String id, String what);
    }

    private static Answer deal(Request request, Deed deed) {
        // The last part, since an id may have a slash in it.
        int slash = request.rest().lastIndexOf('/');
        String id = request.rest().substring(0, Math.max(0, slash));
        String what = request.rest().substring(slash + 1);
        Object answer = checked(() -> deed.on(id, what));
        if (answer == null) {
            throw new Refused(404, "path: nobody knows how to '" + what + "'");
        }
        return Answer.json(Map.of("id", id, "answer", answer));
    }

    private @Nullable Object dealWithTask(String id, String what) {
        return switch (what) {
            case "cancel" -> Await.answer(cluster.tasks().cancel(id));
            case "retry" -> Await.answer(cluster.tasks().retry(id)) ? "RETRIED" : "UNKNOWN";
            case "drop" -> Await.answer(cluster.tasks().drop(id)) ? "DROPPED" : "UNKNOWN";
            default -> null;
        };
    }

    private @Nullable Object dealWithTimer(String id, String what) {
        return what.equals("clear") ? Await.answer(cluster.timers().clear(id)) : null;
    }

    private static <T> T checked(java.util.function.Supplier<T> call) {
        try {
            return call.get();
        } catch (IllegalArgumentException refused) {
            throw Refused.malformed(String.valueOf(refused.getMessage()));
        }
    }
}
