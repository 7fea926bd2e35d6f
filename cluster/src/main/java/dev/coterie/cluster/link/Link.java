package dev.coterie.cluster.link;

import java.time.Duration;

/** The sending end of a link. Thread-safe. */
public interface Link extends AutoCloseable {

    /**
     * Queues a message.
     *
     * @return false if the queue is full or the link has closed; the message is not sent then
     */
    boolean offer(Message message);

    /**
     * Queues a message, waiting for room.
     *
     * @param patience how long to wait at most
     * @return false if there was no room in time or the link has closed; the message is not sent then
     */
    boolean offer(Message message, Duration patience);

    /** How many messages wait to be sent. */
    int queued();

    /** Ends the link; what is queued is sent if the other end takes it within a second. Does not wait. */
    @Override
    void close();
}
