package dev.coterie.node.console;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The last of what happened: so much about the cluster, and so much about its work, that one never drives out the other.
 * On the console's loop only.
 */
final class FlightRecorder {

    /** How many of each are kept. */
    static final int MOST = 10_000;

    private final int most;
    private final Deque<FlightRecord> cluster = new ArrayDeque<>();
    private final Deque<FlightRecord> work = new ArrayDeque<>();
    private final Set<Consumer<FlightRecord>> listeners = new LinkedHashSet<>();
    private long seq;
    private long forgotten;
    private long revision;
    private long since = Long.MAX_VALUE;

    FlightRecorder(int most) {
        this.most = most;
    }

    /** Keeps what happened, and tells whoever listens. */
    void add(
            long atRevision, @Nullable Instant time, String kind, String event, String id, Map<String, Object> fields) {
        FlightRecord record = new FlightRecord(++seq, atRevision, time, kind, event, id, fields);
        Deque<FlightRecord> ring = record.isAboutCluster() ? cluster : work;
        if (ring.size() == most) {
            FlightRecord oldest = ring.removeFirst();
            forgotten = Math.max(forgotten, oldest.seq());
            if (oldest.isAboutCluster()) {
                since = oldest.revision() + 1;
            }
        }
        ring.addLast(record);
        if (record.isAboutCluster()) {
            // What happens to tasks comes another way: it may be ahead of what happens to members.
            revision = Math.max(revision, atRevision);
        }
        List.copyOf(listeners).forEach(listener -> listener.accept(record));
    }

    /** From which revision on all that happened to the cluster itself is or will be here. */
    void completeFrom(long from) {
        since = from;
    }

    /** The oldest revision from which on nothing about the cluster itself is missing. */
    long since() {
        return since;
    }

    /** The latest revision of which something about the cluster itself is kept. */
    long revision() {
        return revision;
    }

    /** The number of the latest record. */
    long seq() {
        return seq;
    }

    /** Whether everything after a number is still here. */
    boolean hasAllAfter(long known) {
        return known >= forgotten && known <= seq;
    }

    /** All after a number, in order. */
    List<FlightRecord> after(long known) {
        return all().filter(record -> record.seq() > known).toList();
    }

    /** What happened to the cluster itself at a revision or later, in order. */
    List<FlightRecord> clusterFrom(long atRevision) {
        return cluster.stream()
                .filter(record -> record.revision() >= atRevision)
                .toList();
    }

    /** The latest of some kinds before a number, the newest last. */
    List<FlightRecord> before(long before, Set<String> kinds, int limit) {
        List<FlightRecord> matching = all().filter(record -> record.seq() < before)
                .filter(record -> kinds.isEmpty() || kinds.contains(record.kind()))
                .toList();
        return matching.subList(Math.max(0, matching.size() - limit), matching.size());
    }

    private Stream<FlightRecord> all() {
        List<FlightRecord> both = new ArrayList<>(cluster);
        both.addAll(work);
        return both.stream().sorted(Comparator.comparingLong(FlightRecord::seq));
    }

    /** Tells a listener of all that follows. */
    void listen(Consumer<FlightRecord> listener) {
        listeners.add(listener);
    }

    /** Tells it no more. */
    void ignore(Consumer<FlightRecord> listener) {
        listeners.remove(listener);
    }
}
