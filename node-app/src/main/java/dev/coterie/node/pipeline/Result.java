package dev.coterie.node.pipeline;

import java.time.Instant;
import java.util.Objects;

/**
 * A node's answer; travels on the channel {@link Pipeline#RESULTS}.
 *
 * @param uuid the task's
 * @param start when work began, by the executor's wall clock
 * @param finish when it ended, by the same clock
 */
public record Result(String uuid, long result, Instant start, Instant finish) {

    /** Refuses what cannot be a result, so that a malformed message goes no further. */
    public Result {
        Objects.requireNonNull(uuid, "uuid");
        Objects.requireNonNull(start, "start");
        Objects.requireNonNull(finish, "finish");
    }
}
