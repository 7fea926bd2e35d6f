package dev.coterie.workers.traffic;

import dev.coterie.workers.link.Datum;
import dev.coterie.workers.link.Items;
import dev.coterie.workers.link.Kind;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;

/**
 * The data for one worker. Many go into a frame; a few frames are under way at a time, and each is kept until the worker
 * says that it is done, so that what a dying worker had can go to another.
 */
final class Outbox {

    /** More is not accepted; a single datum may exceed it. */
    static final int MOST_BYTES = 4 * 1024 * 1024;

    private static final int FRAME_BYTES = 64 * 1024;
    private static final int UNDER_WAY = 4;

    private final Consumer<ByteBuffer> way;
    private final Deque<Parcel> waiting = new ArrayDeque<>();
    private final Deque<List<Parcel>> underWay = new ArrayDeque<>();
    private long bytes;

    /**
     * Creates it.
     *
     * @param way takes frames to the worker
     */
    Outbox(Consumer<ByteBuffer> way) {
        this.way = way;
    }

    /**
     * A datum and how often it was under way to a worker.
     *
     * @param attempts more than zero if a worker died over it, or at least with it
     */
    record Parcel(Datum datum, int attempts) {}

    /** How many bytes the worker has yet to see to. */
    long bytes() {
        return bytes;
    }

    boolean isFull() {
        return bytes >= MOST_BYTES;
    }

    boolean isEmpty() {
        return waiting.isEmpty() && underWay.isEmpty();
    }

    /** Adds a datum; it goes with the next {@link #flush()}. */
    void add(Parcel parcel) {
        waiting.add(parcel);
        bytes += Items.size(parcel.datum());
    }

    /** Sends as much as may be under way. */
    void flush() {
        while (underWay.size() < UNDER_WAY && !waiting.isEmpty()) {
            List<Parcel> batch = new ArrayList<>();
            List<Datum> data = new ArrayList<>();
            int size = 0;
            do {
                Parcel next = waiting.remove();
                size += Items.size(next.datum());
                batch.add(next);
                data.add(next.datum());
            } while (!waiting.isEmpty() && size + Items.size(waiting.element().datum()) <= FRAME_BYTES);
            underWay.add(batch);
            way.accept(Items.frame(Kind.DATA, data));
        }
    }

    /**
     * The worker is done with the oldest frame.
     *
     * @return what was in it
     * @throws IllegalArgumentException if none is under way
     */
    List<Parcel> done() {
        List<Parcel> batch = underWay.poll();
        if (batch == null) {
            throw new IllegalArgumentException("a frame that was never sent is done");
        }
        batch.forEach(parcel -> bytes -= Items.size(parcel.datum()));
        return batch;
    }

    /** Takes all out, the oldest first; what was under way counts as tried. */
    List<Parcel> empty() {
        List<Parcel> all = new ArrayList<>();
        for (List<Parcel> batch : underWay) {
            batch.forEach(parcel -> all.add(new Parcel(parcel.datum(), parcel.attempts() + 1)));
        }
        underWay.clear();
        all.addAll(takeWaiting());
        bytes = 0;
        return all;
    }

    /** Takes out what is not under way yet. */
    List<Parcel> takeWaiting() {
        List<Parcel> all = List.copyOf(waiting);
        waiting.clear();
        all.forEach(parcel -> bytes -= Items.size(parcel.datum()));
        return all;
    }
}
