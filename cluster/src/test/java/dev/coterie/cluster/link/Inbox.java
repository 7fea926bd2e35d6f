package dev.coterie.cluster.link;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** A receiving end that keeps what comes; deals with it at once, or when told to. */
final class Inbox implements Transport.Receiver {

    final ConcurrentLinkedQueue<Message> messages = new ConcurrentLinkedQueue<>();
    final AtomicLong count = new AtomicLong();
    private final CompletableFuture<LinkException> closed = new CompletableFuture<>();

    private final List<Runnable> undealt = new ArrayList<>();
    private boolean holding;

    Inbox() {}

    static Inbox holding() {
        Inbox inbox = new Inbox();
        inbox.holding = true;
        return inbox;
    }

    @Override
    public void received(List<Message> received, Runnable done) {
        messages.addAll(received);
        count.addAndGet(received.size());
        synchronized (undealt) {
            if (holding) {
                undealt.add(done);
                return;
            }
        }
        done.run();
    }

    /** Deals with all that came, and from now on at once. */
    void release() {
        List<Runnable> now;
        synchronized (undealt) {
            holding = false;
            now = List.copyOf(undealt);
            undealt.clear();
        }
        now.forEach(Runnable::run);
    }

    @Override
    public void closed(LinkException cause) {
        closed.complete(cause);
    }

    /** Waits until the link has ended; why. */
    LinkException closing() {
        return closed.orTimeout(20, TimeUnit.SECONDS).join();
    }

    boolean isClosed() {
        return closed.isDone();
    }
}
