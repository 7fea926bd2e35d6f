package dev.coterie.machines.faults;

import dev.coterie.cluster.Cluster;
import dev.coterie.cluster.work.Submitted;
import dev.coterie.cluster.work.TaskFailed;
import dev.coterie.cluster.work.TaskOptions;
import dev.coterie.machines.faults.Happening.Kind;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Tasks, each of whose runs has a result of its own, and timers, half of which are cleared again: some by this node, some
 * by whoever hears of them.
 */
final class WorkTraffic {

    private static final String TASK = "run";
    private static final String TIMER = "fire";
    private static final String CLEARINGS = "clearings";

    /** One timer to so many tasks. */
    private static final int TASKS_PER_TIMER = 4;

    private static final int LONGEST_DELAY_MS = 2000;

    private final Cluster cluster;
    private final Teller teller;
    private final String process;
    private final AtomicLong runs = new AtomicLong();
    private long number;

    WorkTraffic(Cluster cluster, Teller teller, String process) {
        this.cluster = cluster;
        this.teller = teller;
        this.process = process;
    }

    void begin() {
        cluster.tasks().handle(TASK, String.class, (id, run) -> {
            String result = process + ":" + runs.incrementAndGet();
            teller.tell(Kind.RAN, id, result, run.attempt());
            Thread.sleep(ThreadLocalRandom.current().nextInt(10));
            return result;
        });
        cluster.tasks().handle(TIMER, String.class, (id, run) -> {
            teller.tell(Kind.FIRED, id, "", run.attempt());
            return null;
        });
        cluster.channels().join(CLEARINGS, String.class, (id, from) -> clear(id));
    }

    void tick() {
        number++;
        submit(process + "-" + number);
        if (number % TASKS_PER_TIMER == 0) {
            set(process + "-" + number);
        }
    }

    private void submit(String id) {
        teller.tell(Kind.SUBMIT, id);
        // Its id is chosen here: it is said before anything happens to it.
        Submitted<String> submitted = cluster.tasks().submit(TASK, id, String.class, TaskOptions.DEFAULT.withId(id));
        var unusedAccepted = submitted.accepted().thenRun(() -> teller.tell(Kind.ACCEPTED, id));
        var unusedResult = submitted.result().whenComplete((value, failure) -> {
            if (failure == null) {
                teller.tell(Kind.RESULT, id, value);
            } else {
                teller.tell(Kind.FAILED, id, reason(failure));
            }
        });
    }

    private void set(String id) {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        Duration delay = Duration.ofMillis(random.nextInt(LONGEST_DELAY_MS));
        int clearing = random.nextInt(4);
        teller.tell(Kind.SET, id, "", delay.toMillis());
        var unused = cluster.timers().set(id, delay, TIMER, id).whenComplete((nothing, failure) -> {
            if (failure != null) {
                teller.tell(Kind.NOT_SET, id, reason(failure));
                return;
            }
            teller.tell(Kind.WAS_SET, id);
            if (clearing == 0) {
                clear(id);
            } else if (clearing == 1) {
                cluster.channels().send(CLEARINGS, id);
            }
        });
    }

    private void clear(String id) {
        teller.tell(Kind.CLEAR, id);
        var unused = cluster.timers().clear(id).whenComplete((answer, failure) -> {
            if (failure == null) {
                teller.tell(Kind.CLEARED, id, answer.name());
            } else {
                teller.tell(Kind.NOT_CLEARED, id, reason(failure));
            }
        });
    }

    /** Says what result a task has that anybody submitted. */
    void ask(String id) {
        var unused = cluster.tasks().result(id, String.class).whenComplete((value, failure) -> {
            if (failure == null) {
                teller.tell(Kind.ANSWERED, id, value);
            } else {
                teller.tell(Kind.FAILED, id, reason(failure));
            }
        });
    }

    private static String reason(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        return (cause instanceof TaskFailed failed ? failed.reason() + ": " : "") + cause.getMessage();
    }
}
