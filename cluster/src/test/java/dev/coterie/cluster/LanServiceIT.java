package dev.coterie.cluster;

import dev.coterie.cluster.discovery.Discovery;
import dev.coterie.cluster.lan.LanDiscovery;
import dev.coterie.cluster.lan.Loopback;

/** The scenarios without etcd. */
class LanServiceIT extends ServiceScenarios {

    /** More than any scenario starts. */
    private static final int MOST_NODES = 25;

    private final Loopback ports = new Loopback(MOST_NODES);
    private final Loopback others = new Loopback(CHAIN);

    @Override
    Discovery join(String name) {
        return LanDiscovery.join(ports.next().name(name).build());
    }

    @Override
    String group() {
        return ServiceMain.LAN + others;
    }
}
