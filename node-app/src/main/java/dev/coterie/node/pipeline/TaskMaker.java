package dev.coterie.node.pipeline;

import dev.coterie.cluster.concurrent.EventLoop;
import dev.coterie.cluster.concurrent.EventLoop.Scheduled;
import dev.coterie.cluster.discovery.Mastership;
import dev.coterie.cluster.discovery.Member;
import dev.coterie.cluster.work.TaskInfo;
import dev.coterie.cluster.work.TaskState;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The master's side of {@link TaskPipeline}: makes durable tasks and tells what becomes of them. That each gets its
 * result is seen to by the cluster. Every node has one, which notes what it hears, master or not. On its event loop only.
 */
final class TaskMaker {

    private final EventLoop loop;
    private final PipelineSettings settings;
    private final Consumer<Task> submit;
    private final Function<String, @Nullable Member> members;
    private final Consumer<PipelineEvent> events;
    private final long startedAt;

    private final Map<String, Open> open = new LinkedHashMap<>();

    /** Those of this node that were not accepted yet; they count already, so that there are not too many. */
    private final Set<String> submitted = new HashSet<>();

    /** Those that nobody but earlier masters may know of, as long as it is not clear which of them are open still. */
    private final Set<String> inherited = new HashSet<>();

    private final Recent answered = new Recent(Dispatcher.MOST_ANSWERED);
    private @Nullable Mastership mastership;
    private Scheduled nextTask = Scheduled.NONE;

    /** How many tasks this node knows of. */
    private long known;

    private long sent;
    private long resent;
    private long results;
    private long wrong;

    /** A task without a result; without an executor as long as it is not known to have had one. */
    private static final class Open {
        private Task task;
        private int attempts;

        Open(Task task) {
            this.task = task;
        }
    }

    /**
     * Creates it, not as master.
     *
     * @param submit submits a task
     * @param members the other members by their ids
     */
    TaskMaker(
            EventLoop loop,
            PipelineSettings settings,
            Consumer<Task> submit,
            Function<String, @Nullable Member> members,
            Consumer<PipelineEvent> events) {
        this.loop = loop;
        this.settings = settings;
        this.submit = submit;
        this.members = members;
        this.events = events;
        this.startedAt = loop.clock().nanoTime();
    }

    /** This node is master from now on, and makes tasks. */
    void promoted(Mastership won) {
        if (mastership == null) {
            inherited.addAll(open.keySet());
            nextTask = loop.schedule(settings.interval(), this::makeTask);
        }
        mastership = won;
    }

    /** As master: these are the tasks that are to be done still. */
    void adopt(List<TaskInfo> all) {
        if (mastership == null) {
            return;
        }
        for (TaskInfo info : all) {
            if (!open.containsKey(info.id())) {
                inherited.add(info.id());
                note(info);
            }
        }
        // What was finished while nobody told this node.
        Set<String> ids = new HashSet<>(all.stream().map(TaskInfo::id).toList());
        open.keySet().removeIf(id -> inherited.contains(id) && !ids.contains(id));
        List<Task> adopted = open.values().stream()
                .map(one -> one.task)
                .filter(task -> inherited.contains(task.uuid()))
                .toList();
        inherited.clear();
        if (!adopted.isEmpty()) {
            events.accept(new PipelineEvent.Adopted(adopted));
        }
    }

    /** This node is not master any more; it goes on noting what it hears. */
    void demoted() {
        mastership = null;
        inherited.clear();
        nextTask.cancel();
    }

    /** A task was accepted, or has gone to a member. */
    void heard(TaskInfo info) {
        Open one = note(info);
        Member executor = info.member() == null ? null : members.apply(info.member());
        if (one == null || executor == null) {
            return;
        }
        String before = one.task.executor();
        one.task = one.task.withExecutor(executor.id());
        one.attempts++;
        if (mastership == null) {
            return;
        }
        if (before.isEmpty()) {
            sent++;
            events.accept(new PipelineEvent.Sent(one.task, executor));
        } else {
            resent++;
            events.accept(new PipelineEvent.Resent(
                    one.task, executor, Math.max(2, one.attempts), why(info, members.apply(before))));
        }
    }

    private static String why(TaskInfo info, @Nullable Member before) {
        if (before == null) {
            return "its executor is gone";
        }
        return info.cause() == null ? "its executor did not keep it" : info.cause();
    }

    private @Nullable Open note(TaskInfo info) {
        Open one = open.get(info.id());
        Integer number = TaskPipeline.number(info);
        if (one != null || number == null || answered.has(info.id())) {
            return one;
        }
        known += submitted.remove(info.id()) ? 0 : 1;
        one = new Open(new Task(info.id(), "", number));
        open.put(info.id(), one);
        if (open.size() > Dispatcher.MOST_UNANSWERED) {
            open.remove(open.keySet().iterator().next());
        }
        return one;
    }

    /**
     * A task is finished.
     *
     * @param product what its executor said; null if there is no result
     */
    void finished(TaskInfo info, @Nullable Product product) {
        Open one = open.get(info.id());
        if (info.state() == TaskState.DEAD) {
            return;
        }
        open.remove(info.id());
        answered.add(info.id());
        if (mastership == null || one == null || product == null) {
            return;
        }
        boolean right = product.result() == one.task.answer();
        results++;
        wrong += right ? 0 : 1;
        events.accept(new PipelineEvent.Accepted(one.task, product.of(info.id()), product.executor(), right));
    }

    /** What this node has done, with what the executor's side adds. */
    Counts counts(int inWork, long worked) {
        return new Counts(sent, resent, results, wrong, 0, 0, open.size(), inWork, worked);
    }

    private void makeTask() {
        boolean over = settings.tasks().filter(most -> known >= most).isPresent()
                || settings.sending()
                        .filter(most -> loop.clock().nanoTime() - startedAt >= most.toNanos())
                        .isPresent();
        if (over) {
            return;
        }
        nextTask = loop.schedule(settings.interval(), this::makeTask);
        if (mastership == null || !mastership.isValid()) {
            skip("the mastership is in doubt");
        } else if (open.size() + submitted.size() >= Dispatcher.MOST_UNANSWERED) {
            skip(Dispatcher.MOST_UNANSWERED + " tasks have no result yet");
        } else {
            Task task = Task.random("", settings.numbers(), loop.random());
            known++;
            submitted.add(task.uuid());
            submit.accept(task);
        }
    }

    /** A task that was submitted was not accepted, or it is not known whether it was. */
    void refused(Task task, String reason) {
        known -= submitted.remove(task.uuid()) ? 1 : 0;
        skip(reason);
    }

    private void skip(String reason) {
        events.accept(new PipelineEvent.Skipped(reason));
    }
}
