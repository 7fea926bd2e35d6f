package dev.coterie.node.console;

import dev.coterie.cluster.concurrent.Backoff;
import dev.coterie.cluster.concurrent.EventLoop;
import dev.coterie.cluster.concurrent.EventLoop.Scheduled;
import dev.coterie.cluster.store.Change;
import dev.coterie.cluster.store.KeyValueStore;
import dev.coterie.cluster.store.KeyValueStore.Watch;
import dev.coterie.cluster.store.KeyValueStore.WatchListener;
import dev.coterie.cluster.store.Range;
import dev.coterie.cluster.store.StoreException;
import dev.coterie.cluster.store.StoreException.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Tells a stream what happens to the keys below a prefix, from the revision as of which they are known. Where more
 * happens than anybody can look at, or etcd has forgotten what happened, it says that they are to be read again. On the
 * console's loop.
 */
final class KeyChanges implements AutoCloseable {

    private static final Backoff RETRY = Backoff.doubling(Duration.ofMillis(100), Duration.ofSeconds(2));

    /** More changes than so many in a while are not told one by one. */
    private static final int MOST_IN_WHILE = 500;

    private static final long WHILE = Duration.ofMillis(500).toNanos();

    private final KeyValueStore store;
    private final EventLoop loop;
    private final String prefix;
    private final EventStream stream;
    private @Nullable Watch watch;
    private boolean closed;
    private long whileSince;
    private int inWhile;
    private boolean flooded;
    private int failures;

    /** Up to where changes were told, or left out. */
    private long known;

    private Scheduled settling = Scheduled.NONE;

    /**
     * A change as the page gets it.
     *
     * @param entry null if the key was deleted
     */
    record Told(String key, long revision, KeyRow.@Nullable Brief entry) {}

    KeyChanges(KeyValueStore store, EventLoop loop, String prefix, EventStream stream) {
        this.store = store;
        this.loop = loop;
        this.prefix = prefix;
        this.stream = stream;
    }

    /** Follows from the stream's position on; without one, what is known has to be read again. */
    void start() {
        known = stream.position().keys();
        if (known == 0) {
            startAnew();
        } else {
            follow();
        }
    }

    /** Follows from now on, and says that all before is to be read again. */
    private void startAnew() {
        loop.then(
                store.range(Range.prefix(prefix).limit(1)),
                page -> {
                    known = page.revision();
                    follow();
                    readAgain();
                },
                failure -> later(this::startAnew));
    }

    private void later(Runnable action) {
        Scheduled unused = loop.schedule(RETRY.delay(Math.min(++failures, 20), loop.random()), () -> {
            if (!closed) {
                action.run();
            }
        });
    }

    private void follow() {
        if (closed) {
            return;
        }
        watch = store.watch(prefix, known + 1, new WatchListener() {
            @Override
            public void changed(long upTo, List<Change> changes) {
                loop.execute(() -> take(upTo, changes));
            }

            @Override
            public void ended(StoreException cause) {
                loop.execute(() -> watchEnded(cause));
            }
        });
    }

    private void take(long upTo, List<Change> changes) {
        failures = 0;
        if (closed || upTo <= known) {
            return;
        }
        long before = known;
        known = upTo;
        List<Change> news =
                changes.stream().filter(change -> change.revision() > before).toList();
        if (floods(news.size())) {
            stream.moveTo(stream.position().withKeys(0));
            return;
        }
        List<Told> told = new ArrayList<>();
        for (Change change : news) {
            told.add(new Told(
                    change.key(),
                    change.revision(),
                    change instanceof Change.Written written ? KeyRow.brief(written.entry()) : null));
        }
        stream.sendKeys(upTo, Map.of("revision", upTo, "changes", told));
    }

    private boolean floods(int more) {
        long now = loop.clock().nanoTime();
        if (now - whileSince > WHILE) {
            whileSince = now;
            inWhile = 0;
        }
        inWhile += more;
        if (inWhile > MOST_IN_WHILE) {
            flooded = true;
            settling.cancel();
            settling = loop.schedule(Duration.ofNanos(2 * WHILE), this::settled);
        }
        return flooded;
    }

    private void settled() {
        flooded = false;
        readAgain();
    }

    private void readAgain() {
        if (!closed) {
            stream.moveTo(stream.position().withKeys(known));
            stream.send("reset", Map.of("what", "keys"));
        }
    }

    private void watchEnded(StoreException cause) {
        if (closed || cause.kind() == Kind.CLOSED) {
            return;
        }
        if (cause.kind() == Kind.COMPACTED) {
            startAnew();
        } else {
            later(this::follow);
        }
    }

    @Override
    public void close() {
        closed = true;
        settling.cancel();
        if (watch != null) {
            watch.close();
        }
    }
}
