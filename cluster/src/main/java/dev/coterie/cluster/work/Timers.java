package dev.coterie.cluster.work;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.LongSupplier;

/**
 * Timers that fire whatever dies: on any member that handles their type, be the node that set them gone. A handler is
 * one of {@link Tasks#handle}; {@link TaskRun#late()} tells it how late it is. What a stage brings comes on the callback
 * thread. All methods: any thread.
 */
public final class Timers {

    private final Submitter submitter;
    private final LongSupplier token;

    Timers(Submitter submitter, LongSupplier token) {
        this.submitter = submitter;
        this.token = token;
    }

    /**
     * Sets a timer; if there is one of that id that has not fired, this one takes its place.
     *
     * @param delay from when the master accepts it
     * @param type of the handler that it calls when it fires
     * @param payload as of a task
     * @return completes when it is sure to fire unless it is cleared; fails with {@link TaskFailed} if it is refused
     * @throws IllegalArgumentException as {@link Tasks#submit(String, Object, Class, TaskOptions)}
     */
    public CompletionStage<Void> set(String id, Duration delay, String type, Object payload) {
        return set(id, type, payload, TaskOptions.DEFAULT.withDelay(delay), 0);
    }

    /** As {@link #set(String, Duration, String, Object)}, by the wall clock. */
    public CompletionStage<Void> set(String id, Instant due, String type, Object payload) {
        return set(id, type, payload, TaskOptions.DEFAULT.withDue(due), 0);
    }

    /**
     * Sets a timer that fires again and again: one period from now and then on that grid. Times that pass while nobody
     * is master, or while its handler still runs, are left out.
     *
     * @param period at least a millisecond
     */
    public CompletionStage<Void> every(String id, Duration period, String type, Object payload) {
        if (period.toMillis() < 1) {
            throw new IllegalArgumentException("period: '" + period + "' will not do; choose at least a millisecond");
        }
        return set(id, type, payload, TaskOptions.DEFAULT.withDelay(period), period.toMillis());
    }

    /** Sets a timer with options of a task: its due time, attempts, backoff and deadline count. */
    private CompletionStage<Void> set(String id, String type, Object payload, TaskOptions options, long period) {
        Submission submission = new Submission(
                Names.checkTimer(id),
                Names.checkType(type),
                options.due() == null ? options.delay().toMillis() : -1,
                options.due() == null ? 0 : Math.max(0, options.due().toEpochMilli()),
                Rules.of(options),
                "",
                period,
                token.getAsLong(),
                Tasks.payload(payload));
        Pending<Void> pending = new Pending<>(submission.id(), submission, json -> null);
        submitter.add(pending);
        return pending.accepted;
    }

    /**
     * Clears a timer, set on any node.
     *
     * @return what is certain from then on
     */
    public CompletionStage<Cleared> clear(String id) {
        return submitter
                .ask(Question.CLEAR, Names.checkTimer(id))
                .thenApply(answer -> Cleared.valueOf(Tasks.ascii(answer)));
    }

    /** What a timer is doing, or what became of it; empty if it is not known. */
    public CompletionStage<Optional<TaskInfo>> find(String id) {
        return Tasks.find(submitter, Names.checkTimer(id));
    }

    /** Why a timer is where it is, in words. */
    public CompletionStage<List<String>> explain(String id) {
        return Tasks.explain(submitter, Names.checkTimer(id));
    }
}
