package dev.coterie.cluster.election;

import dev.coterie.cluster.concurrent.Backoff;
import dev.coterie.cluster.concurrent.EventLoop;
import dev.coterie.cluster.concurrent.EventLoop.Scheduled;
import dev.coterie.cluster.discovery.Member;
import dev.coterie.cluster.membership.Membership;
import dev.coterie.cluster.membership.Membership.Registered;
import dev.coterie.cluster.session.Identity;
import dev.coterie.cluster.session.Session;
import dev.coterie.cluster.store.Change;
import dev.coterie.cluster.store.Condition;
import dev.coterie.cluster.store.Entry;
import dev.coterie.cluster.store.KeyValueStore;
import dev.coterie.cluster.store.Lease;
import dev.coterie.cluster.store.Mirror;
import dev.coterie.cluster.store.Operation;
import dev.coterie.cluster.store.StoreException;
import dev.coterie.cluster.store.StoreException.Kind;
import dev.coterie.cluster.store.Transaction;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who is master: one slot, a key in the store, taken by whoever writes it first while it is absent.
 *
 * <p>Candidates wait their rank times a short stagger, so the first in order wins and there is no stampede. This node
 * is master exactly while the slot shows its id on its session's lease; what it does as master proves it with the
 * mastership's guard. Single-threaded: on the event loop.
 */
public final class Election implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Election.class);

    /** Where the slots are, below the prefix. */
    public static final String DIRECTORY = "masters/";

    private static final int SLOT = 0;

    /** Longer than a write takes to reach every watch, so that the next in rank has seen it and stays still. */
    private static final Duration STAGGER = Duration.ofMillis(100);

    private static final Backoff RETRY = Backoff.doubling(Duration.ofMillis(50), Duration.ofSeconds(1));
    private static final int ATTEMPTS = 5;

    private final KeyValueStore store;
    private final EventLoop loop;
    private final Session session;
    private final Membership membership;
    private final Listener listener;
    private final String slotKey;
    private final Mirror mirror;

    private volatile @Nullable FencedMastership held;
    private volatile Optional<Mastered> master = Optional.empty();
    /** The last term held in this session; the mirror may still show it when it has been given away. */
    private long endedTerm;
    /** The last master told of, and the term; a mastership that nobody was told of yet is told when it can be. */
    private long toldTerm;
    /** The node that held the slot last: it does not count among those who would take it before us. */
    private String lastHolder = "";
    /** After stepping down with nobody to follow: until another node has taken the slot. */
    private boolean standingAside;

    private boolean closed;
    private boolean taking;
    private int failures;
    private Scheduled next = Scheduled.NONE;

    /** Is told what becomes of the masterships. On the event loop. */
    public interface Listener {

        /** This node is master from now on. */
        void promoted(FencedMastership mastership);

        /** This node is not master any more. */
        void demoted(FencedMastership mastership, String reason);

        /** A mastership has begun, here or elsewhere. */
        void master(Member master, int slot, long term);
    }

    /** Prepares it; {@link #start} starts it. */
    public Election(
            KeyValueStore store,
            EventLoop loop,
            String prefix,
            Duration reread,
            Session session,
            Membership membership,
            Listener listener) {
        this.store = store;
        this.loop = loop;
        this.session = session;
        this.membership = membership;
        this.listener = listener;
        this.slotKey = prefix + DIRECTORY + SLOT;
        this.mirror = new Mirror(store, loop, prefix + DIRECTORY, reread, this::changed);
    }

    /** Begins to follow the slot; takes part once this node is a member. On the loop. */
    public void start() {
        mirror.start();
    }

    /** What this node holds. Any thread. */
    public Optional<FencedMastership> held() {
        return Optional.ofNullable(held);
    }

    /** The master, if there is one and its member record is known. Any thread. */
    public Optional<Mastered> master() {
        return master;
    }

    /** A member and the mastership it holds. */
    public record Mastered(Member member, int slot, long term) {}

    /** The members or this node's session have changed. On the loop. */
    public void reconsider() {
        evaluate();
    }

    /** This node's session has ended, and with it whatever it held. On the loop. */
    public void sessionLost(String reason) {
        next.cancel();
        demoted("the session was lost: " + reason);
        endedTerm = 0;
        standingAside = false;
    }

    /**
     * Takes the slot, whoever has it.
     *
     * @return completes when this node has been written as master; fails if it is no member, or the store fails
     */
    public CompletableFuture<Void> promote() {
        standingAside = false;
        CompletableFuture<Void> done = new CompletableFuture<>();
        promote(done, ATTEMPTS);
        return done;
    }

    /**
     * Hands the slot to the next candidate in one transaction; with none, leaves it empty and stands aside until
     * another node has taken it. Does nothing if this node does not hold it.
     *
     * @return completes when it is done; fails if the store does
     */
    public CompletableFuture<Void> stepDown() {
        CompletableFuture<Void> done = new CompletableFuture<>();
        loop.then(done, stepped -> {}, failure -> standingAside = false);
        stepDown(done, ATTEMPTS);
        return done;
    }

    /** Takes no further part. What is held stays until the session ends. On the loop. */
    @Override
    public void close() {
        closed = true;
        next.cancel();
        mirror.close();
    }

    private Optional<Entry> slot() {
        return Optional.ofNullable(mirror.entries().get(slotKey));
    }

    private void changed(long revision, List<Change> changes) {
        evaluate();
    }

    // --- What the slot says of us and of the master -----------------------------------------------------------------

    private void evaluate() {
        if (closed || !mirror.loaded() || !membership.initialised()) {
            return;
        }
        Optional<Identity> own = session.current();
        Optional<Entry> slot = slot();
        boolean mine = own.isPresent() && slot.isPresent() && isOn(slot.get(), own.get());
        FencedMastership was = held;
        if (was != null && (!mine || was.term() != slot.orElseThrow().modRevision())) {
            demoted(slot.isEmpty() ? "the slot was emptied" : "the slot was taken");
        }
        if (mine && held == null && slot.orElseThrow().modRevision() > endedTerm) {
            FencedMastership now = new FencedMastership(
                    session,
                    own.orElseThrow(),
                    slotKey,
                    SLOT,
                    slot.orElseThrow().modRevision());
            held = now;
            listener.promoted(now);
        }
        tellMaster();
        if (slot.isPresent()) {
            SlotRecord.read(slot.get().value()).ifPresent(record -> lastHolder = record.node());
            standingAside &= mine;
            failures = 0;
        }
        considerTaking();
    }

    private static boolean isOn(Entry slot, Identity own) {
        return slot.lease() == own.lease()
                && SlotRecord.read(slot.value())
                        .filter(record -> record.node().equals(own.nodeId()))
                        .isPresent();
    }

    private void demoted(String reason) {
        FencedMastership was = held;
        if (was != null) {
            held = null;
            endedTerm = was.term();
            was.end();
            listener.demoted(was, reason);
        }
    }

    private void tellMaster() {
        master = slot().flatMap(entry -> SlotRecord.read(entry.value())
                .flatMap(record -> membership.view().member(record.node()))
                .map(member -> new Mastered(member, SLOT, entry.modRevision())));
        master.filter(now -> now.term() != toldTerm).ifPresent(now -> {
            toldTerm = now.term();
            listener.master(now.member(), now.slot(), now.term());
        });
    }

    // --- Taking a free slot -----------------------------------------------------------------------------------------

    private void considerTaking() {
        next.cancel();
        Optional<Identity> own = session.current();
        if (own.isEmpty() || taking || standingAside || slot().isPresent()) {
            return;
        }
        List<Member> candidates = candidates();
        int rank = rank(candidates, own.get().nodeId());
        if (rank >= 0) {
            Duration wait = STAGGER.multipliedBy(rank)
                    .plus(failures == 0 ? Duration.ZERO : RETRY.delay(failures, loop.random()));
            next = wait.isZero() ? Scheduled.NONE : loop.schedule(wait, this::take);
            if (wait.isZero()) {
                take();
            }
        }
    }

    /** Who may become master, the first in line first: the heaviest, and among equals the oldest session. */
    private List<Member> candidates() {
        return membership.view().members().stream()
                .filter(Member::eligible)
                .sorted(Comparator.comparingDouble(Member::weight).reversed())
                .toList();
    }

    /** How many would go before this node; -1 if it is no candidate. */
    private int rank(List<Member> candidates, String self) {
        List<String> ids = candidates.stream()
                .map(Member::id)
                .filter(id -> id.equals(self) || !id.equals(lastHolder))
                .toList();
        return ids.indexOf(self);
    }

    private void take() {
        Optional<Registered> self = session.current().flatMap(own -> membership.registered(own.nodeId()));
        Optional<Identity> own = session.current();
        if (closed || taking || own.isEmpty() || self.isEmpty() || slot().isPresent()) {
            return;
        }
        taking = true;
        Transaction transaction = Transaction.when(
                        Condition.absent(slotKey), own.get().guard())
                .then(write(self.get().member(), own.get().lease()));
        loop.then(
                store.commit(transaction),
                result -> {
                    // Won or lost, the watch tells it; if it does not in time, this looks again.
                    taking = false;
                    lookAgain();
                },
                failure -> {
                    taking = false;
                    log.debug("Taking the slot failed: {}", failure.getMessage());
                    if (isKind(failure, Kind.LEASE_NOT_FOUND)) {
                        session.doubt();
                    }
                    lookAgain();
                });
    }

    private void lookAgain() {
        failures++;
        next.cancel();
        next = loop.schedule(RETRY.delay(failures, loop.random()), this::evaluate);
    }

    private Operation write(Member master, long lease) {
        return new Operation.Put(
                slotKey, SlotRecord.of(master, loop.clock().now()).json(), lease);
    }

    // --- Promotion and hand-over on demand --------------------------------------------------------------------------

    private void promote(CompletableFuture<Void> done, int attempts) {
        Optional<Identity> own = session.current();
        Optional<Registered> self = own.flatMap(known -> membership.registered(known.nodeId()));
        if (own.isEmpty() || self.isEmpty()) {
            done.completeExceptionally(new IllegalStateException("this node is no member now; promote it when it is"));
            return;
        }
        long seen = slot().map(Entry::modRevision).orElse(0L);
        Transaction transaction = Transaction.when(
                        new Condition.Modified(slotKey, seen), own.get().guard())
                .then(write(self.get().member(), own.get().lease()));
        commit(transaction, done, attempts, this::promote, () -> {});
    }

    private void stepDown(CompletableFuture<Void> done, int attempts) {
        FencedMastership mine = held;
        if (mine == null) {
            done.complete(null);
            return;
        }
        standingAside = true;
        // The last attempt names nobody: better an empty slot for a moment than a master that cannot leave.
        Optional<Registered> successor = attempts > 1 ? successor() : Optional.empty();
        Transaction transaction = Transaction.when(mine.guard());
        transaction = successor.isEmpty()
                ? transaction.then(Operation.delete(slotKey))
                : transaction
                        .and(new Condition.Created(
                                successor.get().entry().key(),
                                successor.get().entry().createRevision()))
                        .then(write(
                                successor.get().member(),
                                successor.get().entry().lease()));
        String to =
                successor.map(next -> "handed over to " + next.member().name()).orElse("stepped down");
        commit(transaction, done, attempts, this::stepDown, () -> demoted(to));
    }

    private Optional<Registered> successor() {
        String self = session.current().map(Identity::nodeId).orElse("");
        return candidates().stream()
                .filter(member -> !member.id().equals(self))
                .flatMap(member -> membership.registered(member.id()).stream())
                .filter(registered -> registered.entry().lease() != Lease.NONE)
                .findFirst();
    }

    private interface Attempt {
        void again(CompletableFuture<Void> done, int attempts);
    }

    /** Commits; if the conditions did not hold, looks again when the mirrors have caught up with what changed. */
    private void commit(
            Transaction transaction, CompletableFuture<Void> done, int attempts, Attempt attempt, Runnable succeeded) {
        loop.then(
                store.commit(transaction),
                result -> {
                    if (result.succeeded()) {
                        succeeded.run();
                        done.complete(null);
                    } else {
                        retry(
                                done,
                                attempts,
                                attempt,
                                new StoreException(
                                        Kind.UNAVAILABLE,
                                        "the slot or a member changed at the same time, again and again"));
                    }
                },
                failure -> {
                    if (isKind(failure, Kind.LEASE_NOT_FOUND)) {
                        // The successor's session, or ours, is gone; which, the watches tell.
                        retry(done, attempts, attempt, failure);
                    } else {
                        done.completeExceptionally(failure);
                    }
                });
    }

    private void retry(CompletableFuture<Void> done, int attempts, Attempt attempt, Throwable failure) {
        if (attempts <= 1 || closed) {
            done.completeExceptionally(failure);
        } else {
            Duration wait = RETRY.delay(ATTEMPTS - attempts + 1, loop.random());
            var unused = loop.schedule(wait, () -> attempt.again(done, attempts - 1));
        }
    }

    private static boolean isKind(Throwable failure, Kind kind) {
        return failure instanceof StoreException known && known.kind() == kind;
    }
}
