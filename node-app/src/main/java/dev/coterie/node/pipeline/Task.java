package dev.coterie.node.pipeline;

import java.util.Objects;

/**
 * What the master asks of a node; travels on the channel {@link Pipeline#TASKS}.
 *
 * @param uuid the same however often the task is sent
 * @param executor the id of the node that is to work on it; all others only note it
 * @param number what to multiply by three
 */
public record Task(String uuid, String executor, int number) {

    /** Refuses what cannot be a task, so that a malformed message goes no further. */
    public Task {
        Objects.requireNonNull(uuid, "uuid");
        Objects.requireNonNull(executor, "executor");
    }

    /** The only right answer. */
    long answer() {
        return number * 3L;
    }

    /** The same task for another node. */
    Task withExecutor(String another) {
        return new Task(uuid, another, number);
    }
}
