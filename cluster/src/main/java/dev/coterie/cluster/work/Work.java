package dev.coterie.cluster.work;

import dev.coterie.cluster.concurrent.EventLoop;
import dev.coterie.cluster.concurrent.EventLoop.Scheduled;
import dev.coterie.cluster.discovery.Explanation;
import dev.coterie.cluster.discovery.Member;
import dev.coterie.cluster.discovery.View;
import dev.coterie.cluster.election.FencedMastership;
import dev.coterie.cluster.link.Kinds;
import dev.coterie.cluster.link.Links;
import dev.coterie.cluster.link.Message;
import dev.coterie.cluster.store.KeyValueStore;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Tasks and timers of a node: both ends of the conversations, and what binds them to the cluster. */
public final class Work {

    private static final String SUBJECT = "work";
    private static final Duration REOPEN = Duration.ofSeconds(1);
    private static final byte[] NOTHING = {};

    /** Of the time that a master has before it hands over, what is left for the journal though its successor is not ready. */
    private static final Duration SETTLE = Duration.ofMillis(300);

    /** How long it is waited for the others to be met. */
    private static final Duration MEET = Duration.ofMillis(200);

    /** How long a node keeps ready for a mastership that does not come. */
    private static final Duration FORGET = Duration.ofSeconds(10);

    private static final int CONCURRENCY = Math.max(4, 2 * Runtime.getRuntime().availableProcessors());

    private final KeyValueStore store;
    private final EventLoop loop;
    private final String prefix;
    private final WorkSettings settings;
    private final Links links;
    private final BiConsumer<String, Object> channels;
    private final Predicate<String> anybodyHears;
    private final Supplier<Member> self;
    private final Conversation conversation;
    private final Submitter submitter;
    private final Worker worker;
    private final ThreadPoolExecutor threads;
    private final Tasks tasks;
    private final Timers timers;
    private View view = new View(0, List.of());
    private @Nullable FencedMastership mastership;
    private @Nullable Master master;

    /** The journal, read while another is master who is about to hand over to this node. */
    private @Nullable TaskJournal ahead;

    private Scheduled forgetting = Scheduled.NONE;

    /** What was said to this node as the master that it is about to be. */
    private final Early early = new Early();

    /** While this node gets ready: who has not been met. */
    private final Set<String> unmet = new HashSet<>();

    private Runnable met = () -> {};

    /** Who is getting ready for this node's mastership, and what follows. */
    private String successorId = "";

    private Runnable prepared = () -> {};

    private boolean rehearsed;
    private boolean closed;
    private Scheduled reopening = Scheduled.NONE;

    /**
     * What tasks and timers need of their node.
     *
     * @param callbacks where the application is told
     * @param channels tells everybody who has joined a channel, this node included
     * @param anybodyHears whether there is anybody to tell
     * @param self this node as it is now
     */
    public record Environment(
            KeyValueStore store,
            EventLoop loop,
            EventLoop callbacks,
            Links links,
            BiConsumer<String, Object> channels,
            Predicate<String> anybodyHears,
            Supplier<Member> self) {}

    /** Prepares it; {@link #start} starts it. */
    public Work(Environment environment, String prefix, WorkSettings settings) {
        this.store = environment.store();
        this.loop = environment.loop();
        this.links = environment.links();
        this.channels = environment.channels();
        this.anybodyHears = environment.anybodyHears();
        this.self = environment.self();
        this.prefix = prefix;
        this.settings = settings;
        this.conversation = new Conversation(loop, (to, bytes) -> send(Kinds.TO_MASTER, to, bytes));
        this.submitter = new Submitter(loop, environment.callbacks(), conversation);
        this.threads = threads();
        this.worker = new Worker(loop, conversation, threads, CONCURRENCY);
        conversation.add(worker);
        conversation.add(submitter);
        String idPrefix = Long.toString(loop.random().nextLong() >>> 16, 36) + "-";
        this.tasks = new Tasks(submitter, worker, idPrefix);
        AtomicLong tokens = new AtomicLong(loop.random().nextLong() >>> 8);
        this.timers = new Timers(submitter, tokens::incrementAndGet);
        links.onLoop(Kinds.TO_MASTER, (from, message) -> toMaster(from, message.payload()));
        links.onLoop(Kinds.PREPARE, (from, message) -> prepare(from));
        links.onLoop(Kinds.PREPARED, (from, message) -> prepared.run());
        links.onLoop(Kinds.MEET, (from, message) -> meet(from));
        links.onLoop(Kinds.MET, (from, message) -> met(from.id()));
        links.onLoop(Kinds.TO_NODE, (from, message) -> toNode(from, message.payload()));
    }

    /** Made when they are needed, gone when they are not. */
    private static ThreadPoolExecutor threads() {
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                CONCURRENCY, CONCURRENCY, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
                    Thread thread = new Thread(task, "coterie-tasks");
                    thread.setDaemon(true);
                    return thread;
                });
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    /** Tasks. */
    public Tasks tasks() {
        return tasks;
    }

    /** Timers. */
    public Timers timers() {
        return timers;
    }

    // --- What the cluster tells: on the loop ------------------------------------------------------------------------

    /** Begins. */
    public void start() {
        conversation.start();
    }

    /** This node has another id now. */
    public void joined() {
        conversation.renamed();
    }

    /** Somebody is master of a slot from now on. */
    public void master(Member nowMaster, int slot, long term) {
        if (slot == 0) {
            if (!nowMaster.id().equals(self.get().id())) {
                forgetAhead();
            }
            conversation.master(nowMaster, term);
            if (mastership == null) {
                early.clear();
            }
        }
    }

    /** This node is master of a slot from now on. */
    public void promoted(FencedMastership now) {
        if (now.slot() == 0 && !closed) {
            mastership = now;
            open();
        }
    }

    /** This node is not master of a slot any more. */
    public void demoted(FencedMastership now) {
        if (now.slot() == 0) {
            mastership = null;
            closeMaster();
        }
    }

    /** These are the members now. */
    public void members(View now) {
        view = now;
        if (now.member(successorId).isEmpty()) {
            prepared.run();
        }
        if (master != null) {
            master.members(ids());
        }
    }

    // --- Handing over and leaving -----------------------------------------------------------------------------------

    /**
     * This node is about to leave: takes no more tasks, and waits until what it has is done and settled, as long as it
     * may.
     *
     * @param successor who is going to be asked, after that, to get ready to be master: it begins at once
     */
    public CompletableFuture<Void> drain(Optional<Member> successor) {
        if (master != null) {
            boolean unused = prepare(successor, master);
        }
        CompletableFuture<Void> drained = new CompletableFuture<>();
        worker.drain(() -> drained.complete(null));
        return orAfter(settings.drain(), drained);
    }

    /**
     * This node is about to hand over its mastership: lets its successor read the journal while this one goes on, and
     * then rests, until everything that was said to it is in the journal.
     *
     * @param successor who is asked to get ready; nobody if there is none
     * @param most how long it may take; then it is handed over all the same
     */
    public CompletableFuture<Void> beforeHandOver(Optional<Member> successor, Duration most) {
        Master now = master;
        if (now == null) {
            return CompletableFuture.completedFuture(null);
        }
        CompletableFuture<Void> ready = new CompletableFuture<>();
        prepared = () -> ready.complete(null);
        successorId = successor.map(Member::id).orElse("");
        if (!prepare(successor, now)) {
            ready.complete(null);
        }
        CompletableFuture<Void> settled = new CompletableFuture<>();
        loop.then(orAfter(most.minus(SETTLE), ready), done -> now.rest(() -> settled.complete(null)), never -> {});
        return orAfter(most, settled);
    }

    /** Asks a successor to get ready, if there is anything to read; whether it was asked. */
    private boolean prepare(Optional<Member> successor, Master master) {
        return master.hasTasks()
                && successor.filter(to -> offer(Kinds.PREPARE, to, NOTHING)).isPresent();
    }

    /** It was not handed over: the master goes on, if this node is still it. */
    public void handOverFailed() {
        if (master != null) {
            master.goOn();
        }
    }

    private CompletableFuture<Void> orAfter(Duration most, CompletableFuture<Void> done) {
        Scheduled timeout = loop.schedule(most, () -> done.complete(null));
        var unused = done.whenComplete((end, failure) -> timeout.cancel());
        return done;
    }

    /** The master is about to hand over to this node. */
    private void prepare(Member from) {
        if (closed || master != null) {
            return;
        }
        meetAll(from);
        TaskJournal reading = ahead == null ? new TaskJournal(store, loop, prefix, settings) : ahead;
        ahead = reading;
        forgetting.cancel();
        forgetting = loop.schedule(FORGET, this::forgetAhead);
        rehearse(() -> {
            // Unless this node has become master meanwhile, or another has.
            if (ahead == reading) {
                reading.readAhead(() -> readyFor(from));
            }
        });
    }

    private void readyFor(Member master) {
        met = () -> {
            boolean unused = offer(Kinds.PREPARED, master, NOTHING);
        };
        metIfAll();
    }

    /** Everybody is going to talk with this node: opening links is a part of the way that can be gone now. */
    private void meetAll(Member but) {
        met = () -> {};
        unmet.clear();
        for (Member member : view.members()) {
            if (!member.id().equals(but.id()) && offer(Kinds.MEET, member, NOTHING)) {
                unmet.add(member.id());
            }
        }
        var unused = loop.schedule(MEET, () -> {
            unmet.clear();
            metIfAll();
        });
    }

    private void meet(Member from) {
        boolean unused = offer(Kinds.MET, from, NOTHING);
    }

    private void met(String member) {
        unmet.remove(member);
        metIfAll();
    }

    private void metIfAll() {
        if (unmet.isEmpty()) {
            met.run();
            met = () -> {};
        }
    }

    private void rehearse(Runnable then) {
        if (rehearsed) {
            then.run();
        } else {
            rehearsed = true;
            new Rehearsal(loop, settings, self.get()).run(then);
        }
    }

    private void forgetAhead() {
        forgetting.cancel();
        if (ahead != null) {
            ahead.close();
            ahead = null;
        }
    }

    /** Takes no further part: stops what runs here, and tells whoever waits here that it will not be told. */
    public void close() {
        closed = true;
        closeMaster();
        forgetAhead();
        submitter.close();
        worker.close();
        conversation.close();
        threads.shutdown();
    }

    private Set<String> ids() {
        return view.members().stream().map(Member::id).collect(Collectors.toSet());
    }

    private void open() {
        FencedMastership mine = mastership;
        if (mine == null || closed) {
            return;
        }
        closeMaster();
        TaskJournal journal = ahead == null ? new TaskJournal(store, loop, prefix, settings) : ahead;
        ahead = null;
        forgetting.cancel();
        Master now = new Master(
                loop,
                journal,
                mine.term(),
                mine.guard(),
                settings,
                (to, bytes) -> send(Kinds.TO_NODE, to, bytes),
                new Master.Listener() {
                    @Override
                    public boolean hears(String channel) {
                        return anybodyHears.test(channel);
                    }

                    @Override
                    public void told(String channel, TaskInfo task) {
                        channels.accept(channel, task);
                    }

                    @Override
                    public void lost() {
                        // Mostly because another is master; if not, somebody has tampered with it.
                        reopening = loop.schedule(REOPEN, Work.this::open);
                    }
                });
        master = now;
        now.start(ids(), early);
    }

    private void closeMaster() {
        reopening.cancel();
        if (master != null) {
            master.close();
            master = null;
        }
    }

    /** Why a task is where it is, if this node is master and knows it. */
    public Explanation explainTask(String id) {
        return master == null ? Explanation.NONE : master.explain(id);
    }

    /** Why a timer is where it is, if this node is master and knows it. */
    public Explanation explainTimer(String id) {
        return master == null ? Explanation.NONE : master.explain(Names.TIMER + id);
    }

    // --- Messages ---------------------------------------------------------------------------------------------------

    private boolean send(byte kind, Member to, byte[] bytes) {
        Member me = self.get();
        if (!to.id().equals(me.id())) {
            return offer(kind, to, bytes);
        }
        loop.execute(() -> {
            if (kind == Kinds.TO_MASTER) {
                toMaster(me, bytes);
            } else {
                toNode(me, bytes);
            }
        });
        return true;
    }

    private boolean offer(byte kind, Member to, byte[] bytes) {
        return links.peer(to.id())
                .map(peer -> peer.offer(new Message(kind, SUBJECT, 0, bytes)))
                .orElse(false);
    }

    private void toMaster(Member from, byte[] bytes) {
        if (master != null) {
            master.received(from, bytes);
            return;
        }
        // Others may see that this node is master before it does itself.
        if (new WireReader(bytes).number() > conversation.term()) {
            boolean unused = early.add(from, bytes);
        }
    }

    private void toNode(Member from, byte[] bytes) {
        conversation.received(from, bytes, this::hear);
    }

    private void hear(WireReader reader) {
        while (reader.hasMore()) {
            byte verb = reader.verb();
            switch (verb) {
                case Verbs.RUN -> run(reader);
                case Verbs.STOP -> worker.stop(reader.name());
                case Verbs.OUTCOME -> submitter.outcome(reader.name(), TaskState.of(reader.verb()), reader.bytes());
                case Verbs.UNKNOWN -> submitter.unknown(reader.name());
                case Verbs.REFUSED -> submitter.refused(reader.name(), reader.number(), reader.text());
                case Verbs.ANSWER -> submitter.answered(reader.number(), reader.bytes());
                default -> throw new IllegalArgumentException("nobody knows verb " + verb);
            }
        }
    }

    private void run(WireReader reader) {
        String id = reader.name();
        int run = reader.smallNumber();
        String type = reader.name();
        int attempt = reader.smallNumber();
        long deadline = reader.number();
        Duration late = Duration.ofMillis(reader.number());
        boolean timer = id.startsWith(Names.TIMER);
        TaskRun told = new TaskRun(timer ? id.substring(Names.TIMER.length()) : id, attempt, late, conversation.term());
        worker.run(new Attempt(id, run, type, reader.bytes(), told, deadline));
    }
}
