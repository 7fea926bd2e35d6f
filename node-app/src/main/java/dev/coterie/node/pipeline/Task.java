package dev.coterie.node.pipeline;

import dev.coterie.node.value.IntRange;
import java.util.Objects;
import java.util.UUID;
import java.util.random.RandomGenerator;

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

    /** A new one, all of it by chance. */
    static Task random(String executor, IntRange numbers, RandomGenerator random) {
        long version = (random.nextLong() & ~0xf000L) | 0x4000L;
        long variant = (random.nextLong() & ~(0b11L << 62)) | (0b10L << 62);
        return new Task(new UUID(version, variant).toString(), executor, numbers.pick(random));
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
