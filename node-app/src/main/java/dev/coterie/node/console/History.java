package dev.coterie.node.console;

import dev.coterie.cluster.concurrent.Backoff;
import dev.coterie.cluster.concurrent.EventLoop;
import dev.coterie.cluster.concurrent.EventLoop.Scheduled;
import dev.coterie.cluster.discovery.Member;
import dev.coterie.cluster.store.Change;
import dev.coterie.cluster.store.Entry;
import dev.coterie.cluster.store.KeyValueStore;
import dev.coterie.cluster.store.KeyValueStore.Watch;
import dev.coterie.cluster.store.KeyValueStore.WatchListener;
import dev.coterie.cluster.store.Range;
import dev.coterie.cluster.store.StoreException;
import dev.coterie.cluster.store.StoreException.Kind;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Tells the flight recorder who came and went and who became master: what etcd still knows of it from before, then
 * everything that follows. So a page that was open while this node was restarted misses nothing. On the console's loop.
 */
final class History implements AutoCloseable {

    /** How many revisions of etcd are looked through for what happened before. */
    private static final long MOST_BACK = 5_000;

    private static final Backoff RETRY = Backoff.doubling(Duration.ofMillis(100), Duration.ofSeconds(2));

    private final KeyValueStore store;
    private final EventLoop loop;
    private final String prefix;
    private final FlightRecorder recorder;
    private final Follower members;
    private final Follower masters;

    /** What happened at this revision or before, happened before this node looked. */
    private long begun;

    private boolean closed;
    private int failures;

    History(KeyValueStore store, EventLoop loop, String prefix, FlightRecorder recorder) {
        this.store = store;
        this.loop = loop;
        this.prefix = prefix;
        this.recorder = recorder;
        this.members = new Follower(Directory.members(prefix), this::memberWas);
        this.masters = new Follower(Directory.masters(prefix), this::masterWas);
    }

    /** Begins to look back, and then follows. */
    void start() {
        loop.then(
                store.range(Range.prefix(members.prefix).limit(1)),
                page -> {
                    begun = page.revision();
                    startFrom(Math.max(1, begun - MOST_BACK));
                },
                failure -> again(this::start));
    }

    private void startFrom(long revision) {
        recorder.completeFrom(revision + 1);
        members.startFrom(revision);
        masters.startFrom(revision);
    }

    private void again(Runnable action) {
        Scheduled unused = loop.schedule(RETRY.delay(Math.min(++failures, 20), loop.random()), () -> {
            if (!closed) {
                action.run();
            }
        });
    }

    @Override
    public void close() {
        closed = true;
        members.close();
        masters.close();
    }

    /** When a change happened, if that is known. */
    private @Nullable Instant time(long revision, @Nullable Object written) {
        if (revision > begun) {
            return loop.clock().now();
        }
        try {
            return written == null ? null : Instant.parse(written.toString());
        } catch (java.time.format.DateTimeParseException nobodyKnows) {
            return null;
        }
    }

    private void memberWas(@Nullable Entry before, @Nullable Entry now, long revision) {
        Member left = before == null ? null : Directory.member(before).orElse(null);
        Member here = now == null ? null : Directory.member(now).orElse(null);
        if (left != null && here != null && left.id().equals(here.id())) {
            recorder.add(revision, time(revision, null), "member", "updated", here.id(), fields(here));
            return;
        }
        if (left != null) {
            recorder.add(revision, time(revision, null), "member", "left", left.id(), fields(left));
        }
        if (here != null) {
            recorder.add(revision, time(revision, here.startedAt()), "member", "joined", here.id(), fields(here));
        }
    }

    private static Map<String, Object> fields(Member member) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("name", member.name());
        fields.put("address", member.address());
        fields.put("port", member.port());
        return fields;
    }

    private void masterWas(@Nullable Entry before, @Nullable Entry now, long revision) {
        String key = Objects.requireNonNull(now == null ? before : now).key();
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("slot", Directory.slot(prefix, key));
        if (now == null) {
            String was = before == null
                    ? ""
                    : String.valueOf(Directory.master(before).get("node"));
            recorder.add(revision, time(revision, null), "master", "vacant", was, fields);
            return;
        }
        Map<?, ?> master = Directory.master(now);
        fields.put("term", now.modRevision());
        fields.put("how", String.valueOf(master.get("how")));
        Instant time = time(revision, master.get("since"));
        recorder.add(revision, time, "master", "elected", String.valueOf(master.get("node")), fields);
    }

    /** What became of a key; one of both is not null. */
    private interface Teller {
        void changed(@Nullable Entry before, @Nullable Entry now, long revision);
    }

    /** Follows the keys below a prefix from some revision in the past. */
    private final class Follower {

        private final String prefix;
        private final Teller teller;
        private final Map<String, Entry> known = new TreeMap<>();
        private long revision;
        private @Nullable Watch watch;

        Follower(String prefix, Teller teller) {
            this.prefix = prefix;
            this.teller = teller;
        }

        void startFrom(long from) {
            loop.then(
                    store.range(Range.prefix(prefix).at(from)),
                    page -> {
                        page.entries().forEach(entry -> known.put(entry.key(), entry));
                        revision = from;
                        follow();
                    },
                    failure -> notReadable(from, failure));
        }

        private void notReadable(long from, Throwable failure) {
            if (failure instanceof StoreException known && known.kind() == Kind.COMPACTED) {
                // Only a watch is told what is left.
                revision = from - 1;
                follow();
            } else {
                again(() -> startFrom(from));
            }
        }

        private void follow() {
            if (closed) {
                return;
            }
            watch = store.watch(prefix, revision + 1, new WatchListener() {
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
            for (Change change : changes) {
                if (change.revision() > revision) {
                    take(change);
                }
            }
            revision = Math.max(revision, upTo);
        }

        private void take(Change change) {
            Entry before = known.remove(change.key());
            Entry now = change instanceof Change.Written written ? written.entry() : null;
            if (now != null) {
                known.put(now.key(), now);
            }
            if (before != null || now != null) {
                teller.changed(before, now, change.revision());
            }
        }

        private void watchEnded(StoreException cause) {
            watch = null;
            if (closed || cause.kind() == Kind.CLOSED) {
                return;
            }
            if (cause.kind() != Kind.COMPACTED) {
                again(this::follow);
            } else if (revision < begun && known.isEmpty()) {
                recorder.completeFrom(cause.compactRevision() + 1);
                startFrom(cause.compactRevision());
            } else {
                skipTo();
            }
        }

        /** What happened meanwhile is gone: the difference is told as if it had happened now. */
        private void skipTo() {
            loop.then(
                    store.range(Range.prefix(prefix)),
                    page -> {
                        Map<String, Entry> read = new TreeMap<>();
                        page.entries().forEach(entry -> read.put(entry.key(), entry));
                        recorder.completeFrom(page.revision() + 1);
                        for (String key : List.copyOf(known.keySet())) {
                            if (!read.containsKey(key)) {
                                take(new Change.Deleted(key, page.revision()));
                            }
                        }
                        read.values().stream()
                                .filter(entry -> differs(known.get(entry.key()), entry))
                                .forEach(entry -> take(new Change.Written(entry)));
                        revision = page.revision();
                        follow();
                    },
                    failure -> again(this::skipTo));
        }

        private boolean differs(@Nullable Entry one, Entry other) {
            return one == null || one.modRevision() != other.modRevision();
        }

        void close() {
            if (watch != null) {
                watch.close();
            }
        }
    }
}
