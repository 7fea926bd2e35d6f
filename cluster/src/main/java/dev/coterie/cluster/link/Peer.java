package dev.coterie.cluster.link;

import dev.coterie.cluster.concurrent.Backoff;
import dev.coterie.cluster.concurrent.EventLoop;
import dev.coterie.cluster.discovery.Member;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Another node as this one reaches it: one link at a time, opened when first needed and again, not too often, when it
 * has closed. Thread-safe: whoever sends comes here from its own thread.
 */
public final class Peer {

    private static final Logger log = LoggerFactory.getLogger(Peer.class);

    private static final Backoff REOPEN = Backoff.doubling(Duration.ofMillis(50), Duration.ofSeconds(2));

    private final Transport transport;
    private final EventLoop loop;
    private final Member member;
    private final Greeting greeting;

    /** Read by every sender; written with the fields below, under the lock. A closed link takes no message. */
    private volatile @Nullable Link link;
    /** How many links were opened, and the last of them that is known to have closed. */
    private long opened;

    private long lastClosed;
    /** Links in a row that closed without having opened, and when the next may be tried. */
    private int failures;

    private long notBefore;
    private boolean forgotten;

    Peer(Transport transport, EventLoop loop, Member member, Greeting greeting) {
        this.transport = transport;
        this.loop = loop;
        this.member = member;
        this.greeting = greeting;
    }

    /** The node. */
    public Member member() {
        return member;
    }

    /**
     * Queues a message for the node, opening a link if need be.
     *
     * @return false if it will not be sent: the queue is full, or the node cannot be reached now
     */
    public boolean offer(Message message) {
        Link link = link();
        return link != null && link.offer(message);
    }

    /**
     * Queues a message for the node, waiting for room in the queue.
     *
     * @param patience how long to wait at most
     * @return as {@link #offer(Message)}
     */
    public boolean offer(Message message, Duration patience) {
        Link link = link();
        return link != null && link.offer(message, patience);
    }

    /** How many messages wait to be sent to it. Any thread. */
    int queued() {
        Link now = link;
        return now == null ? 0 : now.queued();
    }

    /** The node is gone, or this one has another id now: closes the link for good. */
    synchronized void forget() {
        forgotten = true;
        if (link != null) {
            link.close();
        }
    }

    private @Nullable Link link() {
        Link now = link;
        return now != null ? now : open();
    }

    private synchronized @Nullable Link open() {
        boolean tooSoon = failures > 0 && loop.clock().nanoTime() - notBefore < 0;
        if (link != null || forgotten || tooSoon) {
            return link;
        }
        long number = ++opened;
        Link opening = transport.open(member.address(), member.port(), greeting, new Watcher(number));
        if (lastClosed < number) {
            link = opening;
        }
        return link;
    }

    /** On the loop. */
    private synchronized void closed(long number, boolean hadOpened) {
        if (number <= lastClosed) {
            return;
        }
        lastClosed = number;
        link = null;
        // Also after a link that did open, wait a little: a node may accept and drop again and again.
        failures = hadOpened ? 1 : failures + 1;
        notBefore =
                loop.clock().nanoTime() + REOPEN.delay(failures, loop.random()).toNanos();
    }

    private final class Watcher implements Transport.Listener {

        private final long number;
        private volatile boolean hasOpened;

        Watcher(long number) {
            this.number = number;
        }

        @Override
        public void opened() {
            hasOpened = true;
        }

        @Override
        public void closed(LinkException cause) {
            log.debug("The link to {} closed: {}", member.name(), cause.getMessage());
            loop.execute(() -> Peer.this.closed(number, hasOpened));
        }
    }
}
