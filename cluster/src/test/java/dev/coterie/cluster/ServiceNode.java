package dev.coterie.cluster;

import dev.coterie.cluster.concurrent.Backoff;
import dev.coterie.cluster.discovery.Discovery;
import dev.coterie.cluster.discovery.Service;
import dev.coterie.cluster.service.ServiceConfig;
import dev.coterie.cluster.service.ServiceDiscovery;
import dev.coterie.cluster.service.ServiceEvent;
import dev.coterie.cluster.service.ServiceEvent.NotReady;
import dev.coterie.cluster.service.ServiceEvent.Ready;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A node with services, and all it was told of them. */
final class ServiceNode implements AutoCloseable {

    /** Quick to give up and to try again. */
    static final ServiceConfig QUICK = ServiceConfig.DEFAULT
            .withHookDeadline(Duration.ofMillis(500))
            .withRetry(new Backoff(Duration.ofMillis(50), Duration.ofMillis(200), 2, 0.5))
            .withDown(new Backoff(Duration.ofMillis(300), Duration.ofMillis(300), 1, 0));

    final Discovery discovery;
    final ServiceDiscovery services;
    final List<ServiceEvent> events = new CopyOnWriteArrayList<>();

    ServiceNode(Discovery discovery) {
        this.discovery = discovery;
        this.services = ServiceDiscovery.on(discovery, QUICK);
        services.on(ServiceEvent.class, events::add);
    }

    /** Offers a service that is ready as long as what it needs is. */
    ServiceNode offer(String name, String... needs) {
        Service service = Service.of(name);
        services.need(needs);
        services.on(Ready.class, ready -> services.advertise(service));
        services.on(NotReady.class, notReady -> services.advertise(service.withReady(false)));
        services.advertise(service.withReady(needs.length == 0));
        services.start();
        return this;
    }

    <E extends ServiceEvent> List<E> told(Class<E> type) {
        return events.stream().filter(type::isInstance).map(type::cast).toList();
    }

    @Override
    public void close() {
        services.close();
        discovery.close();
    }
}
