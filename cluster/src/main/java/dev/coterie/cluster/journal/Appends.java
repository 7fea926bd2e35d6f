package dev.coterie.cluster.journal;

import dev.coterie.cluster.concurrent.Backoff;
import dev.coterie.cluster.concurrent.EventLoop;
import dev.coterie.cluster.meter.Meter;
import dev.coterie.cluster.meter.Meter.Time;
import dev.coterie.cluster.store.Condition;
import dev.coterie.cluster.store.Entry;
import dev.coterie.cluster.store.KeyValueStore;
import dev.coterie.cluster.store.Lease;
import dev.coterie.cluster.store.Operation;
import dev.coterie.cluster.store.StoreException;
import dev.coterie.cluster.store.StoreException.Kind;
import dev.coterie.cluster.store.Transaction;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Full segments on their way to the store. Several may be under way; each is written on condition that the one before it
 * is there, so that they arrive without a gap. On the loop.
 */
final class Appends {

    private static final Logger log = LoggerFactory.getLogger(Appends.class);
    private static final Backoff RETRY = Backoff.doubling(Duration.ofMillis(20), Duration.ofSeconds(1));

    private final KeyValueStore store;
    private final EventLoop loop;
    private final Meter meter;
    private final LongFunction<String> key;
    private final Listener listener;
    private final ArrayDeque<Append> sealed = new ArrayDeque<>();
    private final ArrayDeque<Append> flying = new ArrayDeque<>();
    private long flyingBytes;
    private List<Condition> guard = List.of();

    /** All segments up to this one are in the store. */
    private long arrived;

    private boolean closed;

    /** Is told what becomes of them. */
    interface Listener {

        /** One was written, be it before those that precede it. */
        void wrote(long revision, int bytes);

        /** All up to this one are in the store, so many bytes more than before. */
        void arrived(long sequence, long bytes);

        /** There is another writer, or somebody has tampered with the segments. */
        void lost(String reason);
    }

    /** A segment on its way. */
    private static final class Append {

        private final Segment segment;
        private final byte[] value;
        private boolean done;
        private long sentAt;
        private boolean outOfTurn;
        /** What was in the store when it was sent last. */
        private long after;

        private int failures;

        Append(Segment segment, byte[] value) {
            this.segment = segment;
            this.value = value;
        }
    }

    /**
     * Prepares it.
     *
     * @param key where a segment is
     */
    Appends(KeyValueStore store, EventLoop loop, Meter meter, LongFunction<String> key, Listener listener) {
        this.store = store;
        this.loop = loop;
        this.meter = meter;
        this.key = key;
        this.listener = listener;
    }

    /** Adds one that is full. */
    void add(Segment segment, byte[] value) {
        sealed.add(new Append(segment, value));
    }

    /** Whether any has not been sent. */
    boolean isWaiting() {
        return !sealed.isEmpty();
    }

    int flying() {
        return flying.size();
    }

    long flyingBytes() {
        return flyingBytes;
    }

    /**
     * All up to this one are in the store at the beginning.
     *
     * @param writersGuard a condition of all that is written
     */
    void begin(long sequence, List<Condition> writersGuard) {
        arrived = sequence;
        guard = writersGuard;
    }

    /** Sends the next one. */
    void sendNext() {
        Append next = sealed.remove();
        flyingBytes += next.value.length;
        flying.add(next);
        next.sentAt = loop.clock().nanoTime();
        send(next);
    }

    /** Sends nothing more; what is on its way may or may not arrive. */
    void close() {
        closed = true;
    }

    private void send(Append append) {
        long sequence = append.segment.sequence();
        append.after = arrived;
        Transaction transaction = Transaction.when(guard).and(Condition.absent(key.apply(sequence)));
        if (sequence > 1) {
            transaction = transaction.and(Condition.present(key.apply(sequence - 1)));
        }
        transaction = transaction
                .then(new Operation.Put(key.apply(sequence), append.value, Lease.NONE))
                .otherwise(Operation.read(key.apply(sequence)), Operation.read(key.apply(sequence - 1)));
        loop.then(store.commit(transaction), result -> answered(append, result), failure -> failed(append, failure));
    }

    private void answered(Append append, Transaction.Result result) {
        if (closed) {
            return;
        }
        if (result.succeeded()) {
            listener.wrote(result.revision(), append.value.length);
            done(append, result.revision());
            return;
        }
        List<Entry> found = result.reads().get(0);
        long sequence = append.segment.sequence();
        boolean previousThere = sequence == 1 || !result.reads().get(1).isEmpty();
        if (!found.isEmpty() && Arrays.equals(found.get(0).value(), append.value)) {
            // An earlier attempt whose answer was lost.
            done(append, found.get(0).modRevision());
        } else if (found.isEmpty() && !previousThere && append.after < sequence - 1) {
            // It has overtaken the one before.
            overtook(append);
        } else if (found.isEmpty() && previousThere) {
            listener.lost("its guard does not hold any more");
        } else {
            listener.lost("somebody else has written or deleted " + key.apply(sequence) + " or the one before");
        }
    }

    private void overtook(Append append) {
        if (append == flying.peek()) {
            send(append);
        } else {
            append.outOfTurn = true;
        }
    }

    private void failed(Append append, Throwable failure) {
        if (closed) {
            return;
        }
        append.failures++;
        if (append.failures % 10 == 1) {
            log.info("{}: writing is tried again ({})", key.apply(append.segment.sequence()), failure.getMessage());
        }
        retryLater(append.failures, failure, () -> send(append));
    }

    private void done(Append append, long revision) {
        append.done = true;
        append.segment.wrote(revision);
        meter.time(Time.JOURNAL_APPEND, loop.clock().nanoTime() - append.sentAt);
        long before = arrived;
        long bytes = 0;
        for (Append head = flying.peek(); head != null && head.done; head = flying.peek()) {
            flying.remove();
            arrived = head.segment.sequence();
            bytes += head.value.length;
        }
        flyingBytes -= bytes;
        if (arrived > before) {
            flying.stream().filter(later -> later.outOfTurn).forEach(later -> {
                later.outOfTurn = false;
                send(later);
            });
            listener.arrived(arrived, bytes);
        }
    }

    /** Does something again after a while, unless the store is closed. */
    void retryLater(int attempts, Throwable failure, Runnable again) {
        boolean over = failure instanceof StoreException known && known.kind() == Kind.CLOSED;
        if (!over && !closed) {
            var unused = loop.schedule(RETRY.delay(attempts, loop.random()), () -> {
                if (!closed) {
                    again.run();
                }
            });
        }
    }
}
