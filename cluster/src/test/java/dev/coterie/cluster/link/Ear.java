package dev.coterie.cluster.link;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Hears what becomes of a link. */
final class Ear implements Transport.Listener {

    private final CompletableFuture<String> opened = new CompletableFuture<>();
    private final CompletableFuture<LinkException> closed = new CompletableFuture<>();
    final AtomicInteger closings = new AtomicInteger();

    @Override
    public void opened() {
        opened.complete(Thread.currentThread().getName());
    }

    @Override
    public void closed(LinkException cause) {
        closings.incrementAndGet();
        closed.complete(cause);
        opened.completeExceptionally(cause);
    }

    /** Waits until the link is open; the name of the thread that said so. */
    String opening() {
        return opened.orTimeout(20, TimeUnit.SECONDS).join();
    }

    /** Waits until the link has closed; why. */
    LinkException closing() {
        return closed.orTimeout(20, TimeUnit.SECONDS).join();
    }

    boolean isClosed() {
        return closed.isDone();
    }
}
