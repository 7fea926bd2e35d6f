package dev.coterie.node.pipeline;

import dev.coterie.cluster.balance.Strategy;
import dev.coterie.node.value.DurationRange;
import dev.coterie.node.value.IntRange;
import java.time.Duration;
import java.util.Optional;

/**
 * How tasks are made and worked on.
 *
 * @param interval how often the master sends a task; more than zero
 * @param numbers which numbers to multiply
 * @param work how long a node works on a task
 * @param strategy who gets a task
 * @param tasks after how many tasks, those of earlier masters included, no more are made; empty for never
 * @param sending for how long after its start a node, when it is master, makes tasks; empty for ever
 */
public record PipelineSettings(
        Duration interval,
        IntRange numbers,
        DurationRange work,
        Strategy strategy,
        Optional<Long> tasks,
        Optional<Duration> sending) {

    /** What the way to the executor and back and a busy machine may take on top of the longest work. */
    private static final Duration SLACK = Duration.ofSeconds(5);

    /** How long the master waits for a result before it gives the task to another. */
    public Duration patience() {
        return work.to().plus(SLACK);
    }
}
