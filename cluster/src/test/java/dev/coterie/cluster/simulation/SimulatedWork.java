package dev.coterie.cluster.simulation;

import dev.coterie.cluster.Cluster;
import dev.coterie.cluster.discovery.DiscoveryEvent.MasterChanged;
import dev.coterie.cluster.journal.JournalSettings;
import dev.coterie.cluster.work.Cancelled;
import dev.coterie.cluster.work.Cleared;
import dev.coterie.cluster.work.Submitted;
import dev.coterie.cluster.work.TaskFailed;
import dev.coterie.cluster.work.TaskOptions;
import dev.coterie.cluster.work.WorkSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;

/**
 * What the application of one process does with tasks and timers, and what all of them were promised: results that are
 * all different, so that a second one shows; timers that are set once and may be cleared.
 */
final class SimulatedWork {

    /** So few that some are refused. */
    private static final int MOST_TASKS = 12;

    /** Small enough for everything to be cleaned and compacted within a run. */
    static final WorkSettings SETTINGS = WorkSettings.DEFAULT
            .withTasks(MOST_TASKS)
            .withDrain(Duration.ofSeconds(5))
            .withJournal(JournalSettings.DEFAULT.withSegment(2_000).withSlack(100_000, 20_000, Duration.ofSeconds(1)));

    private static final String TASK = "unique";
    private static final String TIMER = "ring";
    private static final Duration LONGEST_DELAY = Duration.ofSeconds(15);

    /** How far the wall clocks of two nodes are apart at the end of a run, at most. */
    private static final Duration CLOCKS = Duration.ofSeconds(3);

    private static final TaskOptions OPTIONS =
            TaskOptions.DEFAULT.withBackoff(Duration.ofMillis(200), Duration.ofSeconds(1));

    private final World world;
    private final Cluster cluster;
    private final SimulatedProcess process;
    private final Promises promises;

    /** What becomes of one task. */
    private static final class TaskFate {
        private boolean accepted;
        private boolean cancelAsked;
        private boolean cancelled;
        private boolean dead;
        private int failures;
        private int runs;
        private int failuresBefore;
        private String result;

        /** The latest term there was when its result was told, or that it was cancelled; no later master runs it. */
        private long over = Long.MAX_VALUE;
    }

    /** What becomes of one timer. */
    private static final class TimerFate {
        private boolean accepted;
        private boolean clearAsked;
        private Cleared answer;
        private int fired;
        private int runs;

        /** When it is due at the earliest, in nanoseconds since the beginning. */
        private long due;
    }

    /** What was promised to anybody, by any master. */
    static final class Promises {

        private final World world;
        private final Map<String, TaskFate> tasks = new LinkedHashMap<>();
        private final Map<String, TimerFate> timers = new LinkedHashMap<>();
        private final boolean wanted;
        private boolean over;
        private boolean once;
        private int made;
        private long latestTerm;

        Promises(World world, boolean wanted) {
            this.world = world;
            this.wanted = wanted;
        }

        /** Whether anything is submitted in this run. */
        boolean wanted() {
            return wanted;
        }

        void wantNoMore() {
            over = true;
        }

        /** From now on nothing goes wrong: no task is run again unless it has failed, and no timer fires twice. */
        void eachOnce() {
            once = true;
            tasks.values().forEach(task -> {
                task.runs = 0;
                task.failuresBefore = task.failures;
            });
            timers.values().forEach(timer -> timer.runs = 0);
        }

        private void runAgain(String what, int runs, int most) {
            if (once && runs > most) {
                world.violated(what + " is run " + runs + " times, and nothing has gone wrong");
            }
        }

        /** How many tasks and timers were accepted. */
        long accepted() {
            return tasks.values().stream().filter(task -> task.accepted).count()
                    + timers.values().stream().filter(timer -> timer.accepted).count();
        }

        private <T> Map.Entry<String, T> any(Map<String, T> map) {
            List<Map.Entry<String, T>> all = new ArrayList<>(map.entrySet());
            return all.isEmpty() ? null : all.get(world.random().nextInt(all.size()));
        }

        private void result(String id, String result) {
            TaskFate task = tasks.get(id);
            if (task.result != null && !task.result.equals(result)) {
                world.violated("task " + id + " has two results: " + task.result + " and " + result);
            }
            if (task.cancelled) {
                world.violated("task " + id + " was cancelled and has a result");
            }
            task.result = result;
            task.over = Math.min(task.over, latestTerm);
        }

        /** A task is run; sometimes that fails, one way or another. */
        private Object run(String id, long term) {
            TaskFate task = tasks.get(id);
            if (term > task.over) {
                world.violated("task " + id + " was finished in term " + task.over + " and is run in " + term);
            }
            runAgain("task " + id, ++task.runs, 1 + task.failures - task.failuresBefore);
            int chance = world.random().nextInt(16);
            if (chance > 2) {
                return id + "-" + ++made;
            }
            task.failures++;
            if (chance == 0) {
                return new Unserialisable();
            }
            throw new IllegalStateException("on purpose");
        }

        private void dead(String id, TaskFate task) {
            task.dead = true;
            if (task.failures < OPTIONS.attempts()) {
                world.violated("task " + id + " is a dead letter after " + task.failures + " failures");
            }
        }

        private void fired(String id, Duration late) {
            TimerFate timer = timers.get(id);
            if (timer.due - world.now() > CLOCKS.toNanos()
                    || late.toNanos() > world.now() - timer.due + CLOCKS.toNanos()) {
                world.violated("timer " + id + " fires " + (world.now() - timer.due) / 1_000_000
                        + " ms after it was due, and says it is late by " + late.toMillis());
            }
            timer.fired++;
            runAgain("timer " + id, ++timer.runs, 1);
            if (timer.answer == Cleared.CLEARED) {
                world.violated("timer " + id + " was cleared and fires");
            }
        }

        /** Asks a node about every task; the answers are there a few seconds later. */
        void askAll(Cluster of) {
            tasks.forEach((id, task) -> {
                if (task.accepted && !task.cancelled && task.result == null) {
                    of.tasks().result(id, String.class).whenComplete((result, failure) -> {
                        if (failure == null) {
                            result(id, result);
                        } else if (task.cancelAsked && is(failure, TaskFailed.Reason.CANCELLED)) {
                            task.cancelled = true;
                        } else if (is(failure, TaskFailed.Reason.DEAD)) {
                            dead(id, task);
                        }
                    });
                }
            });
        }

        /** What was promised and is not so, when all is well again. */
        void check() {
            tasks.forEach((id, task) -> {
                if (task.accepted && !task.cancelled && !task.dead && task.result == null) {
                    world.violated("task " + id + " was accepted and has no result");
                }
            });
            timers.forEach((id, timer) -> {
                boolean mayBeCleared = timer.clearAsked && timer.answer == null;
                boolean cleared = timer.answer == Cleared.CLEARED;
                if (timer.accepted && !mayBeCleared && !cleared && timer.fired == 0) {
                    world.violated("timer " + id + " was accepted, not cleared, and has not fired");
                }
            });
        }
    }

    /** What cannot become JSON: it contains itself. */
    private record Unserialisable(Unserialisable[] parts) {

        Unserialisable() {
            this(new Unserialisable[1]);
            parts[0] = this;
        }
    }

    private static boolean is(Throwable failure, TaskFailed.Reason reason) {
        Throwable cause = failure.getCause() == null ? failure : failure.getCause();
        return cause instanceof TaskFailed failed && failed.reason() == reason;
    }

    SimulatedWork(World world, Cluster cluster, SimulatedProcess process, Promises promises) {
        this.world = world;
        this.cluster = cluster;
        this.process = process;
        this.promises = promises;
    }

    void begin() {
        cluster.tasks()
                .runOn(
                        task -> process.callbacks()
                                .schedule(Duration.ofMillis(world.random().nextInt(3000)), task),
                        3);
        cluster.on(MasterChanged.class, changed -> {
            if (changed.slot() == 0) {
                promises.latestTerm = Math.max(promises.latestTerm, changed.term());
            }
        });
        // As long as nobody handles them, tasks wait.
        later(() -> cluster.tasks().handle(TASK, String.class, (id, run) -> promises.run(id, run.term())));
        later(() -> cluster.tasks().handle(TIMER, String.class, (id, run) -> {
            world.note(process.name(), "timer " + id + " fires");
            promises.fired(id, run.late());
            return id;
        }));
        act();
    }

    private void later(Runnable action) {
        process.callbacks().schedule(Duration.ofMillis(world.random().nextInt(5000)), action);
    }

    private void act() {
        process.callbacks().schedule(Duration.ofMillis(world.random().nextInt(4000)), () -> {
            if (promises.over) {
                return;
            }
            switch (world.random().nextInt(8)) {
                case 0, 1, 2 -> submit("task" + ++promises.made);
                case 3 -> submit(promises.any(promises.tasks));
                case 4 -> cancel(promises.any(promises.tasks));
                case 5, 6 -> set("timer" + ++promises.made);
                default -> clear(promises.any(promises.timers));
            }
            act();
        });
    }

    private void submit(Map.Entry<String, TaskFate> again) {
        if (again != null) {
            submit(again.getKey());
        }
    }

    private void submit(String id) {
        TaskFate task = promises.tasks.computeIfAbsent(id, none -> new TaskFate());
        Submitted<String> submitted = cluster.tasks().submit(TASK, id, String.class, OPTIONS.withId(id));
        then(submitted.accepted(), accepted -> {
            world.note(process.name(), id + " is accepted");
            task.accepted = true;
        });
        then(submitted.result(), result -> promises.result(id, result));
        boolean known = task.accepted;
        var unused = submitted.accepted().exceptionally(failure -> {
            if (known && process.alive() && is(failure, TaskFailed.Reason.REFUSED)) {
                world.violated("task " + id + " was accepted and is refused");
            }
            return null;
        });
    }

    private void cancel(Map.Entry<String, TaskFate> one) {
        if (one == null) {
            return;
        }
        one.getValue().cancelAsked = true;
        boolean known = one.getValue().accepted;
        then(cluster.tasks().cancel(one.getKey()), answer -> {
            world.note(process.name(), "cancel " + one.getKey() + ": " + answer);
            if (answer == Cancelled.CANCELLED) {
                one.getValue().cancelled = true;
                one.getValue().over = Math.min(one.getValue().over, promises.latestTerm);
            }
            if (answer == Cancelled.UNKNOWN && known) {
                world.violated("task " + one.getKey() + " was accepted and is unknown");
            }
            if (answer == Cancelled.CANCELLED && one.getValue().result != null) {
                world.violated("task " + one.getKey() + " has a result and was cancelled");
            }
        });
    }

    private void set(String id) {
        TimerFate timer = new TimerFate();
        promises.timers.put(id, timer);
        Duration delay = Duration.ofNanos(world.between(Duration.ZERO, LONGEST_DELAY));
        timer.due = world.now() + delay.toNanos();
        then(cluster.timers().set(id, delay, TIMER, id), set -> {
            world.note(process.name(), id + " is set");
            timer.accepted = true;
        });
    }

    private void clear(Map.Entry<String, TimerFate> one) {
        if (one == null) {
            return;
        }
        TimerFate timer = one.getValue();
        timer.clearAsked = true;
        boolean known = timer.accepted;
        boolean clearedBefore = timer.answer != null;
        then(cluster.timers().clear(one.getKey()), answer -> {
            world.note(process.name(), "clear " + one.getKey() + ": " + answer);
            // An answer may be as old as its question: before that the timer may not have been set.
            boolean contradiction =
                    answer == Cleared.UNKNOWN ? known || clearedBefore : timer.answer != null && answer != timer.answer;
            if (contradiction) {
                world.violated(
                        "clearing timer " + one.getKey() + " is answered " + answer + ", and was " + timer.answer);
            }
            if (answer == Cleared.CLEARED && timer.fired > 0) {
                world.violated("timer " + one.getKey() + " has fired and was cleared");
            }
            if (answer != Cleared.UNKNOWN) {
                timer.answer = answer;
            }
        });
    }

    /** What a process that has died was told, nobody was. */
    private <T> void then(CompletionStage<T> stage, java.util.function.Consumer<T> success) {
        var unused = stage.whenComplete((value, failure) -> {
            if (failure == null && process.alive()) {
                success.accept(value);
            }
        });
    }
}
