package dev.coterie.cluster.store;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * What Coterie asks of the store that decides everything: linearizable reads, transactions, leases, watches.
 *
 * <p>Every call has a deadline of its own and is tried once; whoever called decides whether to try again. A stage that
 * fails does so with a {@link StoreException}, whose {@link StoreException#kind() kind} says what can be known. Stages
 * complete on an I/O thread: go on with {@link dev.coterie.cluster.concurrent.EventLoop#then}. Watch listeners are called
 * on the event loop that the store was given. Calls: any thread.
 */
public interface KeyValueStore extends AutoCloseable {

    /** Reads keys, in key order, as of one revision. */
    CompletableFuture<Page> range(Range range);

    /** Decides a transaction. */
    CompletableFuture<Transaction.Result> commit(Transaction transaction);

    /**
     * Grants a lease.
     *
     * @param id chosen by the caller, so that a grant whose outcome is unknown can be taken back; positive
     * @param ttl how long it lives without being refreshed; whole seconds
     */
    CompletableFuture<Lease> grant(long id, Duration ttl);

    /**
     * Starts a lease's time to live anew.
     *
     * @return the lease; fails with {@link StoreException.Kind#LEASE_NOT_FOUND} if it is gone
     */
    CompletableFuture<Lease> refresh(long lease);

    /** How long a lease has left; fails with {@link StoreException.Kind#LEASE_NOT_FOUND} if it is gone. */
    CompletableFuture<TimeLeft> timeLeft(long lease);

    /** Ends a lease; its keys vanish in one revision. Succeeds also if the lease is gone already. */
    CompletableFuture<Void> revoke(long lease);

    /**
     * Follows all keys that begin with a prefix.
     *
     * @param revision the first revision to be told of; in the future means from then on
     * @return the watch; nothing is called before this returns
     */
    Watch watch(String prefix, long revision, WatchListener listener);

    /** Forgets what happened before a revision; reads of and watches from earlier ones fail from then on. */
    CompletableFuture<Void> compact(long revision);

    /** How much space the store takes. */
    CompletableFuture<Space> space();

    /** Ends all watches and calls, which fail. Waits a few seconds at most. */
    @Override
    void close();

    /**
     * Keys as of one revision.
     *
     * @param revision the store's revision when it answered, or the one asked for if that is given
     * @param more whether the limit left some out
     */
    record Page(long revision, List<Entry> entries, boolean more) {}

    /**
     * How much space the store takes; what it is allowed to take is known to whoever started it.
     *
     * @param file bytes on disk; it never shrinks by itself
     * @param inUse bytes of it that hold something; the rest is written to before the file grows
     */
    record Space(long file, long inUse) {}

    /**
     * What a lease has left.
     *
     * @param left in whole seconds
     * @param granted what it has after being refreshed
     */
    record TimeLeft(Duration left, Duration granted) {}

    /** A watch that is going on. */
    interface Watch extends AutoCloseable {
        /** Ends it; the listener is not called again once the loop has run what is queued. Any thread. */
        @Override
        void close();
    }

    /** Is told what a watch sees. On the store's event loop. */
    interface WatchListener {

        /**
         * What happened up to and including a revision: in order of revision, all changes of one revision in one call,
         * none twice in the life of one watch.
         *
         * @param revision nothing before or at it will follow
         * @param changes may be empty, when the store only tells how far it is; also that it is not as far yet as the
         *     revision that was asked for, which may mean that it was restored from a backup
         */
        void changed(long revision, List<Change> changes);

        /**
         * The watch has ended by itself; nothing follows. Whoever needs it opens another one behind the last revision
         * it was told of, or reads again if the kind is {@link StoreException.Kind#COMPACTED}.
         */
        void ended(StoreException cause);
    }
}
