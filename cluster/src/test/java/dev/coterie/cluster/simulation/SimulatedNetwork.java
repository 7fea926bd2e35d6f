package dev.coterie.cluster.simulation;

import dev.coterie.cluster.link.Greeting;
import dev.coterie.cluster.link.Link;
import dev.coterie.cluster.link.LinkException;
import dev.coterie.cluster.link.LinkException.Kind;
import dev.coterie.cluster.link.Message;
import dev.coterie.cluster.link.Transport;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The ways between the nodes: delay, cuts in one direction or both, and processes that do not answer. */
final class SimulatedNetwork {

    private static final Duration GIVE_UP = Duration.ofSeconds(3);

    private final World world;
    /** By host. */
    private final Map<String, SimulatedTransport> listening = new LinkedHashMap<>();
    /** "from>to", by host. */
    private final Set<String> cut = new HashSet<>();

    private Duration slowest = Duration.ofMillis(2);

    SimulatedNetwork(World world) {
        this.world = world;
    }

    SimulatedTransport transport(String host, SimulatedProcess process) {
        return new SimulatedTransport(host, process);
    }

    void cut(String from, String to) {
        world.note("net", "cut " + from + " > " + to);
        cut.add(from + ">" + to);
    }

    void slow(Duration longest) {
        world.note("net", "takes up to " + longest.toMillis() + " ms");
        slowest = longest;
    }

    void heal() {
        world.note("net", "whole");
        cut.clear();
        listening.values().forEach(SimulatedTransport::goOn);
    }

    private boolean open(String from, String to) {
        return !cut.contains(from + ">" + to);
    }

    private long delay() {
        return world.between(Duration.ofNanos(50_000), slowest);
    }

    /** One process's links. */
    final class SimulatedTransport implements Transport {

        private final String host;
        private final SimulatedProcess process;
        private final Set<SimulatedLink> incoming = new java.util.LinkedHashSet<>();
        private Acceptor acceptor;

        SimulatedTransport(String host, SimulatedProcess process) {
            this.host = host;
            this.process = process;
        }

        @Override
        public int listen(Acceptor taker) {
            acceptor = taker;
            listening.put(host, this);
            return 22222;
        }

        @Override
        public Link open(String to, int port, Greeting greeting, Listener listener) {
            SimulatedLink link = new SimulatedLink(this, to, listener);
            world.after(delay(), () -> link.connect(greeting));
            return link;
        }

        @Override
        public void close() {
            listening.remove(host, this);
            List.copyOf(incoming).forEach(link -> link.end(Kind.CLOSED));
        }

        /** The process has crashed: the kernel tells whoever had a link with it. */
        void died() {
            listening.remove(host, this);
            List.copyOf(incoming).forEach(link -> world.after(delay(), () -> link.end(Kind.BROKEN)));
        }

        /** The process runs again, or the network is whole: what was held up goes on. */
        void goOn() {
            List.copyOf(incoming).forEach(SimulatedLink::pump);
        }
    }

    /** One link: an ordered stream that stands still, breaks, or delivers. */
    private final class SimulatedLink implements Link {

        private static final int ROOM = 1000;

        private final SimulatedTransport from;
        private final String toHost;
        private final Transport.Listener listener;
        private final Deque<Message> queue = new ArrayDeque<>();
        private SimulatedTransport to;
        private Transport.Receiver receiver;
        private boolean over;
        private boolean moving;

        SimulatedLink(SimulatedTransport from, String toHost, Transport.Listener listener) {
            this.from = from;
            this.toHost = toHost;
            this.listener = listener;
        }

        void connect(Greeting greeting) {
            to = listening.get(toHost);
            boolean reaches = open(from.host, toHost) && open(toHost, from.host);
            if (over || !from.process.alive()) {
                return;
            }
            if (reaches && to == null) {
                end(Kind.REFUSED);
            } else if (!reaches || to.process.frozen()) {
                world.after(GIVE_UP, () -> end(Kind.SILENT));
            } else {
                try {
                    receiver = to.acceptor.accept(greeting);
                    to.incoming.add(this);
                    listener.opened();
                    pump();
                } catch (LinkException rejected) {
                    end(rejected.kind());
                }
            }
        }

        @Override
        public boolean offer(Message message) {
            if (over || queue.size() >= ROOM) {
                return false;
            }
            queue.add(message);
            pump();
            return true;
        }

        @Override
        public boolean offer(Message message, Duration patience) {
            return offer(message);
        }

        @Override
        public int queued() {
            return queue.size();
        }

        @Override
        public void close() {
            end(Kind.CLOSED);
        }

        /** Moves one message at a time, so that order is kept. */
        void pump() {
            boolean canMove =
                    !over && receiver != null && !queue.isEmpty() && to.process.runs() && open(from.host, toHost);
            if (moving || !canMove) {
                return;
            }
            moving = true;
            world.after(delay(), () -> {
                moving = false;
                if (!over && to.process.runs() && open(from.host, toHost)) {
                    receiver.received(List.of(queue.poll()), () -> {});
                }
                pump();
            });
        }

        void end(Kind kind) {
            if (over) {
                return;
            }
            over = true;
            LinkException cause = new LinkException(kind, "link from " + from.host + " to " + toHost + ": " + kind);
            if (to != null) {
                to.incoming.remove(this);
            }
            if (receiver != null) {
                receiver.closed(cause);
            }
            if (from.process.alive()) {
                listener.closed(cause);
            }
        }
    }
}
