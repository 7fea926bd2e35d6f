package dev.coterie.cluster.service;

import dev.coterie.cluster.concurrent.Backoff;
import dev.coterie.cluster.concurrent.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * Which instances are left alone for a while after errors. Locked rather than on the event loop: whoever chooses an
 * instance does so for every request and must not wait for a loop.
 */
final class Marks {

    private final Backoff backoff;
    private final Clock clock;
    private final RandomGenerator random;

    /** By instance id. */
    private final Map<String, Mark> marks = new HashMap<>();

    /**
     * An instance that has failed.
     *
     * @param failures in a row
     * @param until when it is tried again, on the monotonic clock
     */
    private record Mark(int failures, long until) {}

    Marks(Backoff backoff, Clock clock, RandomGenerator random) {
        this.backoff = backoff;
        this.clock = clock;
        this.random = random;
    }

    /** Failures of what was under way when the instance was marked say nothing new. */
    synchronized void failed(Instance instance) {
        if (downFor(instance.id()).isEmpty()) {
            Mark before = marks.getOrDefault(instance.id(), new Mark(0, 0));
            int failures = before.failures + 1;
            long until = clock.nanoTime() + backoff.delay(failures, random).toNanos();
            marks.put(instance.id(), new Mark(failures, until));
        }
    }

    synchronized void succeeded(Instance instance) {
        marks.remove(instance.id());
    }

    /** How long it is still left alone; empty if it is not. */
    synchronized Optional<Duration> downFor(String instanceId) {
        Mark mark = marks.get(instanceId);
        return Optional.ofNullable(mark)
                .map(known -> Duration.ofNanos(known.until - clock.nanoTime()))
                .filter(left -> left.compareTo(Duration.ZERO) > 0);
    }

    /** All others are gone. */
    synchronized void keepOnly(Set<String> instanceIds) {
        marks.keySet().retainAll(instanceIds);
    }
}
