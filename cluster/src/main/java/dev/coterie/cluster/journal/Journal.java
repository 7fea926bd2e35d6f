package dev.coterie.cluster.journal;

import dev.coterie.cluster.concurrent.EventLoop;
import dev.coterie.cluster.meter.Meter.Level;
import dev.coterie.cluster.store.Condition;
import dev.coterie.cluster.store.Entry;
import dev.coterie.cluster.store.KeyValueStore;
import dev.coterie.cluster.store.KeyValueStore.Page;
import dev.coterie.cluster.store.Range;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A log in the store: records, each a line, many to a segment, one segment to a key, numbered without a gap.
 *
 * <p>It has one writer at a time, which proves with every segment that it still is the one: its guard is a condition of
 * the transaction. What is appended while segments are on their way goes into the next one together. A segment whose
 * outcome is unknown is written again: it can only be written once, and the answer says whether it had been.
 *
 * <p>A record is needed until its owner {@link #release}s it. Segments without any are deleted, the oldest first; when
 * more is dead than alive, living records of the oldest are appended again. Single-threaded: on the event loop.
 */
public final class Journal implements AutoCloseable {

    /** Where journals are, below the prefix: {@code journal/<stream>/<sequence>}. */
    public static final String DIRECTORY = "journal/";

    private static final Logger log = LoggerFactory.getLogger(Journal.class);

    /** Times the largest segment, this is below what one answer of the store may have. */
    private static final int PAGE = 64;

    /** While no more than this is on its way, a segment costs little and waiting would cost time. */
    private static final int LIGHT = 4 << 10;

    private final KeyValueStore store;
    private final EventLoop loop;
    private final String directory;
    private final JournalSettings settings;
    private final Owner owner;
    private final Cleaner cleaner;
    private final History history;

    /** All that are in the store or on their way; the last one is being filled. */
    private final ArrayDeque<Segment> segments = new ArrayDeque<>();

    private final Appends appends;
    private List<Condition> guard = List.of();
    private Segment filling = new Segment(1);
    private byte[] buffer = new byte[4 << 10];
    private int filled;
    private long waiting;
    private long durable;
    private boolean opened;
    private boolean closed;
    private boolean pumpExpected;
    private int failures;

    /** Which reading is going on; what an earlier one still brings counts no more. */
    private int readings;

    /** Whose records they are. On the loop. */
    public interface Owner {

        /**
         * A record found when the journal was opened, the oldest first; it counts as needed.
         *
         * @param bytes holds the record from {@code from} to {@code to}; must not be kept
         */
        void replayed(byte[] bytes, int from, int to, Segment segment);

        /** All segments before this one are deleted; records in them that were replayed, and not since again, are none. */
        void gone(long first);

        /** All records have been replayed; from now on there is appending. */
        void opened();

        /** All segments up to this one are in the store. */
        void durable(long sequence);

        /** This record's segment is to go: append what of it is still needed again, and release it. */
        void keep(byte[] bytes, int from, int to, Segment segment);

        /** This journal has another writer now, or was tampered with. Nothing is written any more. */
        void lost(String reason);
    }

    /**
     * Prepares it; {@link #open} opens it.
     *
     * @param stream its name; two writers of one stream must exclude each other by their guards
     */
    public Journal(
            KeyValueStore store, EventLoop loop, String prefix, String stream, JournalSettings settings, Owner owner) {
        this.store = store;
        this.loop = loop;
        this.directory = prefix + DIRECTORY + stream + "/";
        this.settings = settings;
        this.owner = owner;
        this.appends = new Appends(store, loop, settings.meter(), this::key, new Arrivals());
        this.cleaner = new Cleaner(this, store, loop);
        this.history = new History(store, loop, settings, this::appendNothing);
    }

    /**
     * Reads what is there, and tells the owner, while another may be writing. May be called again, for what was written
     * since; not after {@link #open}.
     *
     * @param done is called when all that was there has been read
     */
    public void readAhead(Runnable done) {
        read(rest(), ++readings, done);
    }

    /**
     * Reads what is there and was not read ahead, and tells the owner; then there is appending. Nobody else writes any
     * more.
     *
     * @param writersGuard holds as long as this is the writer
     */
    public void open(List<Condition> writersGuard) {
        guard = List.copyOf(writersGuard);
        int reading = ++readings;
        if (durable == 0) {
            read(rest(), reading, this::opened);
            return;
        }
        // Both at once: whoever waits for a new writer waits for this.
        int[] left = {2};
        Runnable done = () -> {
            left[0]--;
            if (left[0] == 0) {
                opened();
            }
        };
        read(rest(), reading, done);
        forgetDeleted(reading, done);
    }

    /**
     * Appends a record.
     *
     * @param record holds it from {@code from} to {@code to}, without a line end; copied
     * @return the segment it will stand in
     */
    public Segment append(byte[] record, int from, int to) {
        int bytes = to - from + 1;
        if (filled > 0 && filled + bytes > settings.segment()) {
            seal();
        }
        if (filled + bytes > buffer.length) {
            buffer = Arrays.copyOf(buffer, Math.max(filled + bytes, 2 * buffer.length));
        }
        System.arraycopy(record, from, buffer, filled, bytes - 1);
        filled += bytes;
        buffer[filled - 1] = '\n';
        waiting += bytes;
        filling.add(bytes);
        cleaner.grown(bytes);
        pumpSoon();
        return filling;
    }

    /**
     * Lets the {@link #position} that follows prove that this is still the writer when it is durable. What is on its way
     * already proves nothing: it may have arrived before another took over.
     */
    public void confirm() {
        if (filled == 0) {
            appendNothing();
        }
    }

    /** Appends an empty line, which means nothing. */
    private void appendNothing() {
        release(append(new byte[0], 0, 0), 0);
    }

    /**
     * A record is not needed any more: nothing has to be known of it, or another that says more was appended before.
     *
     * @param length of the record, without its line end
     */
    public void release(Segment segment, int length) {
        segment.release(length + 1, position());
        cleaner.released(length + 1);
    }

    /** The segment that the next record goes to, or an earlier one if nothing waits: what must be durable by then. */
    public long position() {
        return filled > 0 ? filling.sequence() : filling.sequence() - 1;
    }

    /** All segments up to this one are in the store. */
    public long durable() {
        return durable;
    }

    /** Why nothing should be appended that could be refused instead; empty if there is no reason. */
    public Optional<String> objection() {
        if (waiting > settings.backlog()) {
            return Optional.of(waiting + " bytes wait to be written to etcd, which is too slow or cannot be reached;"
                    + " try again later");
        }
        return history.objection(waiting);
    }

    /** Bytes of the records that are needed. */
    public long liveBytes() {
        return cleaner.live();
    }

    /** Bytes of all records, also of those that are not needed but still in the store. */
    public long bytes() {
        return cleaner.size();
    }

    /** Writes no more; what is on its way may or may not arrive. */
    @Override
    public void close() {
        closed = true;
        if (opened) {
            tellSize(0, 0, 0);
        }
        appends.close();
        cleaner.close();
        history.close();
    }

    // --- Opening ----------------------------------------------------------------------------------------------------

    /** All that was not read yet. */
    private Range rest() {
        Range all = Range.prefix(directory).limit(PAGE);
        return durable == 0 ? all : all.after(key(durable));
    }

    private void read(Range range, int reading, Runnable done) {
        ask(range, reading, page -> {
            boolean first = true;
            for (Entry entry : page.entries()) {
                replay(entry, first);
                first = false;
            }
            if (page.more()) {
                read(rest(), reading, done);
            } else {
                done.run();
            }
        });
    }

    /** Asks the store until it answers, unless another reading has begun meanwhile. */
    private void ask(Range range, int reading, Consumer<Page> then) {
        loop.then(
                store.range(range),
                page -> {
                    if (!closed && reading == readings) {
                        failures = 0;
                        then.accept(page);
                    }
                },
                failure -> {
                    log.debug("{} cannot be read and is read again: {}", directory, failure.getMessage());
                    appends.retryLater(++failures, failure, () -> {
                        if (reading == readings) {
                            ask(range, reading, then);
                        }
                    });
                });
    }

    /** Segments are deleted from the oldest on: those before the first that is there, the writer before has deleted. */
    private void forgetDeleted(int reading, Runnable then) {
        ask(Range.prefix(directory).limit(1), reading, page -> {
            long first = page.entries().isEmpty()
                    ? durable + 1
                    : sequence(page.entries().get(0));
            if (!segments.isEmpty() && segments.peek().sequence() < first) {
                owner.gone(first);
                cleaner.gone(first);
            }
            then.run();
        });
    }

    private void opened() {
        appends.begin(durable, guard);
        filling = new Segment(durable + 1);
        segments.add(filling);
        opened = true;
        history.begin();
        tellSize(bytes(), liveBytes(), waiting);
        owner.opened();
        cleaner.begin();
        pumpSoon();
    }

    private long sequence(Entry entry) {
        return Long.parseLong(entry.key().substring(directory.length()));
    }

    /** What was read in one go has no gaps; what was read before may have been deleted since, with some that follow. */
    private void replay(Entry entry, boolean first) {
        long sequence = sequence(entry);
        if (durable != 0 && sequence != durable + 1 && !first) {
            log.error(
                    "{}: segments {} to {} are missing: somebody has deleted them",
                    directory,
                    durable + 1,
                    sequence - 1);
        }
        durable = sequence;
        Segment segment = new Segment(sequence);
        segment.wrote(entry.modRevision());
        segments.add(segment);
        lines(entry.value(), (from, to) -> {
            segment.add(to - from + 1);
            cleaner.grown(to - from + 1);
            owner.replayed(entry.value(), from, to, segment);
        });
    }

    /** Where a line begins and ends. */
    interface Line {
        void at(int from, int to);
    }

    static void lines(byte[] value, Line line) {
        int from = 0;
        for (int at = 0; at < value.length; at++) {
            if (value[at] == '\n') {
                if (at > from) {
                    line.at(from, at);
                }
                from = at + 1;
            }
        }
    }

    // --- Appending --------------------------------------------------------------------------------------------------

    private void seal() {
        appends.add(filling, Arrays.copyOf(buffer, filled));
        filled = 0;
        if (buffer.length > 2 * settings.segment()) {
            buffer = new byte[4 << 10];
        }
        filling = new Segment(filling.sequence() + 1);
        segments.add(filling);
    }

    /** After what else is to be done now, which may append more. */
    private void pumpSoon() {
        if (!pumpExpected && opened) {
            pumpExpected = true;
            loop.execute(() -> {
                pumpExpected = false;
                pump();
                cleaner.consider();
            });
        }
    }

    private void pump() {
        while (!closed && appends.flying() < settings.inFlight() && (appends.isWaiting() || isWorthSending())) {
            if (!appends.isWaiting()) {
                seal();
            }
            appends.sendNext();
        }
    }

    private boolean isWorthSending() {
        return filled > 0 && (appends.flyingBytes() <= LIGHT || filled >= settings.worth());
    }

    /** What becomes of segments on their way. */
    private final class Arrivals implements Appends.Listener {

        @Override
        public void wrote(long revision, int bytes) {
            history.wrote(revision, bytes);
        }

        @Override
        public void arrived(long sequence, long bytes) {
            durable = sequence;
            waiting -= bytes;
            owner.durable(durable);
            pump();
            cleaner.consider();
            tellSize(bytes(), liveBytes(), waiting);
        }

        @Override
        public void lost(String reason) {
            Journal.this.lost(reason);
        }
    }

    private void tellSize(long all, long live, long unwritten) {
        settings.meter().level(Level.JOURNAL_BYTES, all);
        settings.meter().level(Level.JOURNAL_LIVE_BYTES, live);
        settings.meter().level(Level.JOURNAL_WAITING_BYTES, unwritten);
    }

    // --- For the cleaner --------------------------------------------------------------------------------------------

    Deque<Segment> segments() {
        return segments;
    }

    String key(long sequence) {
        String digits = Long.toString(sequence);
        return directory + "0".repeat(20 - digits.length()) + digits;
    }

    List<Condition> guard() {
        return guard;
    }

    Owner owner() {
        return owner;
    }

    JournalSettings settings() {
        return settings;
    }

    void lost(String reason) {
        if (!closed) {
            close();
            owner.lost(reason);
        }
    }
}
