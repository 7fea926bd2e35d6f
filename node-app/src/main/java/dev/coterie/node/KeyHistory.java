package dev.coterie.node;

import dev.coterie.cluster.store.Change;
import dev.coterie.cluster.store.KeyValueStore;
import dev.coterie.cluster.store.Range;
import dev.coterie.cluster.store.StoreException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/** What a key was, from the oldest revision that etcd still has to now. */
final class KeyHistory implements Following.Listener {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Look look;
    private final String key;
    private final List<Change> changes = new ArrayList<>();
    private final CompletableFuture<List<Change>> done = new CompletableFuture<>();
    private long until;

    KeyHistory(Look look, String key) {
        this.look = look;
        this.key = key;
    }

    /**
     * Reads it.
     *
     * @throws StoreException if etcd does not answer, or not in time
     */
    List<Change> read() {
        KeyValueStore store = look.observer().store();
        try {
            until = store.range(Range.key(key)).join().revision();
            // All keys: of this one alone, nobody would say that nothing more of the past is to come.
            new Following(store, look.observer().loop(), "", 1, this).start();
            return done.orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
        } catch (CompletionException failure) {
            throw failure.getCause() instanceof StoreException known
                    ? known
                    : new StoreException(
                            StoreException.Kind.UNAVAILABLE,
                            "etcd: its history was not read within " + PATIENCE.toSeconds() + " s",
                            failure);
        }
    }

    @Override
    public void changed(long revision, List<Change> news) {
        news.stream()
                .filter(change -> change.key().equals(key) && change.revision() <= until)
                .forEach(changes::add);
        if (revision >= until) {
            done.complete(changes);
        }
    }

    /** What was written before is not told, but still there to be read. */
    @Override
    public void forgotten(long before) {
        look.observer()
                .loop()
                .then(
                        look.observer().store().range(Range.key(key).at(before)),
                        page -> page.entries().stream()
                                .filter(entry -> entry.modRevision() < before)
                                .forEach(entry -> changes.add(0, new Change.Written(entry))),
                        done::completeExceptionally);
    }

    @Override
    public void failed(StoreException cause) {
        done.completeExceptionally(cause);
    }
}
