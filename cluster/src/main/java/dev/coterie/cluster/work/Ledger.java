package dev.coterie.cluster.work;

import dev.coterie.cluster.work.LedgerTask.Extras;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * All tasks and timers, and what may become of each. It knows neither the store nor links: every change that must
 * survive is given to a {@link Book}, every moment comes as an argument. Single-threaded.
 */
final class Ledger {

    /** A member that dies with a task is not the task's fault, until it happens again and again. */
    private static final int MOST_LOSSES = 10;

    /** Types beyond these are forgotten when there are no tasks of them. */
    private static final int MOST_KINDS = 100;

    private final WorkSettings settings;
    private final RandomGenerator random;
    private final Book book;
    private final Map<String, LedgerTask> tasks = new HashMap<>();
    private final Map<String, TaskKind> kinds = new LinkedHashMap<>();
    private final Map<Rules, Rules> rules = new HashMap<>(Map.of(Rules.DEFAULT, Rules.DEFAULT));
    private final DueHeap scheduled = new DueHeap();
    private final TaskList finished = new TaskList();

    /** When this ledger's owner began to count time, in ms since 1970. */
    private long keptFrom;

    private final TaskList dead = new TaskList();
    private long bytes;

    /** Where changes are written down. */
    interface Book {

        /** Writes down all there is to say of a task; what was written of it before counts no more. */
        void save(LedgerTask task);

        /** Nothing needs to be known of a task any more. */
        void forget(LedgerTask task);
    }

    Ledger(WorkSettings settings, RandomGenerator random, Book book) {
        this.settings = settings;
        this.random = random;
        this.book = book;
    }

    @Nullable
    LedgerTask find(String id) {
        return tasks.get(id);
    }

    Collection<LedgerTask> all() {
        return tasks.values();
    }

    /** How many are not finished. */
    int live() {
        return tasks.size() - finished.size();
    }

    /** How many are not due. */
    int scheduled() {
        return scheduled.size();
    }

    /** How many dead letters there are. */
    int dead() {
        return dead.size();
    }

    long bytes() {
        return bytes;
    }

    Collection<TaskKind> kinds() {
        return kinds.values();
    }

    TaskKind kind(String type) {
        TaskKind known = kinds.get(type);
        if (known == null) {
            known = new TaskKind(type);
            kinds.put(type, known);
        }
        return known;
    }

    // --- From the journal -------------------------------------------------------------------------------------------

    /**
     * Takes over what a record says, which is later than what was known of the task.
     *
     * @return the task; its segment is still the one of the earlier record
     */
    LedgerTask replay(TaskRecords.Found found) {
        LedgerTask task = tasks.get(found.id);
        if (task == null) {
            task = add(found.id, kind(found.texts.getOrDefault("type", "")), found.payload);
        } else {
            leave(task);
            bytes -= task.cost();
        }
        task.payload = found.payload;
        bytes += task.cost();
        task.extras(new Extras(
                found.texts.getOrDefault("key", ""),
                found.number("period", 0),
                found.number("token", 0),
                found.texts.getOrDefault("cause", "")));
        if (found.verb.equals("task")) {
            replayLive(task, found);
        } else {
            task.due = found.number("at", 0);
            finish(task, found.verb.equals("done") ? TaskState.COMPLETED : TaskState.CANCELLED);
        }
        return task;
    }

    /** What the journal knows no more, since its segments before this one are deleted, is forgotten. */
    void forgetThoseBefore(long segment) {
        List<LedgerTask> gone = tasks.values().stream()
                .filter(task -> task.segment != null && task.segment.sequence() < segment)
                .toList();
        for (LedgerTask task : gone) {
            leave(task);
            tasks.remove(task.id);
            task.kind.tasks--;
            bytes -= task.cost();
            book.forget(task);
        }
    }

    private void replayLive(LedgerTask task, TaskRecords.Found found) {
        // A timer that was set anew may be of another type.
        move(task, kind(found.texts.getOrDefault("type", "")));
        task.due = found.number("due", 0);
        task.run = (int) found.number("run", 0);
        task.failures = (int) found.number("failures", 0);
        task.fired = found.number("fired", 0) != 0;
        Rules usual = Rules.DEFAULT;
        task.rules = shared(new Rules(
                (int) found.number("attempts", usual.attempts()),
                found.number("backoff", usual.backoff()),
                found.number("longest", usual.longest()),
                found.number("deadline", usual.deadline())));
        if (found.number("dead", 0) != 0) {
            task.state = TaskState.DEAD;
            dead.addLast(task);
        } else {
            schedule(task, task.due);
        }
    }

    private Rules shared(Rules wanted) {
        // Somebody may make up new ones for every task; then they are not shared.
        return rules.size() < 1000 ? rules.computeIfAbsent(wanted, same -> same) : rules.getOrDefault(wanted, wanted);
    }

    // --- What nodes ask for -----------------------------------------------------------------------------------------

    /** Why a submission cannot be accepted; empty if it can. */
    Optional<String> objection(Submission submission) {
        if (submission.payload().length > WorkSettings.LARGEST_PAYLOAD) {
            return Optional.of("payload: " + submission.payload().length + " bytes, at most "
                    + WorkSettings.LARGEST_PAYLOAD + " fit; keep large data elsewhere and submit where it is");
        }
        if (live() >= settings.tasks()) {
            return Optional.of(
                    "there are " + live() + " tasks already, which is the bound; try again later, or raise it");
        }
        if (bytes + LedgerTask.COST + submission.payload().length > settings.bytes()) {
            return Optional.of("the tasks take " + (bytes >> 20) + " MiB of the master's memory already, which is the"
                    + " bound; try again later, or raise it");
        }
        return Optional.empty();
    }

    /** Whether a submission was accepted before: the same task, or the same setting of a timer. */
    boolean knows(Submission submission) {
        LedgerTask known = tasks.get(submission.id());
        return known != null && known.extras().token() == submission.token();
    }

    /** Takes a submission on; a timer that was set before is set anew. */
    LedgerTask accept(Submission submission, long now) {
        LedgerTask task = tasks.get(submission.id());
        TaskKind kind = kind(submission.type());
        if (task == null) {
            task = add(submission.id(), kind, submission.payload());
        } else {
            // What a member is running of it comes to nothing: it has another number.
            leave(task);
            task.run++;
            bytes -= task.cost();
            move(task, kind);
            task.payload = submission.payload();
            task.failures = 0;
            task.losses = 0;
            task.fired = false;
        }
        bytes += task.cost();
        task.rules = shared(submission.rules());
        task.extras(submission.extras());
        schedule(task, submission.delay() >= 0 ? now + submission.delay() : submission.due());
        book.save(task);
        return task;
    }

    private static void move(LedgerTask task, TaskKind kind) {
        task.kind.tasks--;
        kind.tasks++;
        task.kind = kind;
    }

    /** Cancels what is not finished. */
    void cancel(LedgerTask task, long now) {
        leave(task);
        bytes -= task.payload.length;
        task.payload = new byte[0];
        task.due = now;
        finish(task, TaskState.CANCELLED);
        book.save(task);
    }

    /** Tries a dead letter again from the beginning. */
    void retry(LedgerTask task, long now) {
        leave(task);
        task.failures = 0;
        task.losses = 0;
        schedule(task, now);
        book.save(task);
    }

    // --- What time brings -------------------------------------------------------------------------------------------

    /** The next task that is due, taken out; it is in no list then. */
    @Nullable
    LedgerTask nextDue(long now) {
        LedgerTask next = scheduled.first();
        if (next == null || next.due > now) {
            return null;
        }
        scheduled.remove(next);
        return next;
    }

    /** When the next task is due; {@code Long.MAX_VALUE} if none is pending. */
    long whenNext() {
        LedgerTask next = scheduled.first();
        return next == null ? Long.MAX_VALUE : next.due;
    }

    /** Writes down that a timer has fired. */
    void fire(LedgerTask task) {
        task.fired = true;
        task.state = TaskState.WAITING;
        book.save(task);
    }

    /** A task that is in no list waits for a member. */
    void await(LedgerTask task) {
        task.state = TaskState.WAITING;
        task.kind.waiting.addLast(task);
    }

    /**
     * From now on another clock counts, which may be hours ahead of the last one: what is finished is kept as if it had
     * just been, at least.
     */
    void takenOver(long now) {
        keptFrom = now;
    }

    /** Forgets finished tasks that are too old, or too many. */
    void expire(long now) {
        LedgerTask oldest = finished.first();
        while (oldest != null
                && (finished.size() > settings.retained()
                        || now - Math.max(oldest.due, keptFrom)
                                > settings.retention().toMillis()
                        || bytes > settings.bytes() - settings.bytes() / 4)) {
            finished.remove(oldest);
            tasks.remove(oldest.id);
            oldest.kind.tasks--;
            bytes -= oldest.cost();
            book.forget(oldest);
            oldest = finished.first();
        }
        if (kinds.size() > MOST_KINDS) {
            kinds.values().removeIf(kind -> kind.tasks == 0 && kind.able.isEmpty());
        }
    }

    private LedgerTask add(String id, TaskKind kind, byte[] payload) {
        LedgerTask task = new LedgerTask(id, kind, payload);
        tasks.put(id, task);
        kind.tasks++;
        return task;
    }

    // --- What members bring -----------------------------------------------------------------------------------------

    /** A waiting task goes to a member. */
    void give(LedgerTask task, NodeLine member) {
        leave(task);
        task.run++;
        runs(task, member);
    }

    /** A member says that it has a task, in its latest attempt. */
    void has(LedgerTask task, int run, NodeLine member) {
        leave(task);
        task.run = run;
        runs(task, member);
    }

    private static void runs(LedgerTask task, NodeLine member) {
        task.state = TaskState.RUNNING;
        task.member = member;
        member.running.addLast(task);
    }

    /** Whether a run counts: of a timer, none from before it was set anew or sent to another member. */
    static boolean counts(LedgerTask task, int run) {
        return !task.state.isFinal() && task.state != TaskState.DEAD && (!task.isTimer() || run >= task.run);
    }

    /** A task is done; a timer with a period is due again. */
    void complete(LedgerTask task, byte[] result, long now) {
        leave(task);
        if (task.extras().period() > 0) {
            again(task, now);
        } else {
            bytes += result.length - task.payload.length;
            task.payload = result;
            task.due = now;
            finish(task, TaskState.COMPLETED);
        }
        book.save(task);
    }

    /** An attempt has failed: another follows, or it is a dead letter, or a timer waits for its next time. */
    void failed(LedgerTask task, String cause, long now) {
        leave(task);
        task.failures++;
        task.extras(task.extras().withCause(cause));
        if (task.failures < task.rules.attempts()) {
            schedule(task, now + task.rules.wait(task.failures, random));
        } else if (task.extras().period() > 0) {
            again(task, now);
        } else {
            task.due = now;
            task.state = TaskState.DEAD;
            dead.addLast(task);
        }
        book.save(task);
    }

    /**
     * A running task is with its member no more: it waits again, before all others.
     *
     * @param died whether the member has died with it
     */
    void lost(LedgerTask task, boolean died, long now) {
        if (died && ++task.losses >= MOST_LOSSES) {
            task.failures = task.rules.attempts() - 1;
            failed(task, "the last " + MOST_LOSSES + " members that had it have died", now);
            return;
        }
        leave(task);
        task.state = TaskState.WAITING;
        task.kind.waiting.addFirst(task);
    }

    /** On its grid, at the next time that is not over. */
    private void again(LedgerTask task, long now) {
        long period = task.extras().period();
        task.fired = false;
        task.failures = 0;
        task.losses = 0;
        long missed = Math.max(0, now - task.due) / period;
        schedule(task, task.due + (missed + 1) * period);
    }

    private void schedule(LedgerTask task, long due) {
        task.state = TaskState.SCHEDULED;
        task.due = due;
        scheduled.add(task);
    }

    private void finish(LedgerTask task, TaskState state) {
        task.state = state;
        task.rules = Rules.DEFAULT;
        finished.addLast(task);
    }

    private void leave(LedgerTask task) {
        if (task.heapIndex >= 0) {
            scheduled.remove(task);
        } else if (task.list != null) {
            task.list.remove(task);
        }
        task.member = null;
    }
}
