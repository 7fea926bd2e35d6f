package dev.coterie.cluster.service;

import dev.coterie.cluster.service.ServiceExplanation.Failure;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** All that is known of one service name: whether it is needed, its hooks, its instances. */
final class Offers {

    final String name;
    final List<Hook> hooks = new ArrayList<>();

    /** By member id, in the order in which they came. */
    final Map<String, Setup> setups = new LinkedHashMap<>();

    boolean needed;

    @Nullable
    Instant unmetSince;

    @Nullable
    Failure lastFailure;

    Offers(String name) {
        this.name = name;
    }

    boolean met() {
        return setups.values().stream().anyMatch(setup -> setup.active);
    }

    List<Instance> active() {
        return setups.values().stream()
                .filter(setup -> setup.active)
                .map(setup -> setup.instance)
                .toList();
    }

    ServiceExplanation explain() {
        return new ServiceExplanation(
                name,
                needed,
                met(),
                unmetSince,
                hooks.size(),
                setups.values().stream().map(Setup::known).toList(),
                lastFailure);
    }
}
