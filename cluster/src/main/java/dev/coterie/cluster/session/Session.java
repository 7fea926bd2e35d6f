package dev.coterie.cluster.session;

import dev.coterie.cluster.concurrent.Backoff;
import dev.coterie.cluster.concurrent.EventLoop;
import dev.coterie.cluster.concurrent.EventLoop.Scheduled;
import dev.coterie.cluster.store.Condition;
import dev.coterie.cluster.store.Entry;
import dev.coterie.cluster.store.KeyValueStore;
import dev.coterie.cluster.store.Lease;
import dev.coterie.cluster.store.Operation;
import dev.coterie.cluster.store.StoreException;
import dev.coterie.cluster.store.StoreException.Kind;
import dev.coterie.cluster.store.Transaction;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The lease and all that hangs on it: grants it, registers the node, refreshes, notices the loss, begins anew.
 *
 * <p>The session ends for its owner before it can end for anybody else: its deadline counts from before the last
 * refresh was sent, and a margin is taken off for clocks that run at different speeds. Single-threaded: everything but
 * {@link #isValid} happens on the event loop.
 */
public final class Session {

    /** How many keys may hang on a session beside the registration: all are restored in one transaction. */
    public static final int MAX_KEYS = 100;

    private static final Logger log = LoggerFactory.getLogger(Session.class);

    private static final Duration REFRESH_RETRY = Duration.ofSeconds(1);
    private static final Backoff RETRY = Backoff.doubling(Duration.ofMillis(100), Duration.ofSeconds(2));
    private static final Duration LARGEST_MARGIN = Duration.ofSeconds(2);

    /** By which part of the time between two refreshes each is early, at least and at most. */
    private static final double EARLY_LEAST = 1.0 / 12;

    private static final double EARLY_MOST = 1.0 / 4;

    /** How often, within the time that matters, a pause is looked for. */
    private static final int TURNS_PER_PAUSE = 4;

    private final KeyValueStore store;
    private final EventLoop loop;
    private final SessionConfig config;
    private final Listener listener;
    private final long marginNanos;
    private final Set<SessionKey> kept = new LinkedHashSet<>();
    private final KeyWriter writer;

    private State state = State.NEW;
    private String nodeId = "";
    private long lease = Lease.NONE;
    private @Nullable Identity identity;
    private int failures;
    private Scheduled next = Scheduled.NONE;
    private Scheduled deadlineCheck = Scheduled.NONE;

    /** Read by any thread. What is valid until when, in one word so that both change together. */
    private volatile Validity validity = Validity.NONE;

    /** When it was last certain that this process runs, or that a pause did no harm. Read by any thread. */
    private volatile long awakeAt;

    private Scheduled nextTurn = Scheduled.NONE;

    /** What the session is doing. */
    private enum State {
        /** Not started. */
        NEW,
        /** On the way to a lease and a registration. */
        JOINING,
        /** Registered, refreshing. */
        ACTIVE,
        /** Ended for good. */
        CLOSED
    }

    /** Is told what becomes of the session. On the event loop. */
    public interface Listener {

        /** A session has begun: the node is registered, with all its keys. */
        void joined(Identity identity);

        /** The session has ended against the node's will; another is being made. Whatever hung on it is gone. */
        void lost(Identity identity, String reason);

        /** An attempt to join has failed; another follows. */
        void troubled(StoreException cause);
    }

    /** Prepares a session; {@link #start} starts it. */
    public Session(KeyValueStore store, EventLoop loop, SessionConfig config, Listener listener) {
        this.store = store;
        this.loop = loop;
        this.config = config;
        this.listener = listener;
        this.marginNanos = Math.min(config.ttl().toNanos() / 20, LARGEST_MARGIN.toNanos());
        this.writer = new KeyWriter(store, loop, this);
    }

    /** Begins to join, and goes on trying until closed. */
    public void start() {
        join();
    }

    /** The session that stands now; empty while there is none. Notices a deadline that has passed unseen. */
    public Optional<Identity> current() {
        Identity known = identity;
        if (known != null && !stands(known)) {
            lose("not refreshed in time");
        }
        return Optional.ofNullable(identity);
    }

    /**
     * Whether a session still stands for certain, by this node's monotonic clock. Any thread.
     *
     * <p>Not after a pause in which the others may have taken this node for dead, until the store has said that they have
     * not: a process that was frozen claims nothing when it goes on.
     */
    public boolean isValid(Identity of) {
        return stands(of) && loop.clock().nanoTime() - awakeAt < config.pause().toNanos();
    }

    private boolean stands(Identity of) {
        Validity now = validity;
        return of.equals(now.identity) && loop.clock().nanoTime() - now.deadline < 0;
    }

    /** How long the session stands without another refresh; zero if there is none. Any thread. */
    public Duration remaining() {
        Validity now = validity;
        long left = now.identity == null ? 0 : now.deadline - loop.clock().nanoTime();
        return Duration.ofNanos(Math.max(0, left));
    }

    /**
     * Hangs a key on this session and all that follow, or writes its value anew.
     *
     * @return completes when it stands in the store; fails with IllegalStateException if {@link #MAX_KEYS} hang on it
     *     already
     */
    public CompletableFuture<Void> keep(SessionKey key) {
        if (key != config.registration() && kept.add(key) && kept.size() > MAX_KEYS) {
            kept.remove(key);
            return CompletableFuture.failedFuture(new IllegalStateException(
                    "a node can have " + MAX_KEYS + " session keys, such as joined channels, and has them all"));
        }
        return writer.write(key);
    }

    /**
     * Takes a key off.
     *
     * @return completes when it is gone from the store
     */
    public CompletableFuture<Void> drop(SessionKey key) {
        kept.remove(key);
        return writer.write(key);
    }

    /** Something suggests that the lease is gone: find out now rather than at the next refresh. */
    public void doubt() {
        if (identity != null) {
            scheduleRefresh(Duration.ZERO);
        }
    }

    /**
     * What the store shows at the registration's place. A session whose registration is gone has ended.
     *
     * @param revision as of which it was seen
     */
    public void observed(long revision, Optional<Entry> registration) {
        Identity known = identity;
        if (known == null || revision < known.registered()) {
            return;
        }
        boolean stands = registration
                .filter(entry -> entry.createRevision() == known.registered())
                .isPresent();
        if (!stands) {
            lose("its registration was gone at revision " + revision);
        }
    }

    /**
     * Ends the session for good; the others see it at once.
     *
     * @return completes when the store knows; fails if it cannot be reached: then the lease runs out
     */
    public CompletionStage<Void> close() {
        boolean granted = lease != Lease.NONE;
        endSession();
        state = State.CLOSED;
        next.cancel();
        return granted ? store.revoke(lease) : CompletableFuture.completedFuture(null);
    }

    /** Whether a key is to stand now. */
    boolean keeps(SessionKey key) {
        return key == config.registration() || kept.contains(key);
    }

    /** The key that makes this node a member. */
    SessionKey registration() {
        return config.registration();
    }

    /** The writer was told that the guard does not hold. */
    void guardFailed(Identity of) {
        if (of.equals(identity)) {
            lose("its registration was gone");
        }
    }

    // --- Joining: end what came before, grant, register -------------------------------------------------------------

    private void join() {
        state = State.JOINING;
        long before = lease;
        if (before == Lease.NONE) {
            grant();
        } else {
            // Of an attempt whose outcome is unknown, or a session that has ended: nothing of it may stay behind.
            step(store.revoke(before), revoked -> grant());
        }
    }

    private void grant() {
        lease = newLease();
        nodeId = config.newId().get();
        long sentAt = loop.clock().nanoTime();
        step(store.grant(lease, config.ttl()), granted -> register(deadline(sentAt, granted)));
    }

    private void register(long deadline) {
        String key = config.registration().key(nodeId);
        List<Operation> puts = new ArrayList<>();
        writer.registering();
        puts.add(put(config.registration()));
        kept.forEach(one -> puts.add(put(one)));
        Transaction transaction =
                Transaction.when(Condition.absent(key)).then(puts).otherwise(Operation.read(key));
        step(store.commit(transaction), result -> {
            if (result.succeeded()) {
                joined(new Identity(nodeId, lease, key, result.revision()), deadline);
            } else {
                replace(result.reads().get(0), deadline);
            }
        });
    }

    /** Somebody else's registration stands at our place. We have the port, so whoever left it is not there any more. */
    private void replace(List<Entry> found, long deadline) {
        Optional<String> objection = found.stream().findFirst().flatMap(config.objection());
        if (objection.isPresent()) {
            failed(new StoreException(Kind.REFUSED, objection.get()));
        } else if (found.isEmpty()) {
            register(deadline);
        } else if (found.get(0).lease() == Lease.NONE) {
            Entry stray = found.get(0);
            step(
                    store.commit(Transaction.when(Condition.unchanged(stray)).then(Operation.delete(stray.key()))),
                    deleted -> register(deadline));
        } else {
            log.info(
                    "{} is registered by an earlier process; ending its session",
                    found.get(0).key());
            step(store.revoke(found.get(0).lease()), revoked -> register(deadline));
        }
    }

    private void joined(Identity now, long deadline) {
        state = State.ACTIVE;
        identity = now;
        extend(deadline);
        awakeAt = loop.clock().nanoTime();
        stayAwake();
        scheduleRefresh(untilRefresh());
        writer.sessionBegan(now);
        listener.joined(now);
    }

    /** One step of joining: if it fails, all begins anew after a while. */
    private <T> void step(CompletionStage<T> stage, Consumer<T> then) {
        long mine = lease;
        loop.then(
                stage,
                value -> {
                    if (state == State.JOINING && lease == mine) {
                        then.accept(value);
                    }
                },
                failure -> {
                    if (state == State.JOINING && lease == mine) {
                        failed(failure);
                    }
                });
    }

    private void failed(Throwable failure) {
        failures++;
        next = loop.schedule(RETRY.delay(failures, loop.random()), this::join);
        listener.troubled(
                failure instanceof StoreException known
                        ? known
                        : new StoreException(Kind.UNAVAILABLE, String.valueOf(failure), failure));
    }

    private Operation put(SessionKey key) {
        return new Operation.Put(key.key(nodeId), key.value(nodeId), lease);
    }

    private long newLease() {
        // etcd takes any positive 63-bit number; 0 would let it choose.
        return 1 + (loop.random().nextLong() >>> 1) % (Long.MAX_VALUE - 1);
    }

    // --- Active: refresh, deadline, loss ----------------------------------------------------------------------------

    private long deadline(long sentAt, Lease granted) {
        return sentAt + granted.ttl().toNanos() - marginNanos;
    }

    private void extend(long deadline) {
        validity = new Validity(identity, deadline);
        deadlineCheck.cancel();
        Duration left = Duration.ofNanos(deadline - loop.clock().nanoTime());
        deadlineCheck = loop.schedule(left, this::current);
    }

    /**
     * Each refresh comes a little before it must: then an outage of half the time to live can begin just before one, and
     * nodes that started together do not refresh together.
     */
    private Duration untilRefresh() {
        double early = EARLY_LEAST + (EARLY_MOST - EARLY_LEAST) * loop.random().nextDouble();
        return Duration.ofNanos((long) (config.refresh().toNanos() * (1 - early)));
    }

    private void scheduleRefresh(Duration delay) {
        next.cancel();
        next = loop.schedule(delay, this::refresh);
    }

    private void refresh() {
        Optional<Identity> now = current();
        if (now.isEmpty()) {
            return;
        }
        Identity mine = now.get();
        long sentAt = loop.clock().nanoTime();
        loop.then(
                store.refresh(lease),
                refreshed -> {
                    // An answer that comes after the deadline comes to a session that has ended.
                    if (current().filter(mine::equals).isPresent()) {
                        failures = 0;
                        awakeAt = sentAt;
                        extend(deadline(sentAt, refreshed));
                        scheduleRefresh(untilRefresh());
                    }
                },
                failure -> {
                    if (!mine.equals(identity)) {
                        return;
                    }
                    if (failure instanceof StoreException known && known.kind() == Kind.LEASE_NOT_FOUND) {
                        lose("its lease was gone when it was refreshed");
                    } else {
                        log.debug("A refresh failed and is tried again: {}", failure.getMessage());
                        scheduleRefresh(REFRESH_RETRY);
                    }
                });
    }

    /** Notices a pause of this process: then the store is asked at once. */
    private void stayAwake() {
        long now = loop.clock().nanoTime();
        if (now - awakeAt < config.pause().toNanos()) {
            awakeAt = now;
        } else {
            doubt();
        }
        nextTurn = loop.schedule(config.pause().dividedBy(TURNS_PER_PAUSE), this::stayAwake);
    }

    private void lose(String reason) {
        Identity lost = identity;
        if (lost == null) {
            return;
        }
        endSession();
        listener.lost(lost, reason);
        if (state == State.CLOSED) {
            return;
        }
        // The first time at once. A session that is lost again before it was ever refreshed has an adversary, such as
        // another machine that registers under the same address: then slower and slower.
        state = State.JOINING;
        Duration wait = failures == 0 ? Duration.ZERO : RETRY.delay(failures, loop.random());
        failures++;
        next = loop.schedule(wait, this::join);
    }

    private void endSession() {
        identity = null;
        validity = Validity.NONE;
        deadlineCheck.cancel();
        nextTurn.cancel();
        next.cancel();
        writer.sessionEnded();
    }

    private record Validity(@Nullable Identity identity, long deadline) {
        static final Validity NONE = new Validity(null, 0);
    }
}
