package dev.coterie.etcd;

import java.time.Duration;

/** A point on the monotonic clock until which something must have happened. */
record Deadline(long nanos) {

    static Deadline in(Duration time) {
        return new Deadline(System.nanoTime() + time.toNanos());
    }

    boolean isOver() {
        return nanos - System.nanoTime() <= 0;
    }
}
