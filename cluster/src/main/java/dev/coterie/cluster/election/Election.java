package dev.coterie.cluster.election;

import dev.coterie.cluster.concurrent.EventLoop;
import dev.coterie.cluster.concurrent.EventLoop.Scheduled;
import dev.coterie.cluster.discovery.Member;
import dev.coterie.cluster.membership.Membership;
import dev.coterie.cluster.membership.Membership.Registered;
import dev.coterie.cluster.session.Identity;
import dev.coterie.cluster.session.Session;
import dev.coterie.cluster.store.Change;
import dev.coterie.cluster.store.KeyValueStore;
import dev.coterie.cluster.store.Lease;
import dev.coterie.cluster.store.Mirror;
import dev.coterie.cluster.store.Transaction;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who is master: a number of slots, each a key in the store, taken by whoever writes it first while it is absent.
 *
 * <p>Of the candidates, the first in line take the free slots at once, one each; the others wait their turn times a
 * short stagger, so there is no stampede. This node is master exactly while a slot shows its id on its session's lease;
 * what it does as master proves it with the mastership's guard. Single-threaded: on the event loop.
 */
public final class Election implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Election.class);

    /** Where the slots are, below the prefix. */
    public static final String DIRECTORY = "masters/";

    /** Longer than a write takes to reach every watch, so that the next in line has seen it and stays still. */
    private static final Duration STAGGER = Duration.ofMillis(100);

    /** For when nothing else gives reason to. */
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(1);

    private static final String STEPPED_DOWN = "stepped down";

    private final KeyValueStore store;
    private final EventLoop loop;
    private final Session session;
    private final Membership membership;
    private final Listener listener;
    private final Slots slots;
    private final Candidates candidates;
    private final SlotWriter writer;
    private final Mirror mirror;

    private volatile @Nullable FencedMastership held;
    private volatile List<Mastered> masters = List.of();
    /** The last term held in this session; the mirror may still show it when it has been given away. */
    private long endedTerm;
    /** The last term told of, by slot; a mastership that nobody was told of yet is told when it can be. */
    private final Map<Integer, Long> told = new HashMap<>();
    /** The slot that was left with nobody to follow: until another node has taken it. */
    private Optional<Integer> standingAsideOf = Optional.empty();
    /** This node has ceased to be eligible, though the store may not know it yet. */
    private boolean barred;

    private boolean closed;
    private boolean taking;
    private int failures;
    private List<Integer> free = List.of();
    private long freeSince;
    /** After an attempt to take one, or after having had one: no other before then. */
    private long notBefore;
    /** What this node wrote when it took one, until the mirror shows it: till then the slot only seems to be free. */
    private long written;

    private Scheduled next = Scheduled.NONE;

    /** The last that was begun: they are made one after the other. */
    private CompletableFuture<Void> handOver = CompletableFuture.completedFuture(null);
    /** How often this node was asked to be master, which withdraws the hand-overs that were asked for before. */
    private long promotions;

    /** Is told what becomes of the masterships. On the event loop. */
    public interface Listener {

        /** This node is master from now on. */
        void promoted(FencedMastership mastership);

        /** This node is not master any more. */
        void demoted(FencedMastership mastership, String reason);

        /** A mastership has begun, here or elsewhere. */
        void master(Member master, int slot, long term);

        /**
         * This node is about to hand over its slot.
         *
         * @param successor who gets it; nobody if there is none
         * @return completes when it may; never fails
         */
        CompletableFuture<Void> handingOver(Optional<Member> successor);

        /** Nothing has come of that: this node may be master as before. */
        void handOverFailed();
    }

    /**
     * Prepares it; {@link #start} starts it.
     *
     * @param required how many masters there are to be
     */
    public Election(
            KeyValueStore store,
            EventLoop loop,
            String prefix,
            int required,
            Duration reread,
            Session session,
            Membership membership,
            Listener listener) {
        this.store = store;
        this.loop = loop;
        this.session = session;
        this.membership = membership;
        this.listener = listener;
        this.slots = new Slots(prefix + DIRECTORY, required);
        this.candidates = new Candidates(membership, slots);
        this.writer = new SlotWriter(store, loop, slots);
        this.mirror = new Mirror(store, loop, prefix + DIRECTORY, reread, this::changed);
        this.notBefore = loop.clock().nanoTime();
    }

    /** Begins to follow the slots; takes part once this node is a member. On the loop. */
    public void start() {
        mirror.start();
    }

    /** What this node holds. Any thread. */
    public Optional<FencedMastership> held() {
        return Optional.ofNullable(held);
    }

    /** The masters whose member records are known, by slot. Any thread. */
    public List<Mastered> masters() {
        return masters;
    }

    /** A member and the mastership it holds. */
    public record Mastered(Member member, int slot, long term) {}

    /** Who is master, who would be next, and why. On the loop. */
    public Standings standings() {
        List<Registered> oldestFirst = membership.view().members().stream()
                .flatMap(member -> membership.registered(member.id()).stream())
                .toList();
        Optional<String> aside =
                standingAsideOf.flatMap(slot -> session.current()).map(Identity::nodeId);
        return new Explainer(slots, oldestFirst, aside).explain(mirror.revision());
    }

    /**
     * Goes once the way of a transaction that takes a slot, with one that does nothing: in a JVM that has never done it,
     * this takes ten milliseconds longer than it will when a master has died. On the loop.
     */
    public void rehearse() {
        session.current().flatMap(own -> membership.registered(own.nodeId())).ifPresent(self -> {
            Identity own = session.current().orElseThrow();
            loop.then(store.commit(writer.rehearsal(own, self.member())), done -> {}, failure -> {});
        });
    }

    /** The members or this node's session have changed. On the loop. */
    public void reconsider() {
        evaluate();
    }

    /** This node's session has ended, and with it whatever it held. On the loop. */
    public void sessionLost(String reason) {
        next.cancel();
        demoted("the session was lost: " + reason);
        endedTerm = 0;
        standingAsideOf = Optional.empty();
    }

    /** Takes no further part. What is held stays until the session ends. On the loop. */
    @Override
    public void close() {
        closed = true;
        next.cancel();
        writer.close();
        mirror.close();
    }

    // --- What the slots say of us and of the masters ----------------------------------------------------------------

    private void changed(long revision, List<Change> changes) {
        slots.changed(changes);
        evaluate();
    }

    private void evaluate() {
        if (closed || !mirror.loaded() || !membership.initialised()) {
            return;
        }
        Optional<Slot> mine = session.current().flatMap(slots::of);
        FencedMastership was = held;
        if (was != null && mine.filter(slot -> slot.term() == was.term()).isEmpty()) {
            demoted(reason(was));
        }
        if (held == null) {
            mine.filter(slot -> slot.term() > endedTerm).ifPresent(this::promoted);
        }
        tellMasters();
        endStandingAside();
        considerTaking();
    }

    /** What the slot says of it; what this node has done itself may show there before it is answered. */
    private String reason(FencedMastership was) {
        String self = session.current().map(Identity::nodeId).orElse("");
        return slots.at(was.slot())
                .map(slot -> slot.isHandedOverBy(self) ? handedOverTo(slot.node()) : "taken by " + slot.node())
                .orElse(standingAsideOf.isPresent() ? STEPPED_DOWN : "the slot was emptied");
    }

    private static String handedOverTo(String node) {
        return "handed over to " + node;
    }

    private void promoted(Slot slot) {
        Identity own = session.current().orElseThrow();
        FencedMastership now = new FencedMastership(session, own, slots.key(slot.number()), slot.number(), slot.term());
        held = now;
        listener.promoted(now);
        // Another master may have handed over to this node before it heard that this one is not eligible any more.
        stepDownIfBarred();
    }

    /** The answer may come after the slot has told, and when this node is master again. */
    private void gaveAway(FencedMastership mine, String reason) {
        if (held == mine) {
            demoted(reason);
        }
    }

    private void demoted(String reason) {
        FencedMastership was = held;
        if (was != null) {
            held = null;
            endedTerm = was.term();
            was.end();
            // Others count on its coming last, also for slots that somebody else has just left.
            notBefore = loop.clock().nanoTime() + STAGGER.toNanos();
            listener.demoted(was, reason);
        }
    }

    private void tellMasters() {
        masters = slots.taken().stream()
                .flatMap(slot -> membership.view().member(slot.node()).stream()
                        .map(member -> new Mastered(member, slot.number(), slot.term())))
                .toList();
        masters.stream()
                .filter(master -> master.term() != told.getOrDefault(master.slot(), 0L))
                .sorted(Comparator.comparingLong(Mastered::term))
                .forEach(master -> {
                    told.put(master.slot(), master.term());
                    listener.master(master.member(), master.slot(), master.term());
                });
    }

    private void endStandingAside() {
        String self = session.current().map(Identity::nodeId).orElse("");
        if (standingAsideOf
                .flatMap(slots::at)
                .filter(slot -> !slot.node().equals(self))
                .isPresent()) {
            standingAsideOf = Optional.empty();
        }
    }

    // --- Taking a free slot -----------------------------------------------------------------------------------------

    private void considerTaking() {
        next.cancel();
        long now = loop.clock().nanoTime();
        if (!slots.free().equals(free)) {
            free = slots.free();
            freeSince = now;
            failures = 0;
        }
        if (written > 0 && mirror.revision() >= written) {
            written = 0;
            notBefore = now;
        }
        if (!taking && !barred && standingAsideOf.isEmpty()) {
            session.current()
                    .flatMap(own -> candidates.turn(own.nodeId()))
                    .ifPresent(turn -> takeInTurn(turn.slot(), untilTurn(turn.before())));
        }
    }

    private void takeInTurn(int slot, Duration wait) {
        if (wait.isZero()) {
            take(slot);
        } else {
            next = loop.schedule(wait, () -> take(slot));
        }
    }

    /** How long until it is this node's turn: a stagger for each that goes before it, from when the slots were free. */
    private Duration untilTurn(int before) {
        long now = loop.clock().nanoTime();
        long turn = STAGGER.multipliedBy(before).toNanos() - (now - freeSince);
        return Duration.ofNanos(Math.max(0, Math.max(turn, notBefore - now)));
    }

    /**
     * This node has asked the store to end a member's session. If it is the next for the slot of that member, it asks for
     * the slot in the same breath: the store, which mostly does the one before the other, then does both in the time
     * that one takes. On the loop.
     */
    public void ending(String node) {
        Optional<Integer> slot = slots.leftBy(node);
        String self = session.current().map(Identity::nodeId).orElse("");
        boolean next = candidates.inLine().stream()
                .findFirst()
                .filter(first -> first.id().equals(self))
                .isPresent();
        if (slot.isPresent() && slots.free().isEmpty() && next && !barred && standingAsideOf.isEmpty()) {
            take(slot.get(), this::considerAtOnce);
        }
    }

    private void take(int slot) {
        if (slots.at(slot).isEmpty()) {
            take(slot, this::considerAfterFailure);
        }
    }

    private void take(int slot, Runnable otherwise) {
        Optional<Identity> own = session.current();
        Optional<Registered> self = own.flatMap(known -> membership.registered(known.nodeId()));
        if (closed || taking || own.isEmpty() || self.isEmpty()) {
            return;
        }
        taking = true;
        loop.then(
                store.commit(writer.take(slot, own.get(), self.get().member())),
                // Won or lost, the watch tells it; if it does not in time, this looks again.
                result -> {
                    if (result.succeeded()) {
                        written = result.revision();
                        considerLater(LOOK_AGAIN);
                    } else {
                        otherwise.run();
                    }
                },
                failure -> {
                    log.debug("Taking slot {} failed: {}", slot, failure.getMessage());
                    if (SlotWriter.isLeaseGone(failure)) {
                        session.doubt();
                    }
                    considerAfterFailure();
                });
    }

    private void considerAtOnce() {
        taking = false;
        considerTaking();
    }

    private void considerAfterFailure() {
        failures++;
        // Everybody's turn begins anew, so that those whose turn has come meanwhile do not all return at once.
        freeSince = loop.clock().nanoTime();
        considerLater(SlotWriter.RETRY.delay(failures, loop.random()));
    }

    private void considerLater(Duration wait) {
        taking = false;
        notBefore = loop.clock().nanoTime() + wait.toNanos();
        considerTaking();
    }

    // --- Promotion and hand-over on demand --------------------------------------------------------------------------

    /** This node has become eligible, or has ceased to be; its registration follows. On the loop. */
    public void eligible(boolean nowEligible) {
        barred = !nowEligible;
        evaluate();
    }

    /**
     * Makes this node master: in a free slot, else in the one whose term is the oldest. So the newest promotions stand,
     * as many as there are slots. Does nothing if it is master already.
     *
     * @return completes when this node has been written as master; fails if it is no member, or the store fails
     */
    public CompletableFuture<Void> promote() {
        promotions++;
        standingAsideOf = Optional.empty();
        return writer.commit(more -> {
            Optional<Identity> own = session.current();
            Optional<Registered> self = own.flatMap(known -> membership.registered(known.nodeId()));
            if (own.isEmpty() || self.isEmpty()) {
                throw new IllegalStateException("this node is no member now; promote it when it is");
            }
            return own.flatMap(slots::of).isPresent()
                    ? Optional.empty()
                    : attempt(writer.promote(own.get(), self.get().member()), () -> {});
        });
    }

    /**
     * Hands this node's slot to a member in one transaction, when it is ready for that.
     *
     * @return completes when it is done; fails if this node is no master, the member cannot be, or the store fails
     */
    public CompletableFuture<Void> promote(Member member) {
        return whenReady(() -> Optional.of(successor(member.id())), more -> {
            FencedMastership mine = held;
            if (mine == null) {
                throw new IllegalStateException("this node is no master; ask one, or the member itself, to promote it");
            }
            return handOver(mine, successor(member.id()));
        });
    }

    private Registered successor(String node) {
        Registered successor = membership
                .registered(node)
                .orElseThrow(() -> refusal(node, "is not there; choose one of the view's members"));
        if (slots.isMaster(node)) {
            throw refusal(node, "is master already; choose one that is not");
        }
        if (!successor.member().eligible()) {
            throw refusal(node, "is not eligible; choose one that is, or promote it on its own node");
        }
        if (successor.entry().lease() == Lease.NONE) {
            throw refusal(node, "hangs on no session; choose one that is a running node");
        }
        return successor;
    }

    private static IllegalArgumentException refusal(String node, String why) {
        return new IllegalArgumentException("member: '" + node + "' " + why);
    }

    /**
     * Hands this node's slot to the next candidate in one transaction, when that is ready for it; with none, leaves it empty and stands aside
     * until another node has taken it. Does nothing if this node is no master. If the store fails, this node stays
     * master; one that has ceased to be eligible then goes on trying.
     *
     * @return completes when it is done; fails if the store does
     */
    public CompletableFuture<Void> stepDown() {
        CompletableFuture<Void> done = whenReady(this::successor, more -> {
            FencedMastership mine = held;
            if (mine == null) {
                return Optional.empty();
            }
            standingAsideOf = Optional.of(mine.slot());
            // The last attempt names nobody: better an empty slot for a moment than a master that cannot leave.
            Optional<Registered> successor = more == 0 ? Optional.empty() : successor();
            return successor.isPresent()
                    ? handOver(mine, successor.get())
                    : attempt(writer.empty(mine), () -> gaveAway(mine, STEPPED_DOWN));
        });
        loop.then(done, stepped -> {}, failure -> {
            standingAsideOf = Optional.empty();
            var unused = loop.schedule(SlotWriter.RETRY.most(), this::stepDownIfBarred);
        });
        return done;
    }

    /**
     * Hands over what this node holds when those concerned are ready for it, and after any hand-over that was asked for
     * before.
     *
     * @param successor who is to get it, as it seems now; throws if nobody can
     * @param attempts as in {@link SlotWriter#commit}
     */
    private CompletableFuture<Void> whenReady(
            Supplier<Optional<Registered>> successor, IntFunction<Optional<SlotWriter.Attempt>> attempts) {
        long promotionsBefore = promotions;
        CompletableFuture<Void> done = handOver.handle((before, failure) -> held)
                .thenCompose(mine -> mine == null
                        ? CompletableFuture.completedFuture(null)
                        : listener.handingOver(successor.get().map(Registered::member)))
                .thenCompose(ready -> {
                    if (promotions != promotionsBefore) {
                        throw new IllegalStateException("this node has been promoted meanwhile, and stays master");
                    }
                    return writer.commit(attempts);
                })
                .whenComplete((handedOver, failure) -> {
                    if (failure != null) {
                        listener.handOverFailed();
                    }
                });
        handOver = done;
        return done;
    }

    private void stepDownIfBarred() {
        if (barred && held != null && !closed) {
            var unused = stepDown();
        }
    }

    /** Who would get this node's slot if it stepped down now. On the loop. */
    public Optional<Member> next() {
        return held == null ? Optional.empty() : successor().map(Registered::member);
    }

    private Optional<Registered> successor() {
        return candidates.inLine().stream()
                .flatMap(member -> membership.registered(member.id()).stream())
                .filter(registered -> registered.entry().lease() != Lease.NONE)
                .findFirst();
    }

    private Optional<SlotWriter.Attempt> handOver(FencedMastership mine, Registered successor) {
        String self = session.current().map(Identity::nodeId).orElse("");
        String to = handedOverTo(successor.member().id());
        return attempt(writer.handOver(mine, self, successor), () -> gaveAway(mine, to));
    }

    private static Optional<SlotWriter.Attempt> attempt(Transaction transaction, Runnable then) {
        return Optional.of(new SlotWriter.Attempt(transaction, then));
    }
}
