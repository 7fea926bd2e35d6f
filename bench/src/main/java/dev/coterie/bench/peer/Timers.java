package dev.coterie.bench.peer;

import java.util.List;
import java.util.function.ObjLongConsumer;

/** Durable timers that fire once. */
public interface Timers {

    /**
     * What is to fire.
     *
     * @param dueMillis since the epoch
     */
    record Job(String id, long dueMillis) {}

    /** Returns when the job is durable. */
    void schedule(Job job) throws Exception;

    /** Returns when all are durable. A system that can take many at once does. */
    default void scheduleAll(List<Job> jobs) throws Exception {
        for (Job job : jobs) {
            schedule(job);
        }
    }

    /**
     * Begins to fire on this node.
     *
     * @param listener gets the job's id and when it was due
     */
    void onFire(ObjLongConsumer<String> listener) throws Exception;
}
