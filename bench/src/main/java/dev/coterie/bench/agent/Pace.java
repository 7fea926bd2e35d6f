package dev.coterie.bench.agent;

import java.util.concurrent.locks.LockSupport;

/** A steady rate. */
final class Pace {

    private final long start = System.nanoTime();
    private final int perSecond;
    private long count;

    Pace(int perSecond) {
        this.perSecond = perSecond;
    }

    /** Waits until the next is due. */
    void await() {
        long due = start + count++ * 1_000_000_000L / perSecond;
        for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }
}
