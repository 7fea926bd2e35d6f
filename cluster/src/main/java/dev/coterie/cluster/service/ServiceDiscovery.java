package dev.coterie.cluster.service;

import dev.coterie.cluster.balance.Balancer;
import dev.coterie.cluster.concurrent.EventLoop;
import dev.coterie.cluster.concurrent.EventLoop.Scheduled;
import dev.coterie.cluster.concurrent.ThreadEventLoop;
import dev.coterie.cluster.discovery.Discovery;
import dev.coterie.cluster.discovery.DiscoveryEvent;
import dev.coterie.cluster.discovery.Events;
import dev.coterie.cluster.discovery.Member;
import dev.coterie.cluster.discovery.Service;
import dev.coterie.cluster.discovery.Subscription;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a node offers to the others and needs of them, on any {@link Discovery}; one for each. A node's own services are
 * not instances to itself.
 *
 * <p>It runs two daemon threads: one decides, one calls hooks and tells events. All methods: any thread.
 */
public final class ServiceDiscovery implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(ServiceDiscovery.class);

    /** How much of what a failed hook says is kept. */
    private static final int MAX_WORDS = 1_000;

    private final Discovery discovery;
    private final EventLoop loop;
    private final EventLoop callbacks;
    private final Runnable end;
    private final Events<ServiceEvent> events;
    private final Board board;
    private final Marks marks;

    /** What this node offers, by name. Guarded by itself: what will not do is refused at once, not on the loop. */
    private final Map<String, Service> offered = new LinkedHashMap<>();

    /** By ticket. */
    private final Map<Long, HookCall> calls = new HashMap<>();

    /** What the board has told in this turn; passed on when {@link #picture} shows it too. */
    private final List<ServiceEvent> news = new ArrayList<>();

    private volatile Picture picture = new Picture(false, Map.of(), Map.of());
    private volatile boolean closed;
    private @Nullable Subscription members;
    private Scheduled timer = Scheduled.NONE;

    /** How things stand, for all threads. */
    private record Picture(
            boolean ready, Map<String, List<Instance>> active, Map<String, ServiceExplanation> explanations) {}

    /** On a discovery, which must be closed after it. {@link #start} starts it. */
    public static ServiceDiscovery on(Discovery discovery) {
        return on(discovery, ServiceConfig.DEFAULT);
    }

    /** As {@link #on(Discovery)}, with another patience. */
    public static ServiceDiscovery on(Discovery discovery, ServiceConfig config) {
        ThreadEventLoop loop = new ThreadEventLoop("coterie-services");
        ThreadEventLoop callbacks = new ThreadEventLoop("coterie-services-callbacks");
        return new ServiceDiscovery(discovery, config, loop, callbacks, () -> {
            loop.close();
            callbacks.close();
        });
    }

    ServiceDiscovery(Discovery discovery, ServiceConfig config, EventLoop loop, EventLoop callbacks, Runnable end) {
        this.discovery = discovery;
        this.loop = loop;
        this.callbacks = callbacks;
        this.end = end;
        this.board = new Board(config, loop.clock(), loop.random(), new BoardActions());
        this.events = new Events<>(loop, callbacks, this::present);
        this.marks = new Marks(config.down(), loop.clock(), new SplittableRandom());
    }

    /**
     * Begins to look for services. What is needed and set up before is known before the first instance is looked at, so
     * that nothing is ready too early.
     *
     * @return this
     */
    public ServiceDiscovery start() {
        loop.execute(() -> {
            if (members == null && !closed) {
                // Whatever it was, the latest view says how things stand now.
                members = discovery.on(DiscoveryEvent.class, event -> turn(this::look));
                turn(this::look);
            }
        });
        return this;
    }

    /**
     * Offers a service, or says something else of one that is offered, such as that it is ready now.
     *
     * @param service its name is 1 to 64 of {@code A-Z a-z 0-9 . _ -}, not beginning with a dot
     * @return completes when the others can see it
     * @throws IllegalArgumentException if the name will not do, or what the node says of itself gets too large or cannot
     *     become JSON
     * @throws IllegalStateException if this is closed
     */
    public CompletionStage<Void> advertise(Service service) {
        ServiceName.check(service.name());
        return offer(service.name(), service);
    }

    /** Offers a service no more. Does nothing if it was not offered. */
    public CompletionStage<Void> withdraw(String name) {
        return offer(name, null);
    }

    private CompletionStage<Void> offer(String name, @Nullable Service service) {
        synchronized (offered) {
            if (closed) {
                throw new IllegalStateException("services: closed; nothing can be offered any more");
            }
            Map<String, Service> next = new LinkedHashMap<>(offered);
            if (service == null && !next.containsKey(name)) {
                return CompletableFuture.completedStage(null);
            } else if (service == null) {
                next.remove(name);
            } else {
                next.put(name, service);
            }
            CompletionStage<Void> done = discovery.advertise(List.copyOf(next.values()));
            offered.clear();
            offered.putAll(next);
            return done;
        }
    }

    /**
     * Needs services from now on.
     *
     * @throws IllegalArgumentException if a name will not do
     */
    public void need(String... names) {
        List.of(names).forEach(ServiceName::check);
        List.of(names).forEach(name -> turn(() -> board.need(name)));
    }

    /**
     * Needs a service, and has each instance of it set up by a hook before it is used. Several hooks for a name are
     * called in the order in which they were given here. A hook that comes late is called for the instances that are
     * there already, which can be used meanwhile.
     *
     * @throws IllegalArgumentException if the name will not do
     */
    public void setup(String name, Hook hook) {
        ServiceName.check(name);
        turn(() -> board.setup(name, hook));
    }

    /**
     * Tells a handler of every event of one type; {@code ServiceEvent.class} for all of them. Whoever subscribes late is
     * first told of the instances that can be used, and whether all needs are met.
     */
    public <E extends ServiceEvent> Subscription on(Class<E> type, Consumer<? super E> handler) {
        return events.on(type, handler);
    }

    /** The instances that can be used now, by name. */
    public Map<String, List<Instance>> services() {
        return picture.active;
    }

    /** The instances of a service that can be used now. */
    public List<Instance> services(String name) {
        return picture.active.getOrDefault(name, List.of());
    }

    /** Whether something is needed, and every need is met. */
    public boolean isReady() {
        return picture.ready;
    }

    /**
     * Chooses among the instances of a service.
     *
     * @param balancer for this chooser alone
     */
    public Chooser chooser(String name, Balancer<Instance> balancer) {
        ServiceName.check(name);
        return new Chooser(() -> services(name), marks, balancer);
    }

    /** Why a service can or cannot be used here. */
    public ServiceExplanation explain(String name) {
        ServiceExplanation known = picture.explanations.getOrDefault(name, ServiceExplanation.unknown(name));
        return known.withDown(node -> marks.downFor(Instance.id(name, node))
                .map(left -> loop.clock().now().plus(left))
                .orElse(null));
    }

    /** The names of which something is known here: needed, or offered by another node. */
    public List<String> names() {
        return List.copyOf(picture.explanations.keySet());
    }

    /**
     * Withdraws what this node offers, gives up the hooks that are being called, and tells nothing more. The discovery
     * goes on.
     */
    @Override
    public void close() {
        synchronized (offered) {
            if (closed) {
                return;
            }
            closed = true;
        }
        loop.execute(() -> {
            if (members != null) {
                members.close();
            }
            timer.cancel();
            board.close();
            if (!offered.isEmpty()) {
                loop.then(
                        discovery.advertise(List.of()),
                        done -> {},
                        failure ->
                                log.info("Others were not told that services are withdrawn: {}", failure.toString()));
            }
        });
        end.run();
    }

    /** Something happens on the board: on the loop, with what follows from it. */
    private void turn(Runnable change) {
        loop.execute(() -> {
            if (!closed) {
                loop.attempt(change);
                picture = new Picture(board.ready(), board.active(), board.explanations());
                news.forEach(events::emit);
                news.clear();
                timer.cancel();
                timer = board.untilTick()
                        .map(wait -> loop.schedule(wait, () -> turn(board::tick)))
                        .orElse(Scheduled.NONE);
            }
        });
    }

    private void look() {
        Member self = discovery.self();
        List<Member> others = discovery.view().members().stream()
                .filter(member -> !isSameProcess(member, self))
                .toList();
        board.members(others);
        marks.keepOnly(others.stream()
                .flatMap(member -> member.services().stream().map(service -> new Instance(member, service).id()))
                .collect(Collectors.toSet()));
    }

    /** Also under the id of an earlier or later session, which the view may show before or after {@code self} does. */
    private static boolean isSameProcess(Member member, Member self) {
        return member.id().equals(self.id())
                || (member.name().equals(self.name())
                        && member.host().equals(self.host())
                        && member.port() == self.port()
                        && member.startedAt().equals(self.startedAt()));
    }

    /** How things stand, for a subscriber that comes late. On the loop. */
    private List<ServiceEvent> present() {
        List<ServiceEvent> now = new ArrayList<>();
        board.active()
                .values()
                .forEach(instances -> instances.forEach(instance -> now.add(new ServiceEvent.ServiceAdded(instance))));
        if (board.ready()) {
            now.add(new ServiceEvent.Ready(board.active()));
        }
        return now;
    }

    private static String words(Throwable failure) {
        String words = failure.toString();
        return words.length() > MAX_WORDS ? words.substring(0, MAX_WORDS) + " …" : words;
    }

    private final class BoardActions implements Board.Actions {

        @Override
        public void call(long ticket, Hook hook, Instance instance) {
            HookCall call = new HookCall(hook, instance, callbacks);
            calls.put(ticket, call);
            loop.then(call.outcome(), done -> ended(ticket, null), failure -> ended(ticket, words(failure)));
        }

        private void ended(long ticket, @Nullable String failure) {
            calls.remove(ticket);
            turn(() -> board.finished(ticket, failure));
        }

        @Override
        public void giveUp(long ticket) {
            HookCall call = calls.remove(ticket);
            if (call != null) {
                call.giveUp();
            }
        }

        @Override
        public void emit(ServiceEvent event) {
            if (event instanceof ServiceEvent.SetupFailed failed) {
                log.warn(
                        "{} cannot be used yet: hook {} has failed, attempt {}: {}",
                        failed.instance().id(),
                        failed.hook(),
                        failed.attempt(),
                        failed.message());
            }
            news.add(event);
        }
    }
}
