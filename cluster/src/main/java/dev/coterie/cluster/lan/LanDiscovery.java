package dev.coterie.cluster.lan;

import dev.coterie.cluster.concurrent.Clock;
import dev.coterie.cluster.concurrent.EventLoop;
import dev.coterie.cluster.concurrent.EventLoop.Scheduled;
import dev.coterie.cluster.concurrent.RelayLoop;
import dev.coterie.cluster.discovery.Channels;
import dev.coterie.cluster.discovery.Discovery;
import dev.coterie.cluster.discovery.DiscoveryEvent;
import dev.coterie.cluster.discovery.Events;
import dev.coterie.cluster.discovery.Explanation;
import dev.coterie.cluster.discovery.Mastership;
import dev.coterie.cluster.discovery.Member;
import dev.coterie.cluster.discovery.Service;
import dev.coterie.cluster.discovery.Subscription;
import dev.coterie.cluster.discovery.View;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node of a group on a LAN that finds itself by UDP packets, without etcd. Thread-safe.
 *
 * <p>Without a key it speaks the packets of node-discover 1.2, and processes of both kinds form one group. With one, all
 * packets are sealed by AES-GCM, and only nodes with the same key hear one another.
 *
 * <p><b>What it cannot promise.</b> Nodes believe what they hear, and nobody is asked:
 *
 * <ul>
 *   <li>While the network is split, each side has masters of its own; when it heals, all but the heaviest step down with
 *       the next hello. A node that stood still goes on as master until it hears of another. So {@link Mastership} proves
 *       nothing to a store: guard what must not happen twice by other means, such as a cluster on etcd.
 *   <li>{@link Mastership#term()} grows for those who hear one another; two sides of a split may use the same one.
 *   <li>Messages on channels are one packet each, arrive at most once and in order, or not at all; nobody knows who has
 *       joined. A payload has to fit into one packet.
 *   <li>{@link View#revision()} counts the views of this node alone; two nodes may see different members.
 *   <li>Nothing is kept: there are no sessions to lose and to restore, so {@link DiscoveryEvent.SessionLost} and {@link
 *       DiscoveryEvent.Rejoined} never happen.
 *   <li>A plain node-discover answers no {@link Channels#request request}, cannot be {@link #promote(Member) promoted} by
 *       another, and misses a goodbye: it notices by its timeout. If it promotes itself it stays master only if it is the
 *       heaviest.
 * </ul>
 *
 * <p>Two threads whatever the size of the group, both daemons, which relieve one another as {@link RelayLoop} says: what
 * comes in is decided on, told to callbacks and answered by the one that read it. Callbacks run one at a time and in
 * order, on either of the two.
 */
public final class LanDiscovery implements Discovery {

    private static final Logger log = LoggerFactory.getLogger(LanDiscovery.class);

    /** Node-discover's {@code pid}: the same for all instances of a process, so that they can be told apart from others. */
    private static final String PROCESS = UUID.randomUUID().toString();

    /** More than the tries of a hand-over take. */
    private static final Duration LEAVE = Duration.ofSeconds(1);

    /** What a mastership may add to a hello: a longer weight and term, and the id of the master before. */
    private static final int HELLO_GROWTH = 192;

    private static final Duration REPORT = Duration.ofMinutes(1);
    private static final String VERSION =
            Objects.requireNonNullElse(LanDiscovery.class.getPackage().getImplementationVersion(), "dev");

    private final LanConfig config;
    private final Drops drops = new Drops();
    private final LanWire wire;
    private final RelayLoop loop;
    private final PacketWriter writer;
    private final Group group;
    private final Roster roster;
    private final Masters masters;
    private final Events<DiscoveryEvent> events;
    private final LanRequests requests;
    private final LanChannels channels;
    private final Hellos hellos = new Hellos();
    private final LanExplanations explanations;
    private final AtomicBoolean closed = new AtomicBoolean();
    private Scheduled report = Scheduled.NONE;
    private Map<DropReason, Long> reported = drops.all();

    /**
     * Takes part from now on. The others are known as they answer; a master is known or made after the {@code
     * masterTimeout}, or twice the {@code helloInterval} if that is longer.
     *
     * @throws IllegalArgumentException if what is advertised does not fit into a packet
     * @throws LanException if the port is taken, an address is wrong, or the network refuses
     */
    public static LanDiscovery join(LanConfig config) {
        LanDiscovery node = new LanDiscovery(config);
        node.start();
        return node;
    }

    private LanDiscovery(LanConfig config) {
        this.config = config;
        this.wire = new LanWire(config, Clock.system(), drops);
        this.loop = new RelayLoop("coterie-lan", wire.waiting());
        EventLoop callbacks = loop.callbacks();
        Member self = describe(config);
        this.writer = new PacketWriter(PROCESS, self.id(), self.host());
        this.group = new Group(loop, config, self, new Outside());
        this.roster = group.roster();
        this.masters = group.masters();
        this.events = new Events<>(loop, callbacks, this::present);
        int most = wire.maxPacket();
        this.requests = new LanRequests(loop, callbacks, roster, writer, wire, most);
        this.channels = new LanChannels(loop, new Gate(callbacks, drops), roster, writer, wire, requests, most);
        LanReasons reasons = new LanReasons(loop.clock(), config, roster, masters);
        this.explanations = new LanExplanations(
                callbacks, drops, roster, writer, wire, Map.of("master", reasons::master, "member", reasons::member));
    }

    private Member describe(LanConfig from) {
        String host = from.hostname().isEmpty() ? Interfaces.hostName() : from.hostname();
        String plain = host.replaceAll("[^A-Za-z0-9._-]", "-");
        String name = from.name().isEmpty() ? plain.substring(0, Math.min(64, plain.length())) : from.name();
        InetSocketAddress local = wire.local();
        boolean any = from.address().equals(Interfaces.ANY);
        return new Member(
                name + "-" + UUID.randomUUID(),
                name,
                host,
                any ? Interfaces.likelyAddress() : from.address(),
                local.getPort(),
                from.weight() == null ? weightByAge() : from.weight(),
                from.eligible() && !from.client(),
                from.advertisement(),
                List.of(),
                loop.clock().now(),
                VERSION);
    }

    /** As node-discover has it: the time with its point moved before the first digit, and negative. */
    private double weightByAge() {
        long millis = loop.clock().now().toEpochMilli();
        return -(millis / Math.pow(10, String.valueOf(millis).length()));
    }

    private void start() {
        try {
            rehearse(roster.self());
        } catch (IllegalArgumentException tooMuch) {
            end();
            throw tooMuch;
        }
        loop.execute(() -> {
            wire.start(this::received);
            group.start();
        });
        report = loop.schedule(REPORT, this::report);
    }

    /** What reading a hello takes is loaded before others speak: a JVM that is new to it would take as long as they wait. */
    private void rehearse(Member self) {
        refuseIfLarge(self);
        byte[] hello = writer.hello(masters.hello(self), 0);
        try {
            Hello unused = Hello.read(PacketReader.read(hello, hello.length).data());
        } catch (Unreadable impossible) {
            throw new IllegalStateException("its own hello cannot be read", impossible);
        }
    }

    // --- What the network brings, on the event loop
    // -------------------------------------------------------------------

    private void received(Packet packet, InetSocketAddress from) throws Unreadable {
        Member self = roster.self();
        boolean own = packet.sender().equals(self.id());
        boolean sibling = packet.process().equals(PROCESS) && !own;
        boolean elsewhere = !packet.to().isEmpty() && !packet.to().equals(self.id());
        if ((own && (config.ignoreInstance() || packet.event().equals(Packet.HELLO)))
                || (sibling && config.ignoreProcess())
                || elsewhere) {
            return;
        }
        switch (packet.event()) {
            case Packet.HELLO -> {
                if (!group.heard(packet, hellos.read(packet), from)) {
                    drops.count(DropReason.OVERFLOW);
                }
            }
            case Packet.GOODBYE -> group.gone(packet.sender());
            case Packet.PROMOTE -> masters.promoteInPlaceOf(packet.sender());
            case Packet.PROBE -> log.trace("{} asks whether this node is there", packet.sender());
            case Packet.EXPLAIN -> explanations.asked(packet, from);
            case Packet.EXPLANATION -> log.trace("{} answers who asks no more", packet.sender());
            case Packet.REQUEST -> channels.asked(packet);
            case Packet.ANSWER, Packet.REFUSAL -> channels.answered(packet);
            default -> channels.heard(packet, from);
        }
    }

    /** How many packets were dropped since the start, by reason. */
    public Map<DropReason, Long> dropped() {
        return drops.all();
    }

    /** A flood of packets is one line a minute. */
    private void report() {
        Map<DropReason, Long> now = drops.all();
        if (!now.equals(reported)) {
            log.warn("Packets were dropped; since the start: {}", now);
            reported = now;
        }
        report = loop.schedule(REPORT, this::report);
    }

    // --- What the group does
    // ------------------------------------------------------------------------------------------

    private final class Outside implements Group.Outside {

        private long hellos;

        @Override
        public void hello(Hello hello) {
            byte[] packet = writer.hello(hello, ++hellos);
            // The master that it replaces may leave as soon as it hears of it, and its goodbye must not come before
            // this.
            Optional.ofNullable(hello.own())
                    .flatMap(own -> roster.find(own.replaces()))
                    .ifPresentOrElse(
                            replaced -> wire.sendLastTo(replaced.peer(false), packet), () -> wire.send(packet));
        }

        @Override
        public void hello(Hello hello, Peer to) {
            wire.send(writer.hello(hello, ++hellos), to);
        }

        @Override
        public void probe(Peer of) {
            String id = of.member().id();
            // Not while the group looks around: it is told afterwards.
            Probe.send(loop, writer.bare(Packet.PROBE), of.address(), () -> loop.execute(() -> group.gone(id)));
        }

        @Override
        public void promote(Peer successor) {
            wire.send(writer.directed(Packet.PROMOTE, successor.member().id()), successor);
        }

        @Override
        public void emit(DiscoveryEvent event) {
            events.emit(event);
        }
    }

    // --- What the application asks
    // ------------------------------------------------------------------------------------

    @Override
    public Member self() {
        return roster.self();
    }

    @Override
    public View view() {
        return roster.view();
    }

    @Override
    public List<Member> masters() {
        return masters.known();
    }

    @Override
    public Optional<Mastership> mastership() {
        return masters.held();
    }

    /**
     * {@inheritDoc}
     *
     * <p>Whoever subscribes late is first told how things stand: {@code Init} with the present view, {@code
     * MasterChanged} for each master, {@code Promoted} if this node is one.
     */
    @Override
    public <E extends DiscoveryEvent> Subscription on(Class<E> type, Consumer<? super E> handler) {
        return events.on(type, handler);
    }

    private List<DiscoveryEvent> present() {
        List<DiscoveryEvent> now = new ArrayList<>();
        if (group.isStarted()) {
            now.add(new DiscoveryEvent.Init(roster.view(), roster.self()));
            now.addAll(masters.present());
        }
        return now;
    }

    @Override
    public Channels channels() {
        return channels;
    }

    @Override
    public CompletionStage<Void> promote() {
        return onLoop(group::promote);
    }

    @Override
    public CompletionStage<Void> promote(Member member) {
        return onLoop(() -> group.promote(member));
    }

    @Override
    public CompletionStage<Void> demote(boolean permanent) {
        return onLoop(() -> group.demote(permanent));
    }

    @Override
    public CompletionStage<Void> advertise(Map<String, Object> info) {
        return describe(self -> self.withInfo(info));
    }

    @Override
    public CompletionStage<Void> advertise(List<Service> services) {
        return describe(self -> self.withServices(services));
    }

    /**
     * Lets this node explain something to those who ask from outside by {@link LanObserver#explain}. It explains {@code
     * master} and {@code member} already.
     *
     * @param subject what kind of thing, such as {@code service}
     * @param explainer gets the name of what is to be explained; on the callback thread, must not block
     * @throws IllegalArgumentException if it is a subject that it explains already
     */
    public void explains(String subject, Function<String, Explanation> explainer) {
        explanations.put(subject, explainer);
    }

    private CompletionStage<Void> describe(UnaryOperator<Member> change) {
        refuseIfLarge(change.apply(roster.self()));
        return onLoop(() -> {
            group.describe(change);
            return CompletableFuture.completedFuture(null);
        });
    }

    private void refuseIfLarge(Member self) {
        byte[] hello = writer.hello(masters.hello(self), 0);
        int most = wire.maxPacket() - HELLO_GROWTH;
        if (hello.length > most) {
            throw new IllegalArgumentException("info: the hello packet would have " + hello.length + " bytes, at most "
                    + most + " fit; advertise less");
        }
    }

    private CompletableFuture<Void> onLoop(Supplier<CompletableFuture<Void>> action) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        loop.execute(() -> loop.then(action.get(), done::complete, done::completeExceptionally));
        return done;
    }

    /**
     * {@inheritDoc}
     *
     * <p>A mastership goes to the best candidate among our own nodes first, and ends when that one has it; a second at
     * most is spent on it. A node-discover knows at once that this node is not master any more, and by its timeout that it
     * has gone.
     */
    @Override
    public void close() {
        if (closed.getAndSet(true)) {
            return;
        }
        CompletableFuture<Void> left = onLoop(group::leave);
        try {
            left.get(LEAVE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException notHandedOver) {
            log.info("{} leaves without having handed over", self().name());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        loop.execute(() -> {
            group.close();
            report.cancel();
            if (!config.client()) {
                wire.send(writer.bare(Packet.GOODBYE));
            }
        });
        end();
    }

    private void end() {
        loop.close();
        requests.close();
        wire.close();
    }
}
