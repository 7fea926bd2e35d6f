package dev.coterie.cluster.work;

import dev.coterie.cluster.concurrent.EventLoop;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.function.Predicate;

/**
 * What one end of a conversation has to say: gathered into messages, which are numbered from 1 so that the other end
 * notices a missing one, and sent as the link takes them. On the loop.
 *
 * <p>A message is: term, conversation, its number, how many of the other end's messages have had their effect for good;
 * then verbs.
 */
final class Outbox {

    /** A message with this number stands outside the order. */
    static final long ASIDE = 0;

    /** A message that has reached this many bytes is sent; one more thing of any size still fits. */
    private static final int FULL = 48 << 10;

    /** A full queue has room again in milliseconds, a node that cannot be reached takes longer. */
    private static final Duration FIRST_RETRY = Duration.ofMillis(5);

    private static final int MOST_DOUBLINGS = 6;

    private final EventLoop loop;
    private final Predicate<byte[]> link;
    private final long term;
    private final long conversation;
    private final WireWriter verbs = new WireWriter();
    private final WireWriter message = new WireWriter();
    private final ArrayDeque<byte[]> queue = new ArrayDeque<>();
    private long sent;
    private long settled;
    private long settledSaid;
    private long queuedBytes;
    private int doublings;
    private boolean retrying;
    private boolean closed;

    /**
     * Begins empty.
     *
     * @param link takes a message, or has no room for it now
     */
    Outbox(EventLoop loop, Predicate<byte[]> link, long term, long conversation) {
        this.loop = loop;
        this.link = link;
        this.term = term;
        this.conversation = conversation;
    }

    /** A single message outside any order. */
    static byte[] aside(long term, long conversation, byte verb) {
        return new WireWriter()
                .number(term)
                .number(conversation)
                .number(ASIDE)
                .number(0)
                .verb(verb)
                .take();
    }

    /** Where to say something. */
    WireWriter say() {
        return verbs;
    }

    /** Whether what was said is enough for a message. */
    boolean isFull() {
        return verbs.size() >= FULL;
    }

    /** Messages of the other end up to this one have had their effect for good. */
    void settled(long number) {
        settled = Math.max(settled, number);
    }

    /** Whether there is something to send. */
    boolean hasNews() {
        return verbs.size() > 0 || settled != settledSaid;
    }

    /**
     * Sends what was said, be it nothing.
     *
     * @return the message's number
     */
    long send() {
        message.number(term).number(conversation).number(++sent).number(settled).all(verbs);
        settledSaid = settled;
        verbs.clear();
        byte[] bytes = message.take();
        if (!queue.isEmpty() || !link.test(bytes)) {
            queue.add(bytes);
            queuedBytes += bytes.length;
            retryLater();
        }
        return sent;
    }

    /** How much the link has no room for yet. */
    long queuedBytes() {
        return queuedBytes;
    }

    void close() {
        closed = true;
        queue.clear();
    }

    private void retryLater() {
        if (!retrying && !closed) {
            retrying = true;
            var unused = loop.schedule(FIRST_RETRY.multipliedBy(1L << doublings), this::retry);
            doublings = Math.min(MOST_DOUBLINGS, doublings + 1);
        }
    }

    private void retry() {
        retrying = false;
        for (byte[] head = queue.peek(); head != null && link.test(head); head = queue.peek()) {
            queue.remove();
            queuedBytes -= head.length;
            doublings = 0;
        }
        if (!queue.isEmpty()) {
            retryLater();
        }
    }
}
