package dev.coterie.cluster.session;

import dev.coterie.cluster.concurrent.Backoff;
import dev.coterie.cluster.concurrent.EventLoop;
import dev.coterie.cluster.concurrent.EventLoop.Scheduled;
import dev.coterie.cluster.store.Condition;
import dev.coterie.cluster.store.Entry;
import dev.coterie.cluster.store.KeyValueStore;
import dev.coterie.cluster.store.Operation;
import dev.coterie.cluster.store.StoreException;
import dev.coterie.cluster.store.StoreException.Kind;
import dev.coterie.cluster.store.Transaction;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Brings the store in line with the keys a session wants, one guarded transaction at a time: what changes while one is
 * on its way goes into the next. What it writes says how things should stand, so doing it twice does no harm.
 *
 * <p>A transaction whose outcome is unknown may yet be carried out, seconds later, and must not undo what was written
 * since. So each holds only while the registration is as it was last known to be written, and the one that follows an
 * unknown outcome writes the registration as well: of the two, the first that is carried out keeps the other from it, or
 * the second comes last.
 */
final class KeyWriter {

    private static final Backoff RETRY = Backoff.doubling(Duration.ofMillis(50), Duration.ofSeconds(1));

    private final KeyValueStore store;
    private final EventLoop loop;
    private final Session session;

    /** What has to be written, and who waits for it. */
    private final Map<SessionKey, List<CompletableFuture<Void>>> dirty = new LinkedHashMap<>();

    /** What the registering transaction writes. */
    private final Map<SessionKey, List<CompletableFuture<Void>>> registered = new LinkedHashMap<>();

    private @Nullable Identity identity;

    /** The revision at which the registration was written last, as far as is known. */
    private long written;

    /** What was sent may yet be carried out: the registration is to be written again. */
    private boolean unclear;

    private boolean writing;
    private int failures;
    private Scheduled retry = Scheduled.NONE;

    KeyWriter(KeyValueStore store, EventLoop loop, Session session) {
        this.store = store;
        this.loop = loop;
        this.session = session;
    }

    /** Writes or deletes a key, as the session then wants it. */
    CompletableFuture<Void> write(SessionKey key) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        dirty.computeIfAbsent(key, none -> new ArrayList<>()).add(done);
        flush();
        return done;
    }

    /** The transaction that registers the node is about to be sent; it writes all keys as they are wanted now. */
    void registering() {
        dirty.forEach((key, waiting) ->
                registered.computeIfAbsent(key, none -> new ArrayList<>()).addAll(waiting));
        dirty.clear();
    }

    /** A session has begun: what {@link #registering} took up is written. */
    void sessionBegan(Identity now) {
        identity = now;
        written = now.registered();
        unclear = false;
        writing = false;
        failures = 0;
        registered.values().forEach(KeyWriter::complete);
        registered.clear();
        flush();
    }

    /** What is on its way is no longer of interest: the next session writes it all. */
    void sessionEnded() {
        identity = null;
        retry.cancel();
    }

    private void flush() {
        Identity mine = identity;
        if (mine == null || writing || dirty.isEmpty()) {
            return;
        }
        writing = true;
        Map<SessionKey, List<CompletableFuture<Void>>> batch = takeBatch();
        Set<SessionKey> keys = new LinkedHashSet<>(batch.keySet());
        if (unclear) {
            keys.add(session.registration());
        }
        List<Operation> operations =
                keys.stream().map(key -> operation(key, mine)).toList();
        boolean registers = keys.contains(session.registration());
        loop.then(
                store.commit(Transaction.when(new Condition.Modified(mine.registrationKey(), written))
                        .then(operations)
                        .otherwise(Operation.read(mine.registrationKey()))),
                result -> {
                    if (result.succeeded()) {
                        written(mine, batch, registers ? result.revision() : written);
                    } else {
                        objected(mine, batch, result.reads().get(0));
                    }
                },
                failure -> failed(mine, batch, failure));
    }

    private void written(Identity mine, Map<SessionKey, List<CompletableFuture<Void>>> batch, long revision) {
        if (!mine.equals(identity)) {
            putBack(batch);
            flush();
            return;
        }
        written = revision;
        unclear = false;
        writing = false;
        failures = 0;
        batch.values().forEach(KeyWriter::complete);
        flush();
    }

    /** Either the session is over, or what was sent before was carried out after all. */
    private void objected(Identity mine, Map<SessionKey, List<CompletableFuture<Void>>> batch, List<Entry> found) {
        putBack(batch);
        Optional<Entry> own = found.stream()
                .filter(entry -> entry.createRevision() == mine.registered())
                .findFirst();
        if (!mine.equals(identity)) {
            flush();
        } else if (own.isPresent()) {
            written = own.get().modRevision();
            writing = false;
            flush();
        } else {
            session.guardFailed(mine);
        }
    }

    private void failed(Identity mine, Map<SessionKey, List<CompletableFuture<Void>>> batch, Throwable failure) {
        if (failure instanceof StoreException known && known.kind() == Kind.REFUSED) {
            // Trying again would not help; whoever asked for it has to know.
            batch.values().forEach(waiting -> waiting.forEach(future -> future.completeExceptionally(failure)));
        } else {
            putBack(batch);
        }
        if (!mine.equals(identity)) {
            flush();
            return;
        }
        unclear |= !(failure instanceof StoreException known && known.kind() == Kind.REFUSED);
        failures++;
        retry = loop.schedule(RETRY.delay(failures, loop.random()), () -> {
            writing = false;
            flush();
        });
    }

    private static void complete(List<CompletableFuture<Void>> waiting) {
        waiting.forEach(future -> future.complete(null));
    }

    private Operation operation(SessionKey key, Identity mine) {
        String place = key.key(mine.nodeId());
        return session.keeps(key)
                ? new Operation.Put(place, key.value(mine.nodeId()), mine.lease())
                : Operation.delete(place);
    }

    private Map<SessionKey, List<CompletableFuture<Void>>> takeBatch() {
        Map<SessionKey, List<CompletableFuture<Void>>> batch = new LinkedHashMap<>();
        var waiting = dirty.entrySet().iterator();
        while (waiting.hasNext() && batch.size() < Session.MAX_KEYS) {
            var one = waiting.next();
            batch.put(one.getKey(), one.getValue());
            waiting.remove();
        }
        return batch;
    }

    private void putBack(Map<SessionKey, List<CompletableFuture<Void>>> batch) {
        batch.forEach((key, waiting) ->
                dirty.computeIfAbsent(key, none -> new ArrayList<>()).addAll(waiting));
    }
}
