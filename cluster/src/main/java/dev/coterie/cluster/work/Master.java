package dev.coterie.cluster.work;

import dev.coterie.cluster.concurrent.EventLoop;
import dev.coterie.cluster.concurrent.EventLoop.Scheduled;
import dev.coterie.cluster.discovery.Explanation;
import dev.coterie.cluster.discovery.Member;
import dev.coterie.cluster.store.Condition;
import dev.coterie.cluster.work.TaskEvent.What;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the master of slot 0 does for as long as it is: reads the journal, hears from all members what they are doing,
 * and from then on takes tasks on and hands them out. On the loop.
 *
 * <p>A task may be sent off before the journal has it; whatever somebody may rely on is said only afterwards: that it
 * was accepted or refused, its result, that it was cancelled, that it is unknown. A timer is sent off when the journal
 * has that it fired.
 */
final class Master implements TaskJournal.Listener {

    private static final Logger log = LoggerFactory.getLogger(Master.class);

    /** How many tasks become due in one go, so that the loop can do something else between. */
    private static final int MOST_DUE = 5_000;

    private static final Duration LONGEST_WAIT = Duration.ofSeconds(1);

    private static final int MOST_TYPES = 1_000;

    private final EventLoop loop;
    private final long term;
    private final List<Condition> guard;
    private final WorkSettings settings;
    private final Listener listener;
    private final TaskJournal journal;
    private final Ledger ledger;
    private final Counter counter = new Counter();
    private final Dispatcher dispatcher;
    private final Answers answers;
    private final Lines lines;
    private final RollCall rollCall;

    /** What was said before the journal was read. */
    private final Early early = new Early();

    private final long wallOrigin;
    private final long nanoOrigin;
    private Set<String> members = Set.of();
    private boolean opened;
    private boolean resting;
    private boolean closed;
    private long nextTick = Long.MAX_VALUE;
    private Scheduled tick = Scheduled.NONE;

    /** Is told what the cluster may be told. On the loop. */
    interface Listener {

        /** Whether anybody wants to be told. */
        boolean hears(String channel);

        /** This is certain of a task now. */
        void told(String channel, TaskInfo task);

        /** The journal is lost; if this node is still master, another attempt is due. */
        void lost();
    }

    /**
     * Prepares it; {@link #start} starts it.
     *
     * @param journal not open; some of it may have been read already
     * @param guard holds in a transaction as long as this node is master
     * @param links sends a message to a member, or has no room for it
     */
    Master(
            EventLoop loop,
            TaskJournal journal,
            long term,
            List<Condition> guard,
            WorkSettings settings,
            BiPredicate<Member, byte[]> links,
            Listener listener) {
        this.loop = loop;
        this.term = term;
        this.guard = guard;
        this.settings = settings;
        this.lines = new Lines(loop, links, term);
        this.rollCall = new RollCall(loop, this::tick);
        this.listener = listener;
        this.dispatcher = new Dispatcher(settings.strategy().balancer(loop.random(), NodeLine::load));
        this.journal = journal;
        this.ledger = journal.ledger();
        this.answers = new Answers(ledger, this::time, this::whyNotSent, this::counts);
        this.wallOrigin = loop.clock().now().toEpochMilli();
        this.nanoOrigin = loop.clock().nanoTime();
    }

    /**
     * Begins to read the journal.
     *
     * @param said to this master before it was there
     */
    void start(Set<String> nowMembers, Early said) {
        members = Set.copyOf(nowMembers);
        said.take(this::received);
        journal.open(guard, this);
    }

    /** Whether there is anything that a successor would have to know. */
    boolean hasTasks() {
        return opened && !ledger.all().isEmpty();
    }

    /**
     * Another is about to be master: hears nothing more and sends nothing more off, so that what nodes have to say they
     * say to that one.
     *
     * @param settled what was heard before is in the journal, and whoever is concerned is told
     */
    void rest(Runnable settled) {
        resting = true;
        tick.cancel();
        if (opened) {
            journal.after(settled);
        } else {
            settled.run();
        }
    }

    /**
     * No other is master after all. Nodes say again what was not heard: to their next message this master answers that
     * one is missing.
     */
    void goOn() {
        if (resting) {
            resting = false;
            if (rollCall.isOver()) {
                tick();
            }
        }
    }

    /** Does nothing any more. */
    void close() {
        closed = true;
        tick.cancel();
        rollCall.close();
        journal.close();
        lines.close();
    }

    /** The wall clock as it was at the beginning, moved on by the monotonic one: it does not jump. In ms. */
    private long time() {
        return wallOrigin + (loop.clock().nanoTime() - nanoOrigin) / 1_000_000;
    }

    // --- Members ----------------------------------------------------------------------------------------------------

    /** These are the members now. */
    void members(Set<String> now) {
        members = Set.copyOf(now);
        lines.retain(members).forEach(line -> {
            requeue(line.running, true);
            requeue(line.unconfirmed, true);
        });
        if (opened) {
            lines.greetEarly(members);
            rollCall.retain(members);
            done();
        }
    }

    private void requeue(TaskList tasks, boolean died) {
        // From the last to the first, each before all others: they wait in their old order.
        List<LedgerTask> all = tasks.all();
        for (int i = all.size() - 1; i >= 0; i--) {
            ledger.lost(all.get(i), died, time());
        }
    }

    // --- What nodes say ---------------------------------------------------------------------------------------------

    /** A message from a node. */
    void received(Member from, byte[] bytes) {
        WireReader reader = new WireReader(bytes);
        long ofTerm = reader.number();
        long conversation = reader.number();
        long number = reader.number();
        if (closed || resting || ofTerm != term) {
            return;
        }
        boolean kept = !opened && early.add(from, bytes);
        if (!opened || !members.contains(from.id())) {
            if (!kept) {
                lines.early(from);
            }
            return;
        }
        NodeLine line = lines.hear(from, conversation, number);
        if (line == null) {
            return;
        }
        // What it has heard of ours is known from what it says: this end keeps nothing for it.
        long unused = reader.number();
        heard(line, number, reader);
        done();
    }

    private void heard(NodeLine line, long number, WireReader reader) {
        List<LedgerTask> finished = new ArrayList<>();
        if (!reader.hasMore()) {
            // It only wants to know whether it is heard, also while the store is slow.
            line.outbox.send();
        }
        while (reader.hasMore()) {
            heard(line, reader.verb(), reader, finished);
        }
        after(() -> {
            line.outbox.settled(number);
            lines.touch(line);
            finished.forEach(this::tellOutcome);
        });
    }

    private void heard(NodeLine line, byte verb, WireReader reader, List<LedgerTask> finished) {
        switch (verb) {
            case Verbs.HELLO, Verbs.CAPACITY -> can(line, reader);
            case Verbs.RUNNING -> running(line, reader.name(), reader.smallNumber());
            case Verbs.READY -> ready(line);
            case Verbs.SUBMIT -> submitted(line, Submission.read(reader));
            case Verbs.AWAIT -> awaited(line, reader.name());
            case Verbs.DONE -> completed(line, reader.name(), reader.smallNumber(), reader.bytes(), finished);
            case Verbs.FAILED -> failed(line, reader.name(), reader.smallNumber(), reader.text(), finished);
            case Verbs.ASK -> asked(line, reader.number(), Question.of(reader.verb()), reader.text());
            default -> throw new IllegalArgumentException("nobody knows verb " + verb);
        }
    }

    private void can(NodeLine line, WireReader reader) {
        int capacity = reader.smallNumber();
        List<TaskKind> kinds = new ArrayList<>();
        for (int i = reader.smallNumber(); i > 0; i--) {
            kinds.add(ledger.kind(reader.name()));
        }
        line.can(capacity, kinds);
    }

    private void running(NodeLine line, String id, int run) {
        LedgerTask task = ledger.find(id);
        // Of two members that have it, the one that this master has sent it to goes on; and no attempt that was
        // followed
        // by another, whose failure would count as one of before.
        boolean elsewhere = task != null && task.member != null && task.member != line && task.member.open;
        if (task == null || !Ledger.counts(task, run) || run < task.run || elsewhere) {
            line.outbox.say().verb(Verbs.STOP).name(id);
        } else {
            ledger.has(task, run, line);
        }
    }

    private void ready(NodeLine line) {
        line.ready = true;
        requeue(line.unconfirmed, false);
        rollCall.answered(line.member.id());
    }

    private void submitted(NodeLine line, Submission submission) {
        line.submissions++;
        LedgerTask task = ledger.find(submission.id());
        if (task == null || !ledger.knows(submission)) {
            Optional<String> tooMany = ledger.objection(submission);
            Optional<String> tooSlow = journal.objection();
            if (tooMany.isPresent() || tooSlow.isPresent()) {
                String why = tooSlow.or(() -> tooMany).orElseThrow();
                long number = line.submissions;
                Runnable refuse = () -> say(line)
                        .verb(Verbs.REFUSED)
                        .name(submission.id())
                        .number(number)
                        .text(why);
                if (tooSlow.isPresent()) {
                    // Nothing can be made certain of soon.
                    refuse.run();
                } else {
                    journal.certainly(refuse);
                }
                return;
            }
            task = ledger.accept(submission, time());
            counter.happened(What.ACCEPTED, task, null, time());
            tellAll(Tasks.TASKS, task);
        }
        wait(line, task);
    }

    private void awaited(NodeLine line, String id) {
        LedgerTask task = ledger.find(id);
        if (task == null) {
            journal.certainly(() -> say(line).verb(Verbs.UNKNOWN).name(id));
        } else {
            wait(line, task);
        }
    }

    private void wait(NodeLine line, LedgerTask task) {
        if (task.state.isFinal() || task.state == TaskState.DEAD) {
            after(() -> tell(line, task));
        } else if (!task.isTimer()) {
            task.await(line);
        }
    }

    private void completed(NodeLine line, String id, int run, byte[] result, List<LedgerTask> finished) {
        LedgerTask task = ledger.find(id);
        if (task == null || !Ledger.counts(task, run)) {
            return;
        }
        if (task.member != null && task.member != line) {
            say(task.member).verb(Verbs.STOP).name(id);
        }
        long now = time();
        // A timer that comes again is due another time when it is done.
        long ms = now - task.due;
        ledger.complete(task, result, now);
        counter.completed(task, line, now, ms);
        if (task.state.isFinal()) {
            finished.add(task);
        }
    }

    private void failed(NodeLine line, String id, int run, String cause, List<LedgerTask> finished) {
        LedgerTask task = ledger.find(id);
        if (task != null && task.run == run && task.member == line) {
            ledger.failed(task, cause, time());
            boolean dead = task.state == TaskState.DEAD;
            counter.happened(dead ? What.DEAD : What.FAILED, task, line, time());
            if (dead) {
                finished.add(task);
            }
        }
    }

    private void asked(NodeLine line, long number, Question question, String about) {
        byte[] answer = answers.to(question, about, this::stop);
        Runnable tell = () -> say(line).verb(Verbs.ANSWER).number(number).bytes(answer);
        if (question.needsCertainty()) {
            journal.certainly(tell);
        } else {
            after(tell);
        }
    }

    /** A task is not to be run any more: whoever runs it and whoever waits for it is told. */
    private void stop(LedgerTask task, @Nullable NodeLine member) {
        if (member != null) {
            say(member).verb(Verbs.STOP).name(task.id);
        }
        counter.happened(What.CANCELLED, task, member, time());
        after(() -> tellOutcome(task));
    }

    // --- What nodes are told ----------------------------------------------------------------------------------------

    private void tellOutcome(LedgerTask task) {
        if (task.state.isFinal() || task.state == TaskState.DEAD) {
            task.waiters().forEach(line -> tell(line, task));
            task.noMoreWaiters();
            tellAll(Tasks.RESULTS, task);
        }
    }

    /** Tells whoever watches how a task is now, when the journal has it. */
    private void tellAll(String channel, LedgerTask task) {
        if (listener.hears(channel)) {
            TaskInfo now = Answers.info(task);
            after(() -> listener.told(channel, now));
        }
    }

    private void tell(NodeLine line, LedgerTask task) {
        boolean done = task.state == TaskState.COMPLETED;
        WireWriter to = say(line);
        to.verb(Verbs.OUTCOME).name(task.id).verb(task.state.code());
        if (done) {
            to.bytes(task.payload);
        } else {
            to.text(task.extras().cause());
        }
    }

    private WireWriter say(NodeLine line) {
        return lines.say(line);
    }

    /** At the end of whatever has happened: hands out what can be, and sends what is to be said. */
    private void done() {
        if (rollCall.isOver() && !resting) {
            dispatch();
        }
        lines.flush().forEach(line -> {
            requeue(line.running, false);
            requeue(line.unconfirmed, false);
        });
        scheduleTick();
    }

    private void dispatch() {
        long now = time();
        for (TaskKind kind : ledger.kinds()) {
            LedgerTask task = kind.waiting.first();
            while (task != null) {
                NodeLine line = dispatcher.choose(task);
                if (line == null) {
                    break;
                }
                ledger.give(task, line);
                counter.happened(What.GIVEN, task, line, now);
                send(task, line);
                tellAll(Tasks.TASKS, task);
                task = kind.waiting.first();
            }
        }
    }

    private void send(LedgerTask task, NodeLine line) {
        say(line)
                .verb(Verbs.RUN)
                .name(task.id)
                .number(task.run)
                .name(task.kind.name)
                .number(task.failures + task.losses + 1)
                .number(task.rules.deadline())
                .number(Math.max(0, time() - task.due))
                .bytes(task.payload);
    }

    /** Why a task is where it is; nothing if it is not known. */
    Explanation explain(String id) {
        return opened
                ? answers.explanation(id)
                : new Explanation(
                        List.of("this node is the new master and still reads the journal; ask again"), Map.of());
    }

    private String whyNotSent(LedgerTask task) {
        if (!rollCall.isOver()) {
            return "the master is new and waits to hear what " + rollCall.missing() + " members are doing";
        }
        long able = task.kind.able.size();
        return able == 0
                ? "no member handles " + task.kind.name
                : "all " + able + " members that handle " + task.kind.name + " have as much as they take";
    }

    private TaskCounts counts(long known) {
        return new TaskCounts(
                term,
                counter.totals(),
                counter.latencies(),
                ledger.live(),
                ledger.scheduled(),
                ledger.dead(),
                ledger.bytes(),
                ledger.kinds().stream()
                        .filter(kind -> kind.tasks > 0 || !kind.able.isEmpty())
                        .limit(MOST_TYPES)
                        .map(kind -> new TaskCounts.Type(kind.name, kind.tasks, kind.waiting.size(), kind.able.size()))
                        .toList(),
                lines.all().stream()
                        .map(line -> new TaskCounts.Share(
                                line.member.id(),
                                line.capacity,
                                line.running.size(),
                                line.done,
                                line.kinds.stream().map(kind -> kind.name).toList()))
                        .toList(),
                counter.after(known));
    }

    // --- Time -------------------------------------------------------------------------------------------------------

    private void scheduleTick() {
        if (!rollCall.isOver() || resting || closed) {
            return;
        }
        long now = time();
        long when = Math.min(ledger.whenNext(), now + LONGEST_WAIT.toMillis());
        if (when < nextTick) {
            nextTick = when;
            tick.cancel();
            tick = loop.schedule(Duration.ofMillis(when - now), this::tick);
        }
    }

    private void tick() {
        if (closed || resting) {
            return;
        }
        nextTick = Long.MAX_VALUE;
        tick.cancel();
        long now = time();
        List<LedgerTask> fired = new ArrayList<>();
        for (int i = 0; i < MOST_DUE; i++) {
            LedgerTask task = ledger.nextDue(now);
            if (task == null) {
                break;
            }
            if (task.isTimer() && !task.fired) {
                ledger.fire(task);
                fired.add(task);
                counter.happened(What.FIRED, task, null, now);
            } else {
                ledger.await(task);
            }
        }
        ledger.expire(now);
        if (!fired.isEmpty()) {
            after(() -> fired.forEach(this::sendOff));
        }
        done();
    }

    /** The journal has that a timer fired, if that is still the latest of it. */
    private void sendOff(LedgerTask task) {
        if (task.fired && task.state == TaskState.WAITING && task.list == null && journal.has(task)) {
            ledger.await(task);
        }
    }

    // --- The journal ------------------------------------------------------------------------------------------------

    private void after(Runnable action) {
        journal.after(action);
    }

    @Override
    public void effected() {
        done();
    }

    @Override
    public void opened() {
        opened = true;
        ledger.takenOver(time());
        ledger.expire(time());
        if (ledger.live() > 0) {
            log.info("{} tasks and timers were taken over in term {}", ledger.live(), term);
        }
        rollCall.begin(members, settings.grace());
        early.take(this::received);
        lines.greetEarly(members);
    }

    @Override
    public void lost(String reason) {
        if (!closed) {
            log.warn("The journal of tasks is lost: {}", reason);
            close();
            listener.lost();
        }
    }
}
