package dev.coterie.machines.faults;

import dev.coterie.cluster.Cluster;
import dev.coterie.cluster.discovery.Service;
import dev.coterie.cluster.service.Instance;
import dev.coterie.cluster.service.ServiceDiscovery;
import dev.coterie.cluster.service.ServiceEvent.ServiceAdded;
import dev.coterie.cluster.service.ServiceEvent.ServiceRemoved;
import dev.coterie.cluster.service.ServiceEvent.ServiceUpdated;
import dev.coterie.machines.faults.Happening.Kind;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** A service of each process, of which it says something else all the time, and every third time that it is not ready. */
final class ServiceTraffic implements AutoCloseable {

    /** Twice a second: each is a write to etcd and a change of the view of all. */
    private static final int TICKS = 25;

    private static final String NAME = "traffic";

    /** What a process says is told apart by its id, which stands here. */
    private static final String SAID = "said";

    private final ServiceDiscovery services;
    private final Teller teller;
    private final String process;
    private final Map<String, String> told = new TreeMap<>();
    private long ticks;
    private long number;

    ServiceTraffic(Cluster cluster, Teller teller, String process) {
        this.services = ServiceDiscovery.on(cluster);
        this.teller = teller;
        this.process = process;
    }

    void begin() {
        services.need(NAME);
        services.on(ServiceAdded.class, event -> tell(Kind.USABLE, event.instance()));
        services.on(ServiceUpdated.class, event -> tell(Kind.CHANGED, event.instance()));
        services.on(ServiceRemoved.class, event -> tell(Kind.UNUSABLE, event.instance()));
        services.start();
    }

    private synchronized void tell(Kind kind, Instance instance) {
        if (kind == Kind.UNUSABLE) {
            told.remove(instance.id());
        } else {
            told.put(instance.id(), said(instance));
        }
        teller.tell(kind, instance.id(), said(instance));
    }

    private static String said(Instance instance) {
        return String.valueOf(instance.service().info().get(SAID));
    }

    /** Says what was told so far, where a history begins. */
    synchronized void usable() {
        teller.tell(
                Kind.SERVICES,
                told.entrySet().stream()
                        .map(one -> one.getKey() + "=" + one.getValue())
                        .collect(Collectors.joining(",")));
    }

    void look() {
        List<String> said = services.services(NAME).stream()
                .map(ServiceTraffic::said)
                .sorted()
                .toList();
        teller.tell(Kind.USES, String.join(",", said));
    }

    void tick() {
        if (++ticks % TICKS != 0) {
            return;
        }
        String id = process + "-" + ++number;
        boolean ready = number % 3 != 0;
        teller.tell(Kind.OFFER, id, ready ? ServiceCheck.READY : "not ready");
        var unused = services.advertise(new Service(NAME, ready, Map.of(SAID, id)))
                .whenComplete((nothing, failure) -> {
                    if (failure == null) {
                        teller.tell(Kind.OFFERED, id);
                    } else {
                        teller.tell(Kind.NOT_OFFERED, id, String.valueOf(failure.getMessage()));
                    }
                });
    }

    @Override
    public void close() {
        services.close();
    }
}
