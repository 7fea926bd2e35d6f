package dev.coterie.node;

import dev.coterie.cluster.concurrent.EventLoop;
import dev.coterie.cluster.store.Change;
import dev.coterie.cluster.store.KeyValueStore;
import dev.coterie.cluster.store.KeyValueStore.Watch;
import dev.coterie.cluster.store.KeyValueStore.WatchListener;
import dev.coterie.cluster.store.StoreException;
import dev.coterie.cluster.store.StoreException.Kind;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Tells what happens to the keys below a prefix from a revision on, each change once and in order, also across broken
 * connections; and where etcd has forgotten some of it, that it has. On the store's loop.
 */
final class Following implements AutoCloseable, WatchListener {

    private static final Duration RETRY = Duration.ofMillis(250);

    private final KeyValueStore store;
    private final EventLoop loop;
    private final String prefix;
    private final Listener listener;
    private long next;
    private boolean closed;
    private @Nullable Watch watch;

    /** Is told. On the loop. */
    interface Listener {

        /** All that happened in one or several revisions, up to one. */
        void changed(long revision, List<Change> changes);

        /** What happened before a revision, and was not told, is forgotten; what follows is told. */
        void forgotten(long before);

        /** It cannot go on. */
        void failed(StoreException cause);
    }

    Following(KeyValueStore store, EventLoop loop, String prefix, long from, Listener listener) {
        this.store = store;
        this.loop = loop;
        this.prefix = prefix;
        this.next = from;
        this.listener = listener;
    }

    /** Begins. Any thread. */
    void start() {
        loop.execute(this::open);
    }

    private void open() {
        if (!closed) {
            watch = store.watch(prefix, next, this);
        }
    }

    @Override
    public void changed(long revision, List<Change> changes) {
        long from = next;
        next = Math.max(next, revision + 1);
        List<Change> fresh =
                changes.stream().filter(change -> change.revision() >= from).toList();
        if (!closed && revision >= from) {
            listener.changed(revision, fresh);
        }
    }

    @Override
    public void ended(StoreException cause) {
        if (closed) {
            return;
        }
        if (cause.kind() == Kind.COMPACTED && cause.compactRevision() > next) {
            next = cause.compactRevision();
            listener.forgotten(next);
            open();
        } else if (cause.kind() == Kind.UNAVAILABLE || cause.kind() == Kind.OUTCOME_UNKNOWN) {
            var unused = loop.schedule(RETRY, this::open);
        } else {
            listener.failed(cause);
        }
    }

    /** Tells nothing any more. On the loop. */
    @Override
    public void close() {
        closed = true;
        if (watch != null) {
            watch.close();
        }
    }
}
