package dev.coterie.cluster.lan;

import dev.coterie.cluster.concurrent.EventLoop;
import java.util.concurrent.atomic.AtomicInteger;

/** Hands what the network brings over to a loop, up to a bound: a network does not wait for who is slow. */
final class Gate {

    /** Of 200 bytes each they take a few MiB; it is a good part of a second's worth. */
    private static final int MOST_WAITING = 32_768;

    private final EventLoop loop;
    private final Drops drops;
    private final AtomicInteger waiting = new AtomicInteger();

    Gate(EventLoop loop, Drops drops) {
        this.loop = loop;
        this.drops = drops;
    }

    void execute(Runnable task) {
        if (waiting.get() >= MOST_WAITING) {
            drops.count(DropReason.OVERFLOW);
            return;
        }
        waiting.incrementAndGet();
        loop.execute(() -> {
            waiting.decrementAndGet();
            task.run();
        });
    }
}
