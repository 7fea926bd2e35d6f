package dev.coterie.cluster.lan;

import dev.coterie.cluster.concurrent.Clock;
import dev.coterie.cluster.concurrent.EventLoop;
import dev.coterie.cluster.discovery.DiscoveryEvent;
import dev.coterie.cluster.discovery.Member;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import java.util.random.RandomGenerator;

/** A LAN of groups' state machines in one thread on virtual time: packets are late, lost and cut off; nodes freeze and die. */
final class VirtualLan {

    private static final Instant EPOCH = Instant.parse("2026-01-01T00:00:00Z");

    private final Random random;
    private final PriorityQueue<Event> events =
            new PriorityQueue<>(Comparator.comparingLong(Event::at).thenComparingLong(Event::number));
    private final Set<Set<Node>> cuts = new HashSet<>();
    final List<Node> nodes = new ArrayList<>();
    private double loss;
    private long now;
    private long made;

    private record Event(long at, long number, Node of, boolean timer, Runnable task) {}

    VirtualLan(long seed) {
        random = new Random(seed);
    }

    Node start(String name, LanConfig.Builder settings) {
        LanConfig config = settings.name(name).build();
        Node node = new Node(name, config, nodes.size());
        nodes.add(node);
        node.loop.execute(node.group::start);
        return node;
    }

    /** Lets time pass. */
    void run(Duration time) {
        long end = now + time.toNanos();
        while (!events.isEmpty() && events.peek().at <= end) {
            Event event = events.poll();
            now = Math.max(now, event.at);
            event.of.take(event);
        }
        now = end;
    }

    long millis() {
        return now / 1_000_000;
    }

    void lose(double share) {
        loss = share;
    }

    void cut(Node one, Node other) {
        cuts.add(Set.of(one, other));
    }

    void heal() {
        cuts.clear();
    }

    List<Node> masters() {
        return nodes.stream().filter(node -> node.alive && node.isMaster()).toList();
    }

    private void at(long time, Node of, boolean timer, Runnable task) {
        events.add(new Event(time, made++, of, timer, task));
    }

    /** A node: its state machine, and what it was told. */
    final class Node implements Group.Outside {

        final String name;
        final Group group;
        final List<DiscoveryEvent> told = new ArrayList<>();
        private final Loop loop = new Loop(this);
        private final Hellos read = new Hellos();
        private final InetSocketAddress address;
        private final List<Event> held = new ArrayList<>();
        long hellos;
        long lastHelloMillis;
        private boolean frozen;
        private boolean alive = true;
        private boolean deaf;

        private Node(String name, LanConfig config, int index) {
            this.name = name;
            this.address = new InetSocketAddress("10.0.0." + (index + 1), 12345);
            Double weight = config.weight();
            Member self = new Member(
                    name,
                    name,
                    name,
                    "10.0.0." + (index + 1),
                    12345,
                    weight == null ? -(now / 1e13) : weight,
                    true,
                    Map.of(),
                    List.of(),
                    loop.clock().now(),
                    "test");
            this.group = new Group(loop, config, self, this);
        }

        boolean isUp() {
            return alive && !frozen;
        }

        boolean isMaster() {
            return group.masters().held().isPresent();
        }

        /** The masters it knows. */
        List<String> masters() {
            return group.masters().known().stream().map(Member::name).toList();
        }

        List<String> members() {
            return group.roster().view().members().stream()
                    .map(Member::name)
                    .sorted()
                    .toList();
        }

        <E extends DiscoveryEvent> List<E> told(Class<E> type) {
            return told.stream().filter(type::isInstance).map(type::cast).toList();
        }

        void freeze() {
            frozen = true;
        }

        /** Runs on: timers first, as the real loop does. */
        void thaw() {
            frozen = false;
            held.stream().filter(Event::timer).forEach(event -> at(now, this, true, event.task));
            held.stream().filter(event -> !event.timer).forEach(event -> at(now, this, false, event.task));
            held.clear();
        }

        void kill() {
            alive = false;
        }

        /** Hears no request to take over. */
        void deafen() {
            deaf = true;
        }

        void close() {
            var unused = group.leave().thenRun(() -> {
                group.close();
                nodes.forEach(other -> send(other, () -> other.group.gone(name)));
                alive = false;
            });
        }

        private void take(Event event) {
            if (alive && frozen) {
                held.add(event);
            } else if (alive) {
                event.task.run();
            }
        }

        private void send(Node to, Runnable task) {
            boolean lost = to == this || cuts.contains(Set.of(this, to)) || random.nextDouble() < loss;
            if (!lost) {
                at(now + 50_000 + random.nextInt(300_000), to, false, task);
            }
        }

        private void sayHello(Hello hello, Node to) {
            lastHelloMillis = millis();
            byte[] data = hello.write();
            Packet packet = new Packet(Packet.HELLO, name, name, name, ++hellos, "", "", 0, data);
            send(to, () -> {
                try {
                    to.group.heard(packet, to.read.read(packet), address);
                } catch (Unreadable impossible) {
                    throw new IllegalStateException(impossible);
                }
            });
        }

        private Node of(Peer peer) {
            return nodes.stream()
                    .filter(node -> node.name.equals(peer.member().id()))
                    .findFirst()
                    .orElseThrow();
        }

        @Override
        public void hello(Hello hello) {
            nodes.stream().filter(node -> node != this).forEach(node -> sayHello(hello, node));
        }

        @Override
        public void hello(Hello hello, Peer to) {
            sayHello(hello, of(to));
        }

        @Override
        public void probe(Peer peer) {
            Node to = of(peer);
            if (!to.alive && !cuts.contains(Set.of(this, to))) {
                at(now + 200_000, this, false, () -> group.gone(to.name));
            }
        }

        @Override
        public void promote(Peer successor) {
            Node to = of(successor);
            if (!to.deaf) {
                send(to, () -> to.group.masters().promoteInPlaceOf(name));
            }
        }

        @Override
        public void emit(DiscoveryEvent event) {
            told.add(event);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private final class Loop implements EventLoop {

        private final Node node;

        Loop(Node node) {
            this.node = node;
        }

        @Override
        public void execute(Runnable task) {
            at(now, node, false, task);
        }

        @Override
        public Scheduled schedule(Duration delay, Runnable task) {
            boolean[] cancelled = {false};
            at(now + delay.toNanos(), node, true, () -> {
                if (!cancelled[0]) {
                    task.run();
                }
            });
            return () -> cancelled[0] = true;
        }

        @Override
        public void attempt(Runnable part) {
            part.run();
        }

        @Override
        public boolean inLoop() {
            return true;
        }

        @Override
        public Clock clock() {
            return new Clock() {
                @Override
                public long nanoTime() {
                    return now;
                }

                @Override
                public Instant now() {
                    return EPOCH.plusNanos(now);
                }
            };
        }

        @Override
        public RandomGenerator random() {
            return random;
        }
    }
}
