package dev.coterie.bench.systems;

import dev.coterie.bench.peer.Node;
import dev.coterie.bench.peer.Peer;
import dev.coterie.bench.peer.Server;
import dev.coterie.bench.peer.Tasks;
import dev.coterie.bench.peer.Timers;
import dev.coterie.cluster.Cluster;
import dev.coterie.cluster.ClusterConfig;
import dev.coterie.cluster.ClusterConfig.Liveness;
import dev.coterie.cluster.discovery.Channels.Sent;
import dev.coterie.cluster.discovery.DiscoveryEvent.Demoted;
import dev.coterie.cluster.discovery.DiscoveryEvent.Init;
import dev.coterie.cluster.discovery.DiscoveryEvent.MemberAdded;
import dev.coterie.cluster.discovery.DiscoveryEvent.MemberRemoved;
import dev.coterie.cluster.discovery.DiscoveryEvent.MemberUpdated;
import dev.coterie.cluster.discovery.DiscoveryEvent.Promoted;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Coterie on one etcd. Connecting is joining, and every member is a candidate; so nodes join when they are first used. */
public final class CoteriePeer implements Peer {

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    @Override
    public Map<String, Map<String, String>> profiles() {
        return Map.of("default", Map.of(), "fast", Map.of("hello", "100", "timeout", "300"));
    }

    @Override
    public Server start(Path dir, Map<String, String> options) throws Exception {
        return EtcdServer.start(dir);
    }

    @Override
    public Node connect(String address, String id, Map<String, String> options) {
        ClusterConfig config = ClusterConfig.of(address).withName(id).withPort(0);
        if (options.containsKey("hello")) {
            Duration timeout = millis(options, "timeout");
            config = config.withLiveness(new Liveness(millis(options, "hello"), timeout, timeout));
        }
        return new CoterieNode(config, id);
    }

    private static Duration millis(Map<String, String> options, String name) {
        return Duration.ofMillis(Long.parseLong(options.getOrDefault(name, "")));
    }

    private static final class CoterieNode implements Node {

        private final ClusterConfig config;
        private final String id;
        private volatile @Nullable Cluster joined;

        CoterieNode(ClusterConfig config, String id) {
            this.config = config;
            this.id = id;
        }

        private Cluster cluster() {
            Cluster present = joined;
            return present == null ? join() : present;
        }

        private synchronized Cluster join() {
            Cluster present = joined;
            if (present == null) {
                present = Cluster.join(config);
                joined = present;
            }
            return present;
        }

        @Override
        public void register(String name) {
            cluster();
        }

        @Override
        public void update(String name) throws Exception {
            await(cluster().advertise(Map.of("at", System.nanoTime())));
        }

        @Override
        public void members(BiConsumer<String, Boolean> listener) {
            Cluster cluster = cluster();
            cluster.on(
                    Init.class,
                    event -> event.view().members().forEach(member -> listener.accept(member.name(), true)));
            cluster.on(
                    MemberAdded.class, event -> listener.accept(event.member().name(), true));
            cluster.on(
                    MemberUpdated.class, event -> listener.accept(event.member().name(), true));
            cluster.on(
                    MemberRemoved.class, event -> listener.accept(event.member().name(), false));
        }

        @Override
        public void campaign(Consumer<Boolean> listener) {
            cluster().on(Promoted.class, event -> listener.accept(true));
            cluster().on(Demoted.class, event -> listener.accept(false));
        }

        @Override
        public void onMessage(Consumer<byte[]> listener) throws Exception {
            await(cluster().channels().join("to-" + id, byte[].class, (message, from) -> listener.accept(message)));
            await(cluster().channels().join("all", byte[].class, (message, from) -> listener.accept(message)));
        }

        @Override
        public void send(String toId, byte[] message) {
            sendOn("to-" + toId, message);
        }

        @Override
        public void broadcast(byte[] message) {
            sendOn("all", message);
        }

        /** Waits for room in full queues, as one would who wants all to arrive. */
        private void sendOn(String channel, byte[] message) {
            Sent sent = cluster().channels().send(channel, message, PATIENCE);
            if (sent.missed() > 0) {
                throw new IllegalStateException(channel + ": " + sent + " after " + PATIENCE);
            }
        }

        @Override
        public Tasks tasks(String queue) {
            return new CoterieWork(cluster());
        }

        @Override
        public Timers timers() {
            return new CoterieWork(cluster());
        }

        private static void await(CompletionStage<Void> done) throws Exception {
            done.toCompletableFuture().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        }

        @Override
        public void leave() {
            cluster().close();
        }
    }
}
