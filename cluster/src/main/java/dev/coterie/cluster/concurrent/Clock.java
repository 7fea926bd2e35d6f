package dev.coterie.cluster.concurrent;

import java.time.Instant;

/**
 * Where the time comes from. Deadlines are kept on {@link #nanoTime()}, which never jumps; {@link #now()} is for display
 * and for instants that outlive the process.
 */
public interface Clock {

    /** Nanoseconds from an arbitrary origin, never going back; only differences mean anything. */
    long nanoTime();

    /** The wall-clock time, which may jump. */
    Instant now();

    /** The clock of this machine. */
    static Clock system() {
        return SystemClock.INSTANCE;
    }
}
