package dev.coterie.node.pipeline;

import dev.coterie.cluster.concurrent.EventLoop;
import dev.coterie.node.value.DurationRange;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The executor's side: takes tasks, lets some time pass, answers. A node that becomes master while it has tasks in work
 * finishes them all the same. On its event loop only.
 */
final class Multiplier {

    /** The most tasks in work at a time; who sends more is left to notice that no result comes. */
    static final int MOST = 1_000;

    private final EventLoop loop;
    private final DurationRange work;
    private final Consumer<Result> answer;
    private final Consumer<PipelineEvent> events;
    private final Set<String> inWork = new HashSet<>();
    private long answered;

    /**
     * Creates it.
     *
     * @param answer sends a result
     */
    Multiplier(EventLoop loop, DurationRange work, Consumer<Result> answer, Consumer<PipelineEvent> events) {
        this.loop = loop;
        this.work = work;
        this.answer = answer;
        this.events = events;
    }

    /** Takes a task that is meant for this node; one that is in work already is not begun twice. */
    void take(Task task) {
        if (inWork.contains(task.uuid())) {
            return;
        }
        if (inWork.size() >= MOST) {
            events.accept(new PipelineEvent.Declined(task));
            return;
        }
        inWork.add(task.uuid());
        Instant start = loop.clock().now();
        var duration = work.pick(loop.random());
        loop.schedule(duration, () -> finish(task, start));
        events.accept(new PipelineEvent.Started(task, duration));
    }

    private void finish(Task task, Instant start) {
        inWork.remove(task.uuid());
        answered++;
        Result result =
                new Result(task.uuid(), task.answer(), start, loop.clock().now());
        answer.accept(result);
        events.accept(new PipelineEvent.Answered(task, result));
    }

    int inWork() {
        return inWork.size();
    }

    long answered() {
        return answered;
    }
}
