package dev.coterie.etcd.state;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.Event;
import io.etcd.jetcd.api.ResponseHeader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongFunction;

/** All watches of all streams: finds those that a change concerns, in an order that depends on nothing but the requests. */
final class WatchHub {

    /** How often a quiet watch that wants it is told how far the store is: etcd's default. */
    private static final long TICK = TimeUnit.MINUTES.toNanos(10);

    private final KeySpace keys;
    private final LongFunction<ResponseHeader> header;
    private final Set<WatchStream> streams = new LinkedHashSet<>();
    private final Map<ByteString, Set<Watcher>> ofOneKey = new HashMap<>();
    private final Set<Watcher> ofRanges = new LinkedHashSet<>();

    /**
     * Watches of some keys.
     *
     * @param header makes a header with a revision
     */
    WatchHub(KeySpace keys, LongFunction<ResponseHeader> header) {
        this.keys = keys;
        this.header = header;
    }

    WatchStream open(WatchListener listener, long now) {
        WatchStream stream = new WatchStream(this, listener, now + TICK);
        streams.add(stream);
        return stream;
    }

    void remove(WatchStream stream) {
        streams.remove(stream);
    }

    void add(Watcher watcher) {
        if (watcher.range().isOneKey()) {
            ofOneKey.computeIfAbsent(watcher.range().from(), key -> new LinkedHashSet<>())
                    .add(watcher);
        } else {
            ofRanges.add(watcher);
        }
        watcher.catchUp();
    }

    void remove(Watcher watcher) {
        watcher.end();
        ofRanges.remove(watcher);
        ofOneKey.computeIfPresent(watcher.range().from(), (key, watchers) -> {
            watchers.remove(watcher);
            return watchers.isEmpty() ? null : watchers;
        });
    }

    /** Tells all whom it concerns what the last revision changed. */
    void changed(List<Event> events) {
        Map<Watcher, List<Event>> concerned = new LinkedHashMap<>();
        for (Event event : events) {
            ByteString key = event.getKv().getKey();
            for (Watcher watcher : ofRanges) {
                if (watcher.range().contains(key)) {
                    concerned
                            .computeIfAbsent(watcher, first -> new ArrayList<>())
                            .add(event);
                }
            }
            for (Watcher watcher : ofOneKey.getOrDefault(key, Set.of())) {
                concerned.computeIfAbsent(watcher, first -> new ArrayList<>()).add(event);
            }
        }
        concerned.forEach(Watcher::changed);
    }

    /** Has the streams whose time it is tell how far the store is. */
    void advance(long now) {
        for (WatchStream stream : List.copyOf(streams)) {
            if (stream.nextTick() <= now) {
                stream.tick(now + TICK);
            }
        }
    }

    /** When {@link #advance} has something to do next. */
    OptionalLong nextTick() {
        return streams.stream().mapToLong(WatchStream::nextTick).min();
    }

    KeySpace keys() {
        return keys;
    }

    long revision() {
        return keys.revision();
    }

    ResponseHeader header(long revision) {
        return header.apply(revision);
    }
}
