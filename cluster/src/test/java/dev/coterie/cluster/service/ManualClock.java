package dev.coterie.cluster.service;

import dev.coterie.cluster.concurrent.Clock;
import java.time.Duration;
import java.time.Instant;

/** Time that passes when a test says so. */
final class ManualClock implements Clock {

    static final Instant ORIGIN = Instant.parse("2026-01-01T00:00:00Z");

    private Duration passed = Duration.ZERO;

    void pass(Duration time) {
        passed = passed.plus(time);
    }

    @Override
    public long nanoTime() {
        // So that a comparison that does not mind the overflow is found out.
        return Long.MAX_VALUE - 1_000 + passed.toNanos();
    }

    @Override
    public Instant now() {
        return ORIGIN.plus(passed);
    }
}
