package dev.coterie.cluster.store;

import dev.coterie.cluster.concurrent.Backoff;
import dev.coterie.cluster.concurrent.EventLoop;
import dev.coterie.cluster.concurrent.EventLoop.Scheduled;
import dev.coterie.cluster.store.KeyValueStore.Page;
import dev.coterie.cluster.store.KeyValueStore.Watch;
import dev.coterie.cluster.store.KeyValueStore.WatchListener;
import dev.coterie.cluster.store.StoreException.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keys below a prefix as the store has them, and every difference, without a gap.
 *
 * <p>It reads at some revision, watches from the next, and when the watch ends opens another behind the last revision
 * it was told of. When that has been compacted away, or from time to time anyway, it reads again and tells the
 * difference. Single-threaded: everything happens on the event loop.
 */
public final class Mirror implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Mirror.class);

    private static final long PAGE = 1000;
    private static final Backoff RETRY = Backoff.doubling(Duration.ofMillis(50), Duration.ofMillis(800));

    private final KeyValueStore store;
    private final EventLoop loop;
    private final String prefix;
    private final Duration reread;
    private final Listener listener;

    private final TreeMap<String, Entry> entries = new TreeMap<>();
    private long revision;
    private boolean loaded;
    private boolean closed;
    private boolean reading;
    private long revisionBeforeRead;
    private int failures;
    private @Nullable Watch watch;
    /** Grows with every watch opened, so that what an older one still says is known as such. */
    private long generation;

    private Scheduled nextRead = Scheduled.NONE;
    private Scheduled retry = Scheduled.NONE;

    /** Is told of differences. On the event loop. */
    public interface Listener {

        /**
         * The keys have changed; {@link Mirror#entries()} shows them as they are after it. The first call brings all
         * there are.
         *
         * @param revision as of which they are shown
         * @param changes the difference to the call before: what several revisions did to one key may appear as one
         *     change, and what came and went as none; so there may be none after a read
         */
        void changed(long revision, List<Change> changes);
    }

    /**
     * Prepares a mirror; {@link #start} starts it.
     *
     * @param reread how often to read again although nothing seems wrong
     */
    public Mirror(KeyValueStore store, EventLoop loop, String prefix, Duration reread, Listener listener) {
        this.store = store;
        this.loop = loop;
        this.prefix = prefix;
        this.reread = reread;
        this.listener = listener;
    }

    /** Starts reading. On the loop. */
    public void start() {
        read();
    }

    /** The keys now, in order; empty before the first call of the listener. On the loop; a live view. */
    public SortedMap<String, Entry> entries() {
        return Collections.unmodifiableSortedMap(entries);
    }

    /** The revision as of which the keys are shown; 0 before the first call of the listener. On the loop. */
    public long revision() {
        return revision;
    }

    /** Whether the first read has come in. On the loop. */
    public boolean loaded() {
        return loaded;
    }

    /** Stops following. On the loop. */
    @Override
    public void close() {
        closed = true;
        nextRead.cancel();
        retry.cancel();
        stopWatching();
    }

    private void read() {
        if (closed || reading) {
            return;
        }
        reading = true;
        revisionBeforeRead = revision;
        nextRead.cancel();
        readPage(Range.prefix(prefix).limit(PAGE), new TreeMap<>());
    }

    private void readPage(Range range, SortedMap<String, Entry> read) {
        loop.then(store.range(range), page -> havePage(range, page, read), failure -> {
            reading = false;
            retryLater(this::read, failure);
        });
    }

    private void havePage(Range range, Page page, SortedMap<String, Entry> read) {
        page.entries().forEach(entry -> read.put(entry.key(), entry));
        if (page.more()) {
            readPage(range.after(read.lastKey()).at(page.revision()), read);
            return;
        }
        reading = false;
        if (!closed) {
            haveRead(page.revision(), read);
        }
    }

    private void haveRead(long readRevision, SortedMap<String, Entry> read) {
        failures = 0;
        nextRead = loop.schedule(reread, this::read);
        if (readRevision < revisionBeforeRead) {
            log.warn(
                    "{}: the store went back from revision {} to {}, as after a restored backup; following it",
                    prefix,
                    revision,
                    readRevision);
            stopWatching();
        } else if (readRevision < revision) {
            // The watch has told of more while the read was on its way; it is compared another time.
            return;
        }
        List<Change> difference = difference(readRevision, read);
        revision = readRevision;
        loaded = true;
        entries.clear();
        entries.putAll(read);
        if (watch == null || !difference.isEmpty()) {
            // A difference that the watch has not told, or not yet: what it says of the past is not needed any more.
            watchFrom(readRevision + 1);
        }
        // Also without a difference: what came and went while nothing was seen was there, and is gone.
        listener.changed(revision, difference);
    }

    private List<Change> difference(long readRevision, SortedMap<String, Entry> read) {
        List<Change> changes = new ArrayList<>();
        entries.keySet().stream()
                .filter(key -> !read.containsKey(key))
                .forEach(key -> changes.add(new Change.Deleted(key, readRevision)));
        read.values().stream()
                .filter(entry -> differs(entries.get(entry.key()), entry))
                .forEach(entry -> changes.add(new Change.Written(entry)));
        return changes;
    }

    private static boolean differs(@Nullable Entry known, Entry read) {
        return known == null
                || known.modRevision() != read.modRevision()
                || known.createRevision() != read.createRevision()
                || !Arrays.equals(known.value(), read.value());
    }

    private void watchFrom(long from) {
        stopWatching();
        long mine = ++generation;
        watch = store.watch(prefix, from, new WatchListener() {
            @Override
            public void changed(long upTo, List<Change> changes) {
                if (mine == generation && !closed) {
                    apply(upTo, changes);
                }
            }

            @Override
            public void ended(StoreException cause) {
                if (mine == generation && !closed) {
                    watchEnded(cause);
                }
            }
        });
    }

    private void stopWatching() {
        generation++;
        if (watch != null) {
            watch.close();
            watch = null;
        }
    }

    private void apply(long upTo, List<Change> changes) {
        failures = 0;
        if (upTo < revision) {
            // A member of the store that lags, or a store that was restored from a backup: a read tells which.
            read();
        }
        List<Change> fresh =
                changes.stream().filter(change -> change.revision() > revision).toList();
        for (Change change : fresh) {
            if (change instanceof Change.Written written) {
                entries.put(written.key(), written.entry());
            } else {
                entries.remove(change.key());
            }
        }
        revision = Math.max(revision, upTo);
        if (!fresh.isEmpty()) {
            listener.changed(revision, fresh);
        }
    }

    private void watchEnded(StoreException cause) {
        watch = null;
        if (cause.kind() == Kind.COMPACTED) {
            log.info("{}: revision {} was compacted away before it was seen; reading again", prefix, revision + 1);
            read();
        } else {
            retryLater(
                    () -> {
                        if (watch == null && !reading) {
                            watchFrom(revision + 1);
                        }
                    },
                    cause);
        }
    }

    private void retryLater(Runnable again, Throwable cause) {
        if (closed || (cause instanceof StoreException known && known.kind() == Kind.CLOSED)) {
            return;
        }
        failures++;
        log.debug("{}: trying again after failure {}: {}", prefix, failures, cause.getMessage());
        retry.cancel();
        retry = loop.schedule(RETRY.delay(failures, loop.random()), again);
    }
}
