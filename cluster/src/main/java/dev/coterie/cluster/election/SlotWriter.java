package dev.coterie.cluster.election;

import dev.coterie.cluster.concurrent.Backoff;
import dev.coterie.cluster.concurrent.EventLoop;
import dev.coterie.cluster.discovery.Member;
import dev.coterie.cluster.membership.Membership.Registered;
import dev.coterie.cluster.session.Identity;
import dev.coterie.cluster.store.Condition;
import dev.coterie.cluster.store.KeyValueStore;
import dev.coterie.cluster.store.Operation;
import dev.coterie.cluster.store.StoreException;
import dev.coterie.cluster.store.StoreException.Kind;
import dev.coterie.cluster.store.Transaction;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntFunction;

/**
 * The transactions that change who is master. Each carries what it relies on, so that it does nothing if that has
 * changed: the slot as it was seen, the registration of the master to be, and that its session has no other slot.
 * Single-threaded: on the event loop.
 */
final class SlotWriter {

    static final Backoff RETRY = Backoff.doubling(Duration.ofMillis(50), Duration.ofSeconds(1));
    private static final int ATTEMPTS = 5;

    private final KeyValueStore store;
    private final EventLoop loop;
    private final Slots slots;
    private boolean closed;

    /**
     * One attempt.
     *
     * @param then what follows if the conditions held
     */
    record Attempt(Transaction transaction, Runnable then) {}

    SlotWriter(KeyValueStore store, EventLoop loop, Slots slots) {
        this.store = store;
        this.loop = loop;
        this.slots = slots;
    }

    /** Attempts no more. */
    void close() {
        closed = true;
    }

    /** Takes a free slot for this node. */
    Transaction take(int slot, Identity own, Member self) {
        return Transaction.when(Condition.absent(slots.key(slot)), own.guard(), slots.noneOn(own.lease()))
                .then(put(slot, self, own.lease(), SlotRecord.ELECTED));
    }

    /** Looks like taking a slot and never does anything: its conditions contradict each other. */
    Transaction rehearsal(Identity own, Member self) {
        SlotRecord record = SlotRecord.of(self, loop.clock().now(), SlotRecord.ELECTED);
        return Transaction.when(Condition.absent(own.registrationKey()), own.guard(), slots.noneOn(own.lease()))
                .then(new Operation.Put(own.registrationKey(), record.json(), own.lease()));
    }

    /** Takes a slot for this node from whoever has it. */
    Transaction promote(Identity own, Member self) {
        int slot = slots.forPromotion();
        long seen = slots.at(slot).map(Slot::term).orElse(0L);
        return Transaction.when(new Condition.Modified(slots.key(slot), seen), own.guard(), slots.noneOn(own.lease()))
                .then(put(slot, self, own.lease(), SlotRecord.PROMOTED));
    }

    /**
     * Gives a slot of this node to another, which must be registered as it was seen: not least, as eligible.
     *
     * @param self this node's id
     */
    Transaction handOver(FencedMastership mine, String self, Registered successor) {
        long lease = successor.entry().lease();
        return Transaction.when(mine.guard())
                .and(Condition.unchanged(successor.entry()))
                .and(slots.noneOn(lease))
                .then(put(mine.slot(), successor.member(), lease, SlotRecord.handedOverBy(self)));
    }

    /** Leaves a slot of this node empty. */
    Transaction empty(FencedMastership mine) {
        return Transaction.when(mine.guard()).then(Operation.delete(slots.key(mine.slot())));
    }

    private Operation put(int slot, Member master, long lease, String how) {
        SlotRecord record = SlotRecord.of(master, loop.clock().now(), how);
        return new Operation.Put(slots.key(slot), record.json(), lease);
    }

    /**
     * Makes a transaction and commits it; if its conditions did not hold, makes another when the mirrors have had time
     * to catch up with what changed.
     *
     * @param next makes an attempt, given how many there are to come after it; empty if nothing is left to do; throws
     *     if it cannot be done, which then is the outcome
     * @return completes when a transaction was carried out, or nothing was left to do
     */
    CompletableFuture<Void> commit(IntFunction<Optional<Attempt>> next) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        commit(next, ATTEMPTS - 1, done);
        return done;
    }

    private void commit(IntFunction<Optional<Attempt>> next, int more, CompletableFuture<Void> done) {
        Optional<Attempt> attempt;
        try {
            attempt = next.apply(more);
        } catch (IllegalStateException | IllegalArgumentException refused) {
            done.completeExceptionally(refused);
            return;
        }
        if (attempt.isEmpty()) {
            done.complete(null);
            return;
        }
        loop.then(
                store.commit(attempt.get().transaction()),
                result -> {
                    if (result.succeeded()) {
                        attempt.get().then().run();
                        done.complete(null);
                    } else {
                        retry(next, more, done, again());
                    }
                },
                failure -> {
                    if (isLeaseGone(failure)) {
                        // The successor's session, or ours, is gone; which, the watches tell.
                        retry(next, more, done, failure);
                    } else {
                        done.completeExceptionally(failure);
                    }
                });
    }

    private void retry(IntFunction<Optional<Attempt>> next, int more, CompletableFuture<Void> done, Throwable failure) {
        if (more == 0 || closed) {
            done.completeExceptionally(failure);
        } else {
            Duration wait = RETRY.delay(ATTEMPTS - more, loop.random());
            var unused = loop.schedule(wait, () -> commit(next, more - 1, done));
        }
    }

    private static StoreException again() {
        return new StoreException(
                Kind.UNAVAILABLE, "a slot or a member changed at the same time, again and again; try once more");
    }

    static boolean isLeaseGone(Throwable failure) {
        return failure instanceof StoreException known && known.kind() == Kind.LEASE_NOT_FOUND;
    }
}
