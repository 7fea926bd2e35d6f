package dev.coterie.bench.systems;

import dev.coterie.bench.host.Ports;
import dev.coterie.bench.peer.Node;
import dev.coterie.bench.peer.Peer;
import dev.coterie.bench.peer.Server;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jgroups.Address;
import org.jgroups.BytesMessage;
import org.jgroups.JChannel;
import org.jgroups.Message;
import org.jgroups.Receiver;
import org.jgroups.View;
import org.jgroups.conf.ConfiguratorFactory;
import org.jgroups.conf.ProtocolConfiguration;
import org.jgroups.conf.ProtocolStackConfigurator;
import org.jgroups.util.NameCache;
import org.jspecify.annotations.Nullable;

/**
 * JGroups with its own tcp.xml; only the addresses and, in profile {@code fast}, the timeouts are others. Master is the
 * coordinator.
 */
public class JGroupsPeer implements Peer {

    /** The same with the older transfer-queue bundler and without Nagle's algorithm, which that file has otherwise. */
    public static final class Tuned extends JGroupsPeer {

        @Override
        public Node connect(String address, String id, Map<String, String> options) throws Exception {
            System.setProperty("jgroups.bundler.type", "tq");
            System.setProperty("tcp-nodelay", "true");
            return super.connect(address, id, options);
        }
    }

    @Override
    public Map<String, Map<String, String>> profiles() {
        return Map.of(
                "default", Map.of(),
                "fast", Map.of("fdall", "3s", "fdinterval", "1s", "verify", "500ms"));
    }

    @Override
    public Server start(Path dir, Map<String, String> options) throws Exception {
        String port = Integer.toString(30_000 + Ports.free() % 2500);
        return () -> port;
    }

    @Override
    public Node connect(String address, String id, Map<String, String> options) throws Exception {
        return new JGroupsNode(stack(Integer.parseInt(address), options), id);
    }

    private static ProtocolStackConfigurator stack(int port, Map<String, String> options) throws Exception {
        Logger.getLogger("org.jgroups").setLevel(Level.OFF);
        System.setProperty("jgroups.bind_addr", "127.0.0.1");
        System.setProperty("jgroups.tcpping.initial_hosts", "127.0.0.1[" + port + "]");
        ProtocolStackConfigurator stack = ConfiguratorFactory.getStackConfigurator("tcp.xml");
        for (ProtocolConfiguration protocol : stack.getProtocolStack()) {
            configure(protocol.getProtocolName(), protocol.getProperties(), port, options);
        }
        return stack;
    }

    private static void configure(
            String protocol, Map<String, String> properties, int port, Map<String, String> options) {
        int ports = Integer.parseInt(options.getOrDefault("ports", "5"));
        switch (protocol) {
            case "TCP" ->
                properties.putAll(
                        Map.of("bind_addr", "127.0.0.1", "bind_port", Integer.toString(port), "port_range", "100"));
            case "TCPPING" ->
                properties.putAll(
                        Map.of("initial_hosts", "127.0.0.1[" + port + "]", "port_range", Integer.toString(ports - 1)));
            case "FD_ALL3" -> {
                copy(options, "fdall", properties, "timeout");
                copy(options, "fdinterval", properties, "interval");
            }
            case "VERIFY_SUSPECT2" -> copy(options, "verify", properties, "timeout");
            default -> {
                // As the file has it.
            }
        }
    }

    private static void copy(Map<String, String> options, String option, Map<String, String> properties, String name) {
        String value = options.get(option);
        if (value != null) {
            properties.put(name, value);
        }
    }

    private static final class JGroupsNode implements Node {

        private final JChannel channel;
        private final Set<Address> seen = new HashSet<>();
        private final Map<String, Address> addresses = new ConcurrentHashMap<>();
        private boolean master;
        private volatile Consumer<byte[]> messages = message -> {};
        private volatile @Nullable BiConsumer<String, Boolean> members;
        private volatile @Nullable Consumer<Boolean> election;

        JGroupsNode(ProtocolStackConfigurator stack, String id) throws Exception {
            channel = new JChannel(stack).name(id);
            channel.setDiscardOwnMessages(true);
            channel.setReceiver(new Receiver() {
                @Override
                public void viewAccepted(View view) {
                    view(view);
                }

                @Override
                public void receive(Message message) {
                    int from = message.getOffset();
                    int to = from + message.getLength();
                    byte[] bytes = message.getArray();
                    messages.accept(bytes.length == to - from ? bytes : Arrays.copyOfRange(bytes, from, to));
                }
            });
        }

        private void join() throws Exception {
            if (!channel.isConnected()) {
                channel.connect("bench");
            }
            view(channel.getView());
        }

        private synchronized void view(View view) {
            BiConsumer<String, Boolean> listener = members;
            if (listener != null) {
                tell(listener, new HashSet<>(view.getMembers()));
            }
            Consumer<Boolean> candidate = election;
            if (candidate != null) {
                boolean coordinator = view.getCoord().equals(channel.getAddress());
                if (coordinator != master) {
                    candidate.accept(coordinator);
                }
                master = coordinator;
            }
        }

        private void tell(BiConsumer<String, Boolean> listener, Set<Address> now) {
            for (Address address : now) {
                if (seen.add(address)) {
                    listener.accept(name(address), true);
                }
            }
            for (Address address : Set.copyOf(seen)) {
                if (!now.contains(address) && seen.remove(address)) {
                    listener.accept(name(address), false);
                }
            }
        }

        private static String name(Address address) {
            String name = NameCache.get(address);
            return name == null ? address.toString() : name;
        }

        @Override
        public void register(String name) throws Exception {
            join();
        }

        @Override
        public void members(BiConsumer<String, Boolean> listener) throws Exception {
            members = listener;
            join();
        }

        @Override
        public void campaign(Consumer<Boolean> listener) throws Exception {
            election = listener;
            join();
        }

        @Override
        public void onMessage(Consumer<byte[]> listener) throws Exception {
            messages = listener;
            join();
        }

        @Override
        public void send(String toId, byte[] message) throws Exception {
            channel.send(new BytesMessage(addresses.computeIfAbsent(toId, this::address), message));
        }

        private Address address(String toId) {
            return channel.getView().getMembers().stream()
                    .filter(address -> name(address).equals(toId))
                    .findFirst()
                    .orElseThrow();
        }

        @Override
        public void broadcast(byte[] message) throws Exception {
            channel.send(new BytesMessage(null, message));
        }

        @Override
        public void leave() {
            channel.close();
        }
    }
}
