package dev.coterie.node.pipeline;

import java.time.Instant;
import java.util.Objects;

/**
 * What a node makes of a number: the result of a durable task.
 *
 * @param executor the node's id
 * @param start when work began, by that node's wall clock
 * @param finish when it ended, by the same clock
 */
record Product(String executor, long result, Instant start, Instant finish) {

    /** Refuses what others may have made up. */
    Product {
        Objects.requireNonNull(executor, "executor");
        Objects.requireNonNull(start, "start");
        Objects.requireNonNull(finish, "finish");
    }

    /** As the result of a task. */
    Result of(String uuid) {
        return new Result(uuid, result, start, finish);
    }
}
