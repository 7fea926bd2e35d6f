package dev.coterie.node.demo;

import dev.coterie.node.value.DurationRange;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What a demo is like.
 *
 * @param names one for each node, all different
 * @param etcd where a running etcd answers; empty to have one started
 * @param embedded whether the one that is started is inside the JVM in any case
 * @param nodeArguments further arguments of every {@code coterie node}, the same for all
 * @param firstArguments further ones of the first
 * @param interval how often the master sends a task
 * @param work how long a node works on a task
 * @param ttl how long etcd keeps a dead node
 * @param tasks after how many results it ends; empty for never
 * @param sending after what time it ends, with the last result; empty for never
 */
public record DemoOptions(
        List<String> names,
        Optional<List<URI>> etcd,
        boolean embedded,
        List<String> nodeArguments,
        List<String> firstArguments,
        Duration interval,
        DurationRange work,
        Duration ttl,
        Optional<Integer> tasks,
        Optional<Duration> sending) {

    /** Whether it ends by itself. */
    boolean isLimited() {
        return tasks.isPresent() || sending.isPresent();
    }

    /**
     * How long without a result is too long: a master may have died with its tasks in work, and a task may have met two
     * executors that died.
     */
    Duration patience() {
        return ttl.plus(interval).plus(work.to().multipliedBy(3)).plus(Duration.ofMinutes(1));
    }
}
