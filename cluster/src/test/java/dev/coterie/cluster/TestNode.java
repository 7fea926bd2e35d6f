package dev.coterie.cluster;

import dev.coterie.cluster.discovery.DiscoveryEvent;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;

/** A node in the test's own JVM, with all it was told since it joined. */
final class TestNode implements AutoCloseable {

    final Cluster cluster;
    final List<DiscoveryEvent> events = new CopyOnWriteArrayList<>();

    private TestNode(Cluster cluster) {
        this.cluster = cluster;
        cluster.on(DiscoveryEvent.class, events::add);
    }

    /** Joins on a free loopback port, with a short time to live. */
    static TestNode join(List<String> etcd, String name) {
        return join(etcd, name, config -> config);
    }

    static TestNode join(List<String> etcd, String name, UnaryOperator<ClusterConfig> change) {
        ClusterConfig config = ClusterConfig.of(etcd.toArray(new String[0]))
                .withName(name)
                .withAddress("127.0.0.1")
                .withPort(0)
                .withTtl(Duration.ofSeconds(30))
                .withRefresh(Duration.ofSeconds(5));
        return new TestNode(Cluster.join(change.apply(config)));
    }

    <E extends DiscoveryEvent> List<E> told(Class<E> type) {
        return events.stream().filter(type::isInstance).map(type::cast).toList();
    }

    List<String> names() {
        return cluster.view().members().stream()
                .map(member -> member.name())
                .sorted()
                .toList();
    }

    boolean isMaster() {
        return cluster.mastership().isPresent();
    }

    @Override
    public void close() {
        cluster.close();
    }
}
