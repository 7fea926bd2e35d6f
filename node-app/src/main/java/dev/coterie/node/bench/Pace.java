package dev.coterie.node.bench;

import dev.coterie.cluster.concurrent.Clock;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Keeps a loop at so many turns a second. One thread. */
final class Pace {

    private final Clock clock = Clock.system();
    private final long interval;
    private long next = clock.nanoTime();

    Pace(int perSecond) {
        interval = TimeUnit.SECONDS.toNanos(1) / perSecond;
    }

    /** Waits until the next turn is due; a turn that is late does not hurry the ones after it. */
    void await() {
        next = Math.max(next + interval, clock.nanoTime() - interval);
        for (long rest = next - clock.nanoTime(); rest > 0; rest = next - clock.nanoTime()) {
            LockSupport.parkNanos(rest);
        }
    }
}
