package dev.coterie.cluster.concurrent;

import java.util.concurrent.locks.LockSupport;

/** What a loop's thread does while it has no task: sleep, or see to sockets. */
public interface Waiting {

    /**
     * Waits until woken or until the time is over; may return early. On the loop's thread.
     *
     * @param nanos how long at most; not negative
     */
    void await(long nanos);

    /**
     * Ends the wait that goes on, or else the next one. Any thread.
     *
     * @param thread the loop's thread
     */
    void wake(Thread thread);

    /** Sleeping. */
    static Waiting parked() {
        return new Waiting() {
            @Override
            public void await(long nanos) {
                LockSupport.parkNanos(this, nanos);
            }

            @Override
            public void wake(Thread thread) {
                LockSupport.unpark(thread);
            }
        };
    }
}
