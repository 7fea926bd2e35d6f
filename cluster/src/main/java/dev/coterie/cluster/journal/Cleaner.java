package dev.coterie.cluster.journal;

import dev.coterie.cluster.concurrent.Backoff;
import dev.coterie.cluster.concurrent.EventLoop;
import dev.coterie.cluster.store.Entry;
import dev.coterie.cluster.store.KeyValueStore;
import dev.coterie.cluster.store.Operation;
import dev.coterie.cluster.store.Range;
import dev.coterie.cluster.store.Transaction;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a journal from growing: deletes segments of which nothing is needed, and makes more of them when too much of
 * the journal is dead. The oldest go first, so that no record outlives the one that replaced it.
 */
final class Cleaner {

    private static final Logger log = LoggerFactory.getLogger(Cleaner.class);
    private static final Backoff RETRY = Backoff.doubling(Duration.ofMillis(100), Duration.ofSeconds(5));

    /** How many segments one transaction deletes; fewer are deleted too, but not at once. */
    private static final int MOST_DELETED = 64;

    /** How many segments are copied at a time, and about how many bytes. */
    private static final int MOST_COPIED = 32;

    private static final int MOST_BYTES_COPIED = 256 << 10;

    /** What a segment costs besides its bytes, in reading it again for one thing: many small ones are worth copying. */
    private static final int OVERHEAD = 2 << 10;

    private static final Duration PATIENCE = Duration.ofMillis(200);

    private final Journal journal;
    private final KeyValueStore store;
    private final EventLoop loop;
    private long size;
    private long live;
    /** Until the journal is open nothing can be appended, and so nothing copied. */
    private boolean busy = true;

    private boolean closed;
    private boolean due;
    private int failures;
    /** The last segment whose living records were copied; those before it are as good as gone. */
    private long copied;

    Cleaner(Journal journal, KeyValueStore store, EventLoop loop) {
        this.journal = journal;
        this.store = store;
        this.loop = loop;
    }

    /** Of all records, and what each segment costs besides. */
    long size() {
        return size + (long) OVERHEAD * journal.segments().size();
    }

    long live() {
        return live;
    }

    /** The journal is open. */
    void begin() {
        busy = false;
    }

    void grown(int bytes) {
        size += bytes;
        live += bytes;
    }

    void released(int bytes) {
        live -= bytes;
        if (!due && !busy && !closed) {
            // Whatever is released, be it without anything being appended, is cleaned up some time.
            due = true;
            var unused = loop.schedule(PATIENCE, () -> {
                due = false;
                consider();
            });
        }
    }

    void close() {
        closed = true;
    }

    /** Looks whether there is something to do. */
    void consider() {
        if (busy || closed) {
            return;
        }
        List<Segment> dead = dead();
        if (dead.size() == MOST_DELETED || (!dead.isEmpty() && !due)) {
            delete(dead);
            return;
        }
        List<Segment> old = worthCopying();
        if (!old.isEmpty()) {
            copy(old);
        }
    }

    /**
     * Some of the oldest, when more is dead than alive. As many as one goes through at a time, also if fewer would do:
     * one small segment copied is again one small segment, and that would never end.
     */
    private List<Segment> worthCopying() {
        List<Segment> old = new ArrayList<>();
        long left = size() - 2 * live - journal.settings().slack();
        int bytes = 0;
        for (Segment segment : journal.segments()) {
            boolean enough = old.isEmpty() ? left <= 0 : old.size() == MOST_COPIED || bytes > MOST_BYTES_COPIED;
            if (enough || segment.sequence() >= journal.durable()) {
                break;
            }
            left -= segment.size() + OVERHEAD;
            if (segment.sequence() > copied) {
                bytes += segment.size();
                old.add(segment);
            }
        }
        return old;
    }

    /** The oldest segments, as long as nothing in them is needed and what replaced it is in the store. */
    private List<Segment> dead() {
        List<Segment> dead = new ArrayList<>();
        for (Segment segment : journal.segments()) {
            // The last one that is in the store stays: the next is written on condition that it is there.
            boolean gone = segment.live() == 0
                    && segment.replacedBy() <= journal.durable()
                    && segment.sequence() < journal.durable();
            if (!gone || dead.size() == MOST_DELETED) {
                break;
            }
            dead.add(segment);
        }
        return dead;
    }

    private void delete(List<Segment> dead) {
        busy = true;
        List<Operation> deletions = dead.stream()
                .map(segment -> Operation.delete(journal.key(segment.sequence())))
                .toList();
        loop.then(
                store.commit(Transaction.when(journal.guard()).then(deletions)),
                result -> {
                    busy = false;
                    failures = 0;
                    if (!result.succeeded()) {
                        journal.lost("its guard does not hold any more");
                        return;
                    }
                    deleted(dead.size());
                    consider();
                },
                this::failed);
    }

    /** Another has deleted all segments before this one. */
    void gone(long first) {
        Deque<Segment> segments = journal.segments();
        while (!segments.isEmpty() && segments.peek().sequence() < first) {
            size -= segments.remove().size();
        }
    }

    private void deleted(int count) {
        Deque<Segment> segments = journal.segments();
        for (int i = 0; i < count; i++) {
            size -= segments.remove().size();
        }
    }

    private void copy(List<Segment> old) {
        busy = true;
        Segment last = old.get(old.size() - 1);
        Range range = new Range(journal.key(old.get(0).sequence()), journal.key(last.sequence() + 1), 0, 0);
        loop.then(
                store.range(range),
                page -> {
                    busy = false;
                    failures = 0;
                    if (!closed) {
                        copied = last.sequence();
                        copied(old, page.entries());
                        consider();
                    }
                },
                this::failed);
    }

    private void copied(List<Segment> old, List<Entry> entries) {
        Map<String, Segment> byKey = new HashMap<>();
        old.forEach(segment -> byKey.put(journal.key(segment.sequence()), segment));
        for (Entry entry : entries) {
            Segment segment = byKey.get(entry.key());
            if (segment != null) {
                Journal.lines(entry.value(), (from, to) -> journal.owner().keep(entry.value(), from, to, segment));
            }
        }
        old.stream()
                .filter(segment -> segment.live() != 0)
                .forEach(segment -> log.error("{} was not copied wholly and stays", segment));
    }

    private void failed(Throwable failure) {
        if (closed) {
            return;
        }
        failures++;
        log.debug("Cleaning the journal is tried again: {}", failure.getMessage());
        var unused = loop.schedule(RETRY.delay(failures, loop.random()), () -> {
            busy = false;
            consider();
        });
    }
}
