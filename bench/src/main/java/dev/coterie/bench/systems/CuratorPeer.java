package dev.coterie.bench.systems;

import dev.coterie.bench.host.Ports;
import dev.coterie.bench.host.Processes;
import dev.coterie.bench.peer.Node;
import dev.coterie.bench.peer.Peer;
import dev.coterie.bench.peer.Server;
import dev.coterie.bench.peer.Tasks;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.recipes.cache.CuratorCache;
import org.apache.curator.framework.recipes.cache.CuratorCacheListener;
import org.apache.curator.framework.recipes.leader.LeaderLatch;
import org.apache.curator.framework.recipes.leader.LeaderLatchListener;
import org.apache.curator.framework.recipes.nodes.PersistentNode;
import org.apache.curator.retry.ExponentialBackoffRetry;
import org.apache.zookeeper.CreateMode;
import org.jspecify.annotations.Nullable;

/** Apache Curator on one ZooKeeper in a JVM of its own, which syncs to disk, as is its default. */
public final class CuratorPeer implements Peer {

    @Override
    public Map<String, Map<String, String>> profiles() {
        return Map.of(
                // Curator asks for 60 s, the server with its default tickTime of 2 s grants 40.
                "default", Map.of(),
                // The least that such a server grants.
                "min4s", Map.of("session", "4000"),
                "fast", Map.of("session", "1000", "tick", "250"));
    }

    @Override
    public Server start(Path dir, Map<String, String> options) throws Exception {
        int port = Ports.free();
        List<String> config = List.of(
                "tickTime=" + options.getOrDefault("tick", "2000"),
                "dataDir=" + dir.resolve("zk"),
                "clientPort=" + port,
                "clientPortAddress=127.0.0.1",
                "maxClientCnxns=0",
                "admin.enableServer=false");
        Path file = Files.write(dir.resolve("zoo.cfg"), config);
        List<String> command = Processes.java(
                "org.apache.zookeeper.server.ZooKeeperServerMain",
                List.of("-Xmx1g", "-Dzookeeper.forceSync=yes"),
                List.of(file.toString()));
        Process process = Processes.start(dir, "zookeeper", Map.of(), command);
        Ports.await(port, process, 30);
        return Server.of("127.0.0.1:" + port, process);
    }

    @Override
    public Node connect(String address, String id, Map<String, String> options) throws Exception {
        CuratorFramework client = CuratorFrameworkFactory.builder()
                .connectString(address)
                .sessionTimeoutMs(Integer.parseInt(options.getOrDefault("session", "60000")))
                .connectionTimeoutMs(15_000)
                .retryPolicy(new ExponentialBackoffRetry(100, 10))
                .build();
        client.start();
        client.blockUntilConnected();
        return new CuratorNode(client, id);
    }

    private static final class CuratorNode implements Node {

        private static final String NODES = "/nodes";
        private static final int VALUE_SIZE = 40;

        private final CuratorFramework client;
        private final String id;
        private final Map<String, PersistentNode> registered = new ConcurrentHashMap<>();
        private @Nullable LeaderLatch latch;

        CuratorNode(CuratorFramework client, String id) {
            this.client = client;
            this.id = id;
        }

        @Override
        public void register(String name) throws Exception {
            PersistentNode node =
                    new PersistentNode(client, CreateMode.EPHEMERAL, false, NODES + "/" + name, new byte[VALUE_SIZE]);
            registered.put(name, node);
            node.start();
            if (!node.waitForInitialCreate(30, TimeUnit.SECONDS)) {
                throw new IllegalStateException("not created within 30 s");
            }
        }

        @Override
        public void update(String name) throws Exception {
            PersistentNode node = registered.get(name);
            if (node != null) {
                node.setData(new byte[VALUE_SIZE + 1]);
            }
        }

        @Override
        public void members(BiConsumer<String, Boolean> listener) {
            CuratorCache cache = CuratorCache.build(client, NODES);
            cache.listenable()
                    .addListener(CuratorCacheListener.builder()
                            .forCreates(node -> tell(listener, node.getPath(), true))
                            .forChanges((before, node) -> tell(listener, node.getPath(), true))
                            .forDeletes(node -> tell(listener, node.getPath(), false))
                            .build());
            cache.start();
        }

        private static void tell(BiConsumer<String, Boolean> listener, String path, boolean here) {
            if (path.startsWith(NODES + "/")) {
                listener.accept(path.substring(NODES.length() + 1), here);
            }
        }

        @Override
        public void campaign(Consumer<Boolean> listener) throws Exception {
            latch = new LeaderLatch(client, "/master", id);
            latch.addListener(new LeaderLatchListener() {
                @Override
                public void isLeader() {
                    listener.accept(true);
                }

                @Override
                public void notLeader() {
                    listener.accept(false);
                }
            });
            latch.start();
        }

        @Override
        public Tasks tasks(String queue) {
            return new CuratorTasks(client, queue);
        }

        @Override
        public void leave() throws Exception {
            if (latch != null) {
                latch.close();
            }
            client.close();
        }
    }
}
