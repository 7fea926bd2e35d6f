package dev.coterie.node;

import dev.coterie.cluster.discovery.Discovery;
import dev.coterie.cluster.discovery.Explanation;
import dev.coterie.cluster.discovery.Service;
import dev.coterie.cluster.service.ServiceDiscovery;
import dev.coterie.cluster.service.ServiceEvent;
import dev.coterie.cluster.service.ServiceExplanation;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** What a node offers to the others and needs of them, by name only. */
final class NodeServices implements AutoCloseable {

    private static final JsonMapper JSON = new JsonMapper();

    private final ServiceDiscovery services;

    /**
     * Begins.
     *
     * @param tell gets every event; on the callback thread of the services
     */
    NodeServices(Discovery discovery, List<String> offers, List<String> needs, Consumer<ServiceEvent> tell) {
        services = ServiceDiscovery.on(discovery);
        services.on(ServiceEvent.class, tell);
        services.need(needs.toArray(String[]::new));
        services.start();
        offers.forEach(name -> services.advertise(Service.of(name)));
    }

    /** Why a service can or cannot be used here; nothing if it is neither needed nor offered. */
    Explanation explain(String name) {
        ServiceExplanation known = services.explain(name);
        return known.needed() || !known.instances().isEmpty()
                ? new Explanation(known.lines(), JSON.convertValue(known, new TypeReference<Map<String, Object>>() {}))
                : Explanation.NONE;
    }

    @Override
    public void close() {
        services.close();
    }
}
