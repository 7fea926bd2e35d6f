package dev.coterie.cluster.service;

import dev.coterie.cluster.balance.Balancer;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Chooses an instance of one service for each request. One that is reported to have failed is left alone for a while,
 * then chosen again; for longer each time it fails again before it succeeds. All choosers of a {@link ServiceDiscovery}
 * share what was reported. Thread-safe.
 */
public final class Chooser {

    private final Supplier<List<Instance>> active;
    private final Marks marks;
    private final Balancer<Instance> balancer;

    Chooser(Supplier<List<Instance>> active, Marks marks, Balancer<Instance> balancer) {
        this.active = active;
        this.marks = marks;
        this.balancer = balancer;
    }

    /** Chooses one; empty if there is none that can be used, or all of them have failed lately. */
    public synchronized Optional<Instance> choose() {
        List<Instance> candidates = active.get().stream()
                .filter(instance -> marks.downFor(instance.id()).isEmpty())
                .toList();
        return candidates.isEmpty() ? Optional.empty() : Optional.of(balancer.choose(candidates));
    }

    /** A request to it has failed, so that another one should be asked next. */
    public void failed(Instance instance) {
        marks.failed(instance);
    }

    /** A request to it has succeeded: earlier failures are forgotten. */
    public void succeeded(Instance instance) {
        marks.succeeded(instance);
    }
}
