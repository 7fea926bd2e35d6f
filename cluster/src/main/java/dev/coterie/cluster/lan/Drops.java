package dev.coterie.cluster.lan;

import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;

/** How many packets were dropped, by reason. Thread-safe. */
final class Drops {

    private final Map<DropReason, AtomicLong> counts = new EnumMap<>(DropReason.class);

    Drops() {
        for (DropReason reason : DropReason.values()) {
            counts.put(reason, new AtomicLong());
        }
    }

    void count(DropReason reason) {
        Objects.requireNonNull(counts.get(reason)).incrementAndGet();
    }

    Map<DropReason, Long> all() {
        Map<DropReason, Long> all = new EnumMap<>(DropReason.class);
        counts.forEach((reason, count) -> all.put(reason, count.get()));
        return all;
    }
}
