package dev.coterie.cluster.link;

import java.time.Duration;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What waits to be sent on one link: any thread offers, one takes, and there is a bound.
 *
 * <p>One bound covers count and bytes: the queue has room for so many bytes, and every message takes at least
 * {@link #LEAST_COST} of them. This is on the path of every message, hence no event loop but two lock-free structures.
 */
final class SendQueue {

    /** What a message takes at least, in bytes; about what it occupies in memory when it is small. */
    static final int LEAST_COST = 512;

    private final ConcurrentLinkedQueue<Message> messages = new ConcurrentLinkedQueue<>();
    private final Semaphore room;
    private volatile boolean closed;

    /**
     * Creates it empty.
     *
     * @param bytes how much it holds; at least what the largest message takes
     */
    SendQueue(int bytes) {
        room = new Semaphore(bytes);
    }

    /** Adds a message if there is room. Any thread. */
    boolean offer(Message message) {
        return !closed && room.tryAcquire(cost(message)) && add(message);
    }

    /** Adds a message, waiting for room. Any thread; if it is interrupted, it stays so and the answer is false. */
    boolean offer(Message message, Duration patience) {
        try {
            return !closed && room.tryAcquire(cost(message), patience.toNanos(), TimeUnit.NANOSECONDS) && add(message);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private boolean add(Message message) {
        if (closed) {
            // Passes on the room that woke this thread, for the others that wait.
            room.release(cost(message));
            return false;
        }
        messages.add(message);
        return true;
    }

    /** The oldest message. One thread; what it took is given back by {@link #release}. */
    @Nullable
    Message take() {
        return messages.poll();
    }

    /** Makes room again. One call for all messages of a frame, since it may wake those who wait. */
    void release(int cost) {
        room.release(cost);
    }

    boolean isEmpty() {
        return messages.isEmpty();
    }

    /** How many messages wait; walks over them. Any thread. */
    int size() {
        return messages.size();
    }

    /** Takes no more messages; those who wait for room are told at once. What is in can still be taken. */
    void close() {
        if (!closed) {
            closed = true;
            room.release(Message.MAX_PAYLOAD + LEAST_COST);
        }
    }

    /** Drops what is in. */
    void clear() {
        messages.clear();
    }

    /** What a message takes, in bytes. */
    static int cost(Message message) {
        return Math.max(LEAST_COST, message.payload().length + message.subject().length());
    }
}
