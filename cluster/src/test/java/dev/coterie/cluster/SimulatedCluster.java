package dev.coterie.cluster;

import dev.coterie.cluster.concurrent.EventLoop;
import dev.coterie.cluster.link.Links;
import dev.coterie.cluster.link.Transport;
import dev.coterie.cluster.membership.MemberRecord;
import dev.coterie.cluster.store.KeyValueStore;
import java.util.concurrent.CompletableFuture;

/** Lets the simulation build a node in a world of its own, and let it go without waiting. */
public final class SimulatedCluster {

    private SimulatedCluster() {}

    /** Begins to join. */
    public static Cluster start(
            ClusterConfig config, EventLoop loop, EventLoop callbacks, KeyValueStore store, Transport transport) {
        Links links = new Links(transport, loop, callbacks, MemberRecord::read);
        links.listen();
        Cluster.Environment environment = new Cluster.Environment(loop, callbacks, store, transport, transport::close);
        Cluster cluster = new Cluster(config.validate(), environment, links);
        cluster.start();
        return cluster;
    }

    /** As {@link Cluster#close()}, without waiting. */
    public static CompletableFuture<Void> leave(Cluster cluster) {
        return cluster.leave();
    }
}
