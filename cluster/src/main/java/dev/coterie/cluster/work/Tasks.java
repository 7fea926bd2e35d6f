package dev.coterie.cluster.work;

import dev.coterie.cluster.discovery.Subscription;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;

/**
 * Tasks that are done whatever dies: once accepted, a task is completed, fails for good, or is cancelled.
 *
 * <p>Any node submits, any node handles, and the master in between sees to it. A task may be tried twice, when a member
 * or a master dies; one result is accepted. What a stage brings comes on the callback thread. All methods: any thread.
 */
public final class Tasks {

    /**
     * Where tasks are told of, as {@link TaskInfo}, to whoever joins, on the master's node too: each when it was accepted
     * and whenever a member gets it.
     */
    public static final String TASKS = "tasks";

    /** Where outcomes are told of, as {@link TaskInfo}, to whoever joins. */
    public static final String RESULTS = "results";

    private final Submitter submitter;
    private final Worker worker;
    private final String idPrefix;
    private final AtomicLong lastId = new AtomicLong();

    Tasks(Submitter submitter, Worker worker, String idPrefix) {
        this.submitter = submitter;
        this.worker = worker;
        this.idPrefix = idPrefix;
    }

    /**
     * Where handlers run on this node; before that, on a few threads of its own.
     *
     * @param executor such as one with virtual threads; whoever gave it closes it
     * @param concurrency how many tasks run at a time, 1..10,000
     */
    public void runOn(Executor executor, int concurrency) {
        if (concurrency < 1 || concurrency > 10_000) {
            throw new IllegalArgumentException(
                    "concurrency: '" + concurrency + "' will not do; choose one of 1..10000");
        }
        worker.runOn(executor, concurrency);
    }

    /**
     * Does tasks of a type, and fires timers of it, from now on.
     *
     * @param payload what payloads are read as
     * @return takes it back; what runs then goes on
     * @throws IllegalStateException if this node handles the type already
     */
    public <P, R> Subscription handle(String type, Class<P> payload, TaskHandler<P, R> handler) {
        worker.handle(Names.checkType(type), payload, handler);
        return () -> worker.stopHandling(type);
    }

    /** As {@link #handle(String, Class, TaskHandler)}, for what needs to know nothing of the attempt. */
    public <P, R> Subscription handle(String type, Class<P> payload, Function<P, R> handler) {
        return handle(type, payload, (what, run) -> handler.apply(what));
    }

    /** Submits a task with the usual options. */
    public <R> Submitted<R> submit(String type, Object payload, Class<R> result) {
        return submit(type, payload, result, TaskOptions.DEFAULT);
    }

    /**
     * Submits a task. With an id of its own it is one task however often it is submitted, as long as it is remembered.
     *
     * @param payload what Jackson can write, {@link WorkSettings#LARGEST_PAYLOAD} bytes of JSON at most
     * @param result what the result is read as
     * @throws IllegalArgumentException if the payload cannot become JSON or is too large, or the type will not do
     */
    public <R> Submitted<R> submit(String type, Object payload, Class<R> result, TaskOptions options) {
        String id = options.id().isEmpty() ? idPrefix + Long.toString(lastId.incrementAndGet(), 36) : options.id();
        long due = options.due() == null ? 0 : Math.max(0, options.due().toEpochMilli());
        Submission submission = new Submission(
                id,
                Names.checkType(type),
                options.due() == null ? options.delay().toMillis() : -1,
                due,
                Rules.of(options),
                options.key(),
                0,
                0,
                payload(payload));
        Pending<R> pending = new Pending<>(id, submission, json -> Json.read(json, result));
        submitter.add(pending);
        return new Submitted<>(id, pending.accepted, pending.result);
    }

    static byte[] payload(Object payload) {
        byte[] json = Json.write(payload);
        if (json.length > WorkSettings.LARGEST_PAYLOAD) {
            throw new IllegalArgumentException("payload: " + json.length + " bytes of JSON, at most "
                    + WorkSettings.LARGEST_PAYLOAD + " fit; keep large data elsewhere and submit where it is");
        }
        return json;
    }

    /**
     * The result of a task that was submitted, here or anywhere; waits until it has one.
     *
     * @return fails with {@link TaskFailed}
     */
    public <R> CompletionStage<R> result(String id, Class<R> type) {
        Pending<R> pending = new Pending<>(Names.checkId(id), null, json -> Json.read(json, type));
        submitter.add(pending);
        return pending.result;
    }

    /** Cancels a task. */
    public CompletionStage<Cancelled> cancel(String id) {
        return submitter.ask(Question.CANCEL, Names.checkId(id)).thenApply(answer -> Cancelled.valueOf(ascii(answer)));
    }

    /** What a task is doing, or what became of it; empty if it is not known. */
    public CompletionStage<Optional<TaskInfo>> find(String id) {
        return find(submitter, Names.checkId(id));
    }

    static CompletionStage<Optional<TaskInfo>> find(Submitter submitter, String id) {
        return submitter
                .ask(Question.FIND, id)
                .thenApply(answer ->
                        answer.length == 0 ? Optional.empty() : Optional.of(Json.read(answer, TaskInfo.class)));
    }

    /** Some of the tasks, timers or dead letters there are. It looks at all of them: not for every second. */
    public CompletionStage<TaskPage> list(TaskQuery query) {
        return submitter
                .ask(Question.LIST, new String(Json.write(query), StandardCharsets.UTF_8))
                .thenApply(answer -> Json.read(answer, TaskPage.class));
    }

    /**
     * Tries a dead letter again, from its first attempt.
     *
     * @return whether it was one
     */
    public CompletionStage<Boolean> retry(String id) {
        return submitter.ask(Question.RETRY, id(id)).thenApply(answer -> Boolean.valueOf(ascii(answer)));
    }

    /**
     * Drops a dead letter: it counts as cancelled.
     *
     * @return whether it was one
     */
    public CompletionStage<Boolean> drop(String id) {
        return submitter.ask(Question.DROP, id(id)).thenApply(answer -> Boolean.valueOf(ascii(answer)));
    }

    /**
     * How much work there is and was, and the last of what happened. Cheap, unlike {@link #list}.
     *
     * @param known the number of the last {@link TaskEvent} of this term that is known; 0 for all that are kept
     */
    public CompletionStage<TaskCounts> counts(long known) {
        return submitter
                .ask(Question.COUNT, Long.toString(known))
                .thenApply(answer -> Json.read(answer, TaskCounts.class));
    }

    /** Why a task is where it is, in words. */
    public CompletionStage<List<String>> explain(String id) {
        return explain(submitter, Names.checkId(id));
    }

    static CompletionStage<List<String>> explain(Submitter submitter, String id) {
        return submitter
                .ask(Question.EXPLAIN, id)
                .thenApply(answer -> List.of(new String(answer, StandardCharsets.UTF_8).split("\n", -1)));
    }

    /** Timers can be dead letters too. */
    private static String id(String id) {
        return id.startsWith(Names.TIMER) ? id : Names.checkId(id);
    }

    static String ascii(byte[] answer) {
        return new String(answer, StandardCharsets.ISO_8859_1);
    }
}
