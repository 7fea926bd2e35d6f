package dev.coterie.node.pipeline;

import dev.coterie.cluster.balance.Balancer;
import dev.coterie.cluster.concurrent.EventLoop;
import dev.coterie.cluster.concurrent.EventLoop.Scheduled;
import dev.coterie.cluster.discovery.Mastership;
import dev.coterie.cluster.discovery.Member;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.ToIntFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The master's side: makes tasks, and sees to it that each gets a result.
 *
 * <p>Every node has one, master or not, and notes what it hears on both channels. So a new master knows which tasks of
 * earlier masters have no result yet, and goes on with them. On its event loop only.
 */
final class Dispatcher {

    /** The most tasks without a result that are kept in mind. */
    static final int MOST_UNANSWERED = 1_000;

    /** How many tasks are remembered to have a result, so that another one for them is known to be a duplicate. */
    static final int MOST_ANSWERED = 10_000;

    /** When to try again if nobody could take a task. */
    private static final Duration RETRY = Duration.ofSeconds(1);

    private final EventLoop loop;
    private final PipelineSettings settings;
    private final ToIntFunction<Task> send;
    private final Consumer<PipelineEvent> events;
    private final Balancer<String> balancer;
    private final long startedAt;

    private final Map<String, Unanswered> unanswered = new LinkedHashMap<>();
    private final Recent answered = new Recent(MOST_ANSWERED);
    private Map<String, Member> others = Map.of();
    private String self = "";
    private @Nullable Mastership mastership;
    private Scheduled nextTask = Scheduled.NONE;

    /** How many tasks this node knows of, its own and those it heard. */
    private long known;

    private long sent;
    private long resent;
    private long results;
    private long wrong;
    private long duplicates;
    private long strays;

    /**
     * Creates it, not as master.
     *
     * @param send sends a task to all who have joined the channel, and answers how many those are
     */
    Dispatcher(EventLoop loop, PipelineSettings settings, ToIntFunction<Task> send, Consumer<PipelineEvent> events) {
        this.loop = loop;
        this.settings = settings;
        this.send = send;
        this.events = events;
        this.balancer = settings.strategy().balancer(loop.random(), this::load);
        this.startedAt = loop.clock().nanoTime();
    }

    /** The members are others now; tasks of those that are gone go to somebody else. */
    void members(List<Member> members, String selfId) {
        Map<String, Member> now = new LinkedHashMap<>();
        members.stream().filter(member -> !member.id().equals(selfId)).forEach(member -> now.put(member.id(), member));
        others = now;
        self = selfId;
        if (mastership != null) {
            resendOrphans();
        }
    }

    /** This node is master from now on: it goes on with what earlier masters left, then makes tasks of its own. */
    void promoted(Mastership won) {
        if (mastership != null) {
            mastership = won;
            return;
        }
        mastership = won;
        if (!unanswered.isEmpty()) {
            events.accept(new PipelineEvent.Adopted(
                    unanswered.values().stream().map(entry -> entry.task).toList()));
        }
        unanswered.values().forEach(this::awaitResult);
        resendOrphans();
        nextTask = loop.schedule(settings.interval(), this::makeTask);
    }

    /** This node is not master any more; it goes on noting what it hears. */
    void demoted() {
        mastership = null;
        nextTask.cancel();
        unanswered.values().forEach(entry -> entry.deadline.cancel());
    }

    /** Somebody sent a task to all. */
    void heard(Task task) {
        if (answered.has(task.uuid())) {
            return;
        }
        Unanswered entry = unanswered.computeIfAbsent(task.uuid(), uuid -> {
            known++;
            return new Unanswered(task);
        });
        entry.task = task;
        if (mastership != null) {
            awaitResult(entry);
        }
        if (unanswered.size() > MOST_UNANSWERED) {
            Unanswered oldest = unanswered.values().iterator().next();
            oldest.deadline.cancel();
            unanswered.remove(oldest.task.uuid());
        }
    }

    /** A result has come, from another node or this one. */
    void result(Result result, Member from) {
        Unanswered entry = unanswered.remove(result.uuid());
        boolean before = !answered.add(result.uuid());
        if (entry != null) {
            entry.deadline.cancel();
        }
        if (mastership == null) {
            return;
        }
        if (entry == null) {
            duplicates += before ? 1 : 0;
            strays += before ? 0 : 1;
            events.accept(before ? new PipelineEvent.Repeated(result, from) : new PipelineEvent.Strayed(result, from));
            return;
        }
        boolean right = result.result() == entry.task.answer();
        results++;
        wrong += right ? 0 : 1;
        events.accept(new PipelineEvent.Accepted(entry.task, result, from.id(), right));
    }

    /** What this node has done, with what the executor's side adds. */
    Counts counts(Multiplier multiplier) {
        return new Counts(
                sent,
                resent,
                results,
                wrong,
                duplicates,
                strays,
                unanswered.size(),
                multiplier.inWork(),
                multiplier.answered());
    }

    private void makeTask() {
        if (isOver()) {
            return;
        }
        nextTask = loop.schedule(settings.interval(), this::makeTask);
        Member executor = choose("");
        if (!mayAct()) {
            skip("the mastership is in doubt");
        } else if (executor == null) {
            skip("there is no other member");
        } else if (unanswered.size() >= MOST_UNANSWERED) {
            skip(MOST_UNANSWERED + " tasks have no result yet");
        } else {
            Task task = Task.random(executor.id(), settings.numbers(), loop.random());
            if (send.applyAsInt(task) == 0) {
                skip("nobody listens on the channel tasks yet");
                return;
            }
            known++;
            sent++;
            Unanswered entry = new Unanswered(task);
            unanswered.put(task.uuid(), entry);
            awaitResult(entry);
            events.accept(new PipelineEvent.Sent(task, executor));
        }
    }

    private void skip(String reason) {
        events.accept(new PipelineEvent.Skipped(reason));
    }

    private boolean isOver() {
        long elapsed = loop.clock().nanoTime() - startedAt;
        return settings.tasks().filter(most -> known >= most).isPresent()
                || settings.sending().filter(most -> elapsed >= most.toNanos()).isPresent();
    }

    private boolean mayAct() {
        return mastership != null && mastership.isValid();
    }

    private void awaitResult(Unanswered entry) {
        // Whoever is slow because of too much work is not helped by ever more of it, so patience grows.
        wake(
                entry,
                settings.patience().multipliedBy(Math.min(entry.attempts, 5)),
                () -> resend(entry, "no result in time"));
    }

    private void wake(Unanswered entry, Duration delay, Runnable action) {
        entry.deadline.cancel();
        entry.deadline = loop.schedule(delay, action);
    }

    /** Gives away the tasks whose executor is gone; those of this node itself are still in work here. */
    private void resendOrphans() {
        List.copyOf(unanswered.values()).stream()
                .filter(entry -> !others.containsKey(entry.task.executor()))
                .filter(entry -> !self.equals(entry.task.executor()))
                .forEach(entry -> resend(entry, "its executor is gone"));
    }

    private void resend(Unanswered entry, String reason) {
        Member executor = choose(entry.task.executor());
        if (executor == null || !mayAct()) {
            wake(entry, RETRY, () -> resend(entry, reason));
            return;
        }
        Task task = entry.task.withExecutor(executor.id());
        if (send.applyAsInt(task) == 0) {
            wake(entry, RETRY, () -> resend(entry, reason));
            return;
        }
        entry.task = task;
        entry.attempts++;
        resent++;
        awaitResult(entry);
        events.accept(new PipelineEvent.Resent(task, executor, entry.attempts, reason));
    }

    /** One of the other members, but not {@code failed} unless it is the only one; null if there is none. */
    private @Nullable Member choose(String failed) {
        List<String> ids = List.copyOf(others.keySet());
        List<String> better = ids.stream().filter(id -> !id.equals(failed)).toList();
        List<String> candidates = better.isEmpty() ? ids : better;
        return candidates.isEmpty() ? null : others.get(balancer.choose(candidates));
    }

    private long load(String id) {
        return tasks().filter(task -> task.executor().equals(id)).count();
    }

    private Stream<Task> tasks() {
        return unanswered.values().stream().map(entry -> entry.task);
    }

    /** A task without a result. */
    private static final class Unanswered {
        private Task task;
        private int attempts = 1;
        private Scheduled deadline = Scheduled.NONE;

        Unanswered(Task task) {
            this.task = task;
        }
    }
}
