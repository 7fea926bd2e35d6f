package dev.coterie.cluster.simulation;

import dev.coterie.cluster.link.Greeting;
import dev.coterie.cluster.link.Link;
import dev.coterie.cluster.link.LinkException;
import dev.coterie.cluster.link.LinkException.Kind;
import dev.coterie.cluster.link.Message;
import dev.coterie.cluster.link.Transport;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The ways between the nodes: delay, cuts in one direction or both, and processes that do not answer. */
final class SimulatedNetwork {

    private static final Duration GIVE_UP = Duration.ofSeconds(3);
    private static final Duration QUICK = Duration.ofMillis(20);
    private static final Duration LINGER = Duration.ofSeconds(1);
    /** As old as what a node has seen may be when it acts on it. */
    private static final Duration RECENTLY = Duration.ofMillis(1600);

    private final World world;
    /** By host. */
    private final Map<String, SimulatedTransport> listening = new LinkedHashMap<>();
    /** "from>to", by host. */
    private final Set<String> cut = new HashSet<>();

    private long changedAt;
    private final Map<String, Long> listeningSince = new LinkedHashMap<>();
    private final Map<String, Long> diedAt = new LinkedHashMap<>();

    /** When each cut way was cut last. */
    private final Map<String, Long> severed = new LinkedHashMap<>();

    /** Links with a process that died behind a cut: nobody has told the other end. */
    private final Set<SimulatedLink> stuck = new LinkedHashSet<>();

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
        changedAt = world.now();
        severed.put(from + ">" + to, world.now());
    }

    /** Cuts some hosts off from the others, in both directions. */
    void split(Set<String> some, Collection<String> all) {
        all.stream()
                .filter(host -> !some.contains(host))
                .forEach(other -> some.forEach(one -> {
                    cut(one, other);
                    cut(other, one);
                }));
    }

    /** Whether it has been as it is, and quick, for so long. */
    boolean steadyFor(Duration time) {
        return world.now() - changedAt >= time.toNanos() && slowest.compareTo(QUICK) <= 0;
    }

    /** Whether two hosts can talk to each other now. */
    boolean talk(String one, String other) {
        return open(one, other) && open(other, one);
    }

    /** Whether there was a moment lately when one host could send to another. */
    boolean couldSend(String from, String to) {
        return open(from, to) || world.now() - severed.getOrDefault(from + ">" + to, 0L) < RECENTLY.toNanos();
    }

    /** Whether there was a moment lately when none did. */
    boolean wasDead(String host) {
        return !listening.containsKey(host) || world.now() - listeningSince.get(host) < RECENTLY.toNanos();
    }

    void slow(Duration longest) {
        world.note("net", "takes up to " + longest.toMillis() + " ms");
        slowest = longest;
        changedAt = world.now();
    }

    /** Whether there was a moment lately when a process listened on a host. */
    boolean wasAlive(String host) {
        return listening.containsKey(host)
                || world.now() - diedAt.getOrDefault(host, Long.MIN_VALUE / 2) < RECENTLY.toNanos();
    }

    void heal() {
        world.note("net", "whole");
        changedAt = world.now();
        cut.clear();
        List.copyOf(stuck).forEach(SimulatedLink::breakOff);
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
        private final Set<SimulatedLink> incoming = new LinkedHashSet<>();
        private final Set<SimulatedLink> outgoing = new LinkedHashSet<>();
        private Acceptor acceptor;

        SimulatedTransport(String host, SimulatedProcess process) {
            this.host = host;
            this.process = process;
        }

        @Override
        public int listen(Acceptor taker) {
            acceptor = taker;
            listening.put(host, this);
            listeningSince.put(host, world.now());
            return 22222;
        }

        @Override
        public Link open(String to, int port, Greeting greeting, Listener listener) {
            SimulatedLink link = new SimulatedLink(this, to, listener);
            outgoing.add(link);
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
            diedAt.put(host, world.now());
            List.copyOf(incoming).forEach(SimulatedLink::breakOff);
            List.copyOf(outgoing).forEach(SimulatedLink::breakOff);
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
        private boolean closing;
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
            if (over || closing || queue.size() >= ROOM) {
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
            closing = true;
            if (queue.isEmpty()) {
                end(Kind.CLOSED);
            } else {
                world.after(LINGER, () -> end(Kind.CLOSED));
            }
        }

        /** One of the two processes has died: its kernel tells the other, if it can. */
        void breakOff() {
            stuck.remove(this);
            if (open(from.host, toHost) && open(toHost, from.host)) {
                world.after(delay(), () -> end(Kind.BROKEN));
            } else if (!over) {
                stuck.add(this);
            }
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
                if (closing && queue.isEmpty()) {
                    end(Kind.CLOSED);
                }
                pump();
            });
        }

        void end(Kind kind) {
            if (over) {
                return;
            }
            over = true;
            from.outgoing.remove(this);
            LinkException cause = new LinkException(kind, "link from " + from.host + " to " + toHost + ": " + kind);
            if (to != null) {
                to.incoming.remove(this);
            }
            if (receiver != null && to.process.alive()) {
                receiver.closed(cause);
            }
            if (from.process.alive()) {
                listener.closed(cause);
            }
        }
    }
}
