package dev.coterie.bench.systems;

import com.hazelcast.cluster.Member;
import com.hazelcast.cluster.MembershipEvent;
import com.hazelcast.cluster.MembershipListener;
import com.hazelcast.collection.IQueue;
import com.hazelcast.config.Config;
import com.hazelcast.config.JoinConfig;
import com.hazelcast.config.NetworkConfig;
import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastInstance;
import dev.coterie.bench.host.Ports;
import dev.coterie.bench.peer.Node;
import dev.coterie.bench.peer.Peer;
import dev.coterie.bench.peer.Server;
import dev.coterie.bench.peer.Tasks;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Hazelcast, the open source edition, every node a member. Master is the oldest member, as is usual without the CP subsystem.
 * Its queues keep items in memory, with one backup, and know no acknowledgement.
 */
public final class HazelcastPeer implements Peer {

    @Override
    public Map<String, Map<String, String>> profiles() {
        return Map.of("default", Map.of(), "fast", Map.of("heartbeat", "3", "joinwait", "0"));
    }

    @Override
    public Server start(Path dir, Map<String, String> options) throws Exception {
        String port = Integer.toString(20_000 + Ports.free() % 10_000);
        return () -> port;
    }

    @Override
    public Node connect(String address, String id, Map<String, String> options) {
        return new HazelcastNode(Integer.parseInt(address), id, options);
    }

    private static final class HazelcastNode implements Node {

        private final int port;
        private final String id;
        private final Map<String, String> options;
        private @Nullable HazelcastInstance joined;
        private boolean master;

        HazelcastNode(int port, String id, Map<String, String> options) {
            this.port = port;
            this.id = id;
            this.options = options;
        }

        private synchronized HazelcastInstance instance() {
            if (joined == null) {
                joined = Hazelcast.newHazelcastInstance(config());
            }
            return joined;
        }

        private Config config() {
            Config config = new Config();
            config.setClusterName("bench-" + port);
            config.setProperty("hazelcast.logging.type", "none");
            config.setProperty("hazelcast.phone.home.enabled", "false");
            config.setProperty("hazelcast.shutdownhook.enabled", "false");
            if (options.containsKey("heartbeat")) {
                config.setProperty("hazelcast.heartbeat.interval.seconds", "1");
                config.setProperty("hazelcast.max.no.heartbeat.seconds", options.get("heartbeat"));
            }
            if (options.containsKey("joinwait")) {
                config.setProperty("hazelcast.wait.seconds.before.join", options.get("joinwait"));
            }
            config.getMemberAttributeConfig().setAttribute("id", id);
            network(config.getNetworkConfig());
            return config;
        }

        private void network(NetworkConfig network) {
            network.setPort(port).setPortAutoIncrement(true).setPortCount(100);
            network.getInterfaces().setEnabled(true).addInterface("127.0.0.1");
            JoinConfig join = network.getJoin();
            join.getAutoDetectionConfig().setEnabled(false);
            join.getMulticastConfig().setEnabled(false);
            join.getTcpIpConfig().setEnabled(true);
            for (int i = 0; i < Integer.parseInt(options.getOrDefault("ports", "5")); i++) {
                join.getTcpIpConfig().addMember("127.0.0.1:" + (port + i));
            }
        }

        private void onMembership(BiConsumer<Member, Boolean> listener) {
            instance().getCluster().addMembershipListener(new MembershipListener() {
                @Override
                public void memberAdded(MembershipEvent event) {
                    listener.accept(event.getMember(), true);
                }

                @Override
                public void memberRemoved(MembershipEvent event) {
                    listener.accept(event.getMember(), false);
                }
            });
        }

        @Override
        public void register(String name) {
            instance();
        }

        @Override
        public void members(BiConsumer<String, Boolean> listener) {
            onMembership((member, here) -> listener.accept(member.getAttribute("id"), here));
            instance().getCluster().getMembers().forEach(member -> listener.accept(member.getAttribute("id"), true));
        }

        @Override
        public void campaign(Consumer<Boolean> listener) {
            onMembership((member, here) -> judge(listener));
            judge(listener);
        }

        private synchronized void judge(Consumer<Boolean> listener) {
            boolean oldest =
                    instance().getCluster().getMembers().iterator().next().localMember();
            if (oldest != master) {
                listener.accept(oldest);
            }
            master = oldest;
        }

        @Override
        public void onMessage(Consumer<byte[]> listener) {
            instance()
                    .<byte[]>getTopic("to-" + id)
                    .addMessageListener(message -> listener.accept(message.getMessageObject()));
            instance().<byte[]>getTopic("all").addMessageListener(message -> {
                if (!message.getPublishingMember().localMember()) {
                    listener.accept(message.getMessageObject());
                }
            });
        }

        @Override
        public void send(String toId, byte[] message) {
            instance().getTopic("to-" + toId).publish(message);
        }

        @Override
        public void broadcast(byte[] message) {
            instance().getTopic("all").publish(message);
        }

        @Override
        public Tasks tasks(String queue) {
            return new Queues(instance().getQueue("tasks-" + queue), instance().getQueue("results-" + queue));
        }

        @Override
        public synchronized void leave() {
            if (joined != null) {
                joined.shutdown();
            }
        }
    }

    private record Queues(IQueue<byte[]> tasks, IQueue<byte[]> results, ExecutorService senders) implements Tasks {

        private static final int SENDERS = 16;
        private static final int LISTENERS = 4;
        private static final int WORKERS = 8;

        Queues(IQueue<byte[]> tasks, IQueue<byte[]> results) {
            this(tasks, results, Executors.newFixedThreadPool(SENDERS));
        }

        @Override
        public CompletableFuture<?> submit(byte[] task) {
            return CompletableFuture.runAsync(() -> tasks.add(task), senders);
        }

        @Override
        public void onResult(Consumer<byte[]> listener) {
            loop(LISTENERS, () -> listener.accept(results.take()));
        }

        @Override
        public void work(UnaryOperator<byte[]> function) {
            loop(WORKERS, () -> results.add(function.apply(tasks.take())));
        }

        private interface Step {
            void run() throws InterruptedException;
        }

        private static void loop(int threads, Step step) {
            for (int i = 0; i < threads; i++) {
                Thread thread = new Thread(() -> {
                    try {
                        while (true) {
                            step.run();
                        }
                    } catch (InterruptedException ended) {
                        Thread.currentThread().interrupt();
                    }
                });
                thread.setDaemon(true);
                thread.start();
            }
        }
    }
}
