package dev.coterie.cluster.journal;

import dev.coterie.cluster.concurrent.EventLoop;
import dev.coterie.cluster.concurrent.EventLoop.Scheduled;
import dev.coterie.cluster.store.KeyValueStore;
import dev.coterie.cluster.store.KeyValueStore.Space;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the store from being filled: compacts its history in step with what is written, and objects to more before its
 * quota is used up, when it would refuse every write of everybody.
 */
final class History {

    private static final Logger log = LoggerFactory.getLogger(History.class);

    private static final Duration LOOK = Duration.ofSeconds(1);

    private static final Duration LOOK_WHILE_OBJECTING = Duration.ofMillis(500);

    /** What may be in use of the quota, and how large the file may be: it does not shrink. */
    private static final double MOST_IN_USE = 0.8;

    private static final double LARGEST_FILE = 0.97;

    /** How finely it is remembered what was written when. */
    private static final int STEPS = 16;

    private final KeyValueStore store;
    private final EventLoop loop;
    private final JournalSettings settings;
    private final Runnable stir;
    private final ArrayDeque<Mark> marks = new ArrayDeque<>();
    private long written;
    private long compacted;
    private boolean compacting;
    private boolean closed;
    private boolean objecting;
    private Space seen = new Space(0, 0);
    private long writtenWhenSeen;
    private Scheduled next = Scheduled.NONE;

    /**
     * How far the store was.
     *
     * @param written bytes by then
     * @param at when, on the monotonic clock
     */
    private record Mark(long revision, long written, long at) {}

    /**
     * Prepares it.
     *
     * @param stir writes something: etcd counts what it has freed as free only when it writes again
     */
    History(KeyValueStore store, EventLoop loop, JournalSettings settings, Runnable stir) {
        this.stir = stir;
        this.store = store;
        this.loop = loop;
        this.settings = settings;
    }

    /** Begins to look at the store's space. */
    void begin() {
        look();
    }

    /** A segment has been written. */
    void wrote(long revision, int bytes) {
        written += bytes;
        Mark last = marks.peekLast();
        if (last == null || written - last.written > settings.history() / STEPS) {
            marks.add(new Mark(revision, written, loop.clock().nanoTime()));
        }
        considerCompaction();
    }

    /**
     * Why nothing more should be written.
     *
     * @param waiting bytes that will be written anyway
     */
    Optional<String> objection(long waiting) {
        long expected = seen.inUse() + written - writtenWhenSeen + waiting;
        boolean near = expected > MOST_IN_USE * settings.quota() || seen.file() > LARGEST_FILE * settings.quota();
        if (near && !objecting) {
            log.warn("{}; nothing new is accepted until there is room", describe(seen));
        }
        objecting = near;
        return near
                ? Optional.of(describe(seen) + "; make room, or defragment it, or give it and Coterie a larger quota")
                : Optional.empty();
    }

    void close() {
        closed = true;
        next.cancel();
    }

    private void considerCompaction() {
        if (!settings.compact() || compacting || closed || written - compacted < settings.history()) {
            return;
        }
        long now = loop.clock().nanoTime();
        Mark best = null;
        for (Mark mark = marks.peek();
                mark != null && now - mark.at >= settings.behind().toNanos();
                mark = marks.peek()) {
            best = marks.remove();
        }
        if (best != null) {
            compact(best);
        }
    }

    private void compact(Mark mark) {
        compacting = true;
        loop.then(
                store.compact(mark.revision),
                done -> {
                    compacting = false;
                    compacted = mark.written;
                },
                failure -> {
                    // Somebody else may have compacted beyond it; the next mark will do.
                    compacting = false;
                    log.debug("Compacting up to revision {} failed: {}", mark.revision, failure.getMessage());
                });
    }

    private void look() {
        if (closed) {
            return;
        }
        if (objecting) {
            stir.run();
        }
        loop.then(store.space(), this::seen, failure -> log.debug("etcd's space is unknown: {}", failure.getMessage()));
        next = loop.schedule(objecting ? LOOK_WHILE_OBJECTING : LOOK, () -> {
            considerCompaction();
            look();
        });
    }

    private void seen(Space space) {
        seen = space;
        writtenWhenSeen = written;
    }

    private String describe(Space space) {
        return "etcd has used " + (space.inUse() >> 20) + " MiB of its quota of " + (settings.quota() >> 20)
                + " MiB, its file has " + (space.file() >> 20) + " MiB";
    }
}
