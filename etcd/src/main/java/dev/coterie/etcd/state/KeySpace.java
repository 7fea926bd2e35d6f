package dev.coterie.etcd.state;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.Event;
import io.etcd.jetcd.api.KeyValue;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The keys with their history: every revision back to the last compaction can be read, and what it changed is known. */
final class KeySpace {

    private final NavigableMap<ByteString, Versions> keys = new TreeMap<>(KeyRange.ORDER);
    private final NavigableMap<Long, List<Event>> changes = new TreeMap<>();
    /** An empty etcd is at revision 1, and was not compacted, which it expresses as -1. */
    private long revision = 1;

    private long compacted = -1;
    private long bytes;

    /** What was found.
     *
     * @param count how many there are, also beyond the limit
     */
    record Found(List<KeyValue> keyValues, long count) {}

    /** The last revision that changed something. */
    long revision() {
        return revision;
    }

    /** The oldest revision that can be read; negative if all can. */
    long compacted() {
        return compacted;
    }

    /** About how much is remembered. */
    long bytes() {
        return bytes;
    }

    /**
     * Reads.
     *
     * @param at as of which revision; it must be there
     * @param limit how many are wanted; 0 for all
     */
    Found range(KeyRange range, long at, long limit) {
        List<KeyValue> found = new ArrayList<>();
        long count = 0;
        for (Versions versions : range.in(keys).values()) {
            KeyValue keyValue = versions.at(at);
            if (keyValue != null) {
                if (limit <= 0 || count < limit) {
                    found.add(keyValue);
                }
                count++;
            }
        }
        return new Found(found, count);
    }

    /** A key as it was; null if it did not exist, or the revision cannot be read any more. */
    @Nullable
    KeyValue get(ByteString key, long at) {
        Versions versions = keys.get(key);
        return versions == null || at < compacted ? null : versions.at(at);
    }

    /** A key as it is; null if it does not exist. */
    @Nullable
    KeyValue get(ByteString key) {
        Versions versions = keys.get(key);
        return versions == null ? null : versions.now();
    }

    /** What happened from a revision on, by revision; a view. */
    NavigableMap<Long, List<Event>> changesFrom(long first) {
        return changes.tailMap(first, true);
    }

    /** Begins to write the next revision. The writer must finish before anything else is done here. */
    Writing write() {
        return new Writing();
    }

    /** Forgets what happened before a revision. */
    void compact(long at) {
        if (at <= compacted) {
            throw EtcdError.compacted();
        }
        if (at > revision) {
            throw EtcdError.futureRevision();
        }
        compacted = at;
        keys.values().removeIf(versions -> {
            versions.compact(at);
            return versions.isEmpty();
        });
        NavigableMap<Long, List<Event>> past = changes.headMap(at, false);
        past.values().forEach(this::forget);
        past.clear();
        changes.computeIfPresent(at, (same, events) -> kept(events));
    }

    /**
     * What a watch that starts at the compacted revision itself is still told: the keys that this revision wrote and that
     * can still be read. Deletions are gone, in etcd 3.4 as here.
     */
    private @Nullable List<Event> kept(List<Event> events) {
        forget(events);
        List<Event> kept = events.stream()
                .filter(event -> event.getType() == Event.EventType.PUT
                        && event.getKv().equals(get(event.getKv().getKey(), compacted)))
                .toList();
        remember(kept);
        return kept.isEmpty() ? null : kept;
    }

    private void remember(List<Event> events) {
        events.forEach(event -> bytes += event.getSerializedSize());
    }

    private void forget(List<Event> events) {
        events.forEach(event -> bytes -= event.getSerializedSize());
    }

    /** The next revision in the making: it is the next one if it changes something, and else there is none. */
    final class Writing {

        private final List<Event> events = new ArrayList<>();

        /** The revision of what is read and written now. */
        long revision() {
            return events.isEmpty() ? revision : revision + 1;
        }

        KeySpace keys() {
            return KeySpace.this;
        }

        /**
         * Writes a key.
         *
         * @return its revision
         */
        long put(ByteString key, ByteString value, long lease) {
            KeyValue before = get(key);
            long next = revision + 1;
            KeyValue keyValue = KeyValue.newBuilder()
                    .setKey(key)
                    .setValue(value)
                    .setCreateRevision(before == null ? next : before.getCreateRevision())
                    .setModRevision(next)
                    .setVersion(before == null ? 1 : before.getVersion() + 1)
                    .setLease(lease)
                    .build();
            keys.computeIfAbsent(key, absent -> new Versions()).add(next, keyValue);
            events.add(Event.newBuilder()
                    .setType(Event.EventType.PUT)
                    .setKv(keyValue)
                    .build());
            return next;
        }

        /**
         * Deletes keys.
         *
         * @return what they were
         */
        List<KeyValue> delete(KeyRange range) {
            List<KeyValue> deleted = new ArrayList<>();
            long next = revision + 1;
            range.in(keys).forEach((key, versions) -> {
                KeyValue before = versions.now();
                if (before != null) {
                    versions.add(next, null);
                    deleted.add(before);
                    events.add(Event.newBuilder()
                            .setType(Event.EventType.DELETE)
                            .setKv(KeyValue.newBuilder().setKey(key).setModRevision(next))
                            .build());
                }
            });
            return deleted;
        }

        /**
         * Ends it.
         *
         * @return what it changed, in the order in which it did; nothing if there is no new revision
         */
        List<Event> finish() {
            if (!events.isEmpty()) {
                revision++;
                changes.put(revision, events);
                remember(events);
            }
            return events;
        }
    }
}
