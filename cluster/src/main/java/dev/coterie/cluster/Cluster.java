package dev.coterie.cluster;

import dev.coterie.cluster.channel.LinkChannels;
import dev.coterie.cluster.concurrent.EventLoop;
import dev.coterie.cluster.concurrent.ThreadEventLoop;
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
import dev.coterie.cluster.election.Election;
import dev.coterie.cluster.election.FencedMastership;
import dev.coterie.cluster.election.Standings;
import dev.coterie.cluster.link.GrpcTransport;
import dev.coterie.cluster.link.LinkException;
import dev.coterie.cluster.link.Links;
import dev.coterie.cluster.link.Transport;
import dev.coterie.cluster.liveness.Liveness;
import dev.coterie.cluster.liveness.LivenessConfig;
import dev.coterie.cluster.liveness.Suspicion;
import dev.coterie.cluster.membership.MemberRecord;
import dev.coterie.cluster.membership.Membership;
import dev.coterie.cluster.membership.Registration;
import dev.coterie.cluster.meter.Meter;
import dev.coterie.cluster.meter.Meter.Count;
import dev.coterie.cluster.session.Identity;
import dev.coterie.cluster.session.Session;
import dev.coterie.cluster.session.SessionConfig;
import dev.coterie.cluster.store.Condition;
import dev.coterie.cluster.store.EtcdStore;
import dev.coterie.cluster.store.KeyValueStore;
import dev.coterie.cluster.store.StoreException;
import dev.coterie.cluster.work.Tasks;
import dev.coterie.cluster.work.Timers;
import dev.coterie.cluster.work.Work;
import dev.coterie.cluster.work.WorkSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node of a cluster on etcd: the one object from which everything else is reached. Thread-safe.
 *
 * <p>It runs three threads whatever the size of the cluster: one event loop for all decisions, one for the
 * application's callbacks, one for the network. All are daemons: they do not keep the process alive.
 */
public final class Cluster implements Discovery {

    private static final Logger log = LoggerFactory.getLogger(Cluster.class);

    /** What {@link #close} may take beyond {@link WorkSettings#drain}. */
    private static final Duration LEAVE = Duration.ofSeconds(1);

    /** What of that is left for etcd to be told, whatever comes before. */
    private static final Duration TELL = Duration.ofMillis(400);

    /** How long a master that stays prepares a hand-over, at most. */
    private static final Duration HAND_OVER = Duration.ofMillis(3500);

    /** Not at once: joining is to be quick, and then the application begins. */
    private static final Duration REHEARSE_AFTER = Duration.ofMillis(500);

    private final ClusterConfig config;
    private final Meter meter;
    private final Environment environment;
    private final EventLoop loop;
    private final Events<DiscoveryEvent> events;
    private final Links links;
    private final Registration registration;
    private final Session session;
    private final Membership membership;
    private final Election election;
    private final LinkChannels channels;
    private final Explanations explanations;
    private final Work work;
    private final Liveness liveness;
    private final Joining joining;

    private final AtomicBoolean closed = new AtomicBoolean();
    private volatile Member self;
    private boolean lost;

    /** How many sessions this process has had. On the loop. */
    private long sessions;

    private boolean leaving;

    /** Once it is leaving: when it gives up to do so in good order. */
    private long leaveBy;

    private boolean watchingOthers;

    /**
     * The world a node lives in; its parts are closed with the node.
     *
     * @param loop where everything is decided
     * @param callbacks where the application is called
     */
    record Environment(EventLoop loop, EventLoop callbacks, KeyValueStore store, Transport transport, Runnable close) {}

    /**
     * Joins a cluster, waiting until this node is a member.
     *
     * @throws IllegalArgumentException if the configuration will not do
     * @throws LinkException if the port is taken, or the address is not this machine's
     * @throws StoreException if etcd refuses, is not etcd, or was not reached within the connect timeout
     */
    public static Cluster join(ClusterConfig config) {
        config.validate();
        String address = config.address().isEmpty() ? LocalAddress.reaching(config.etcd()) : config.address();
        ClusterConfig complete = config.withAddress(address);
        ThreadEventLoop loop = new ThreadEventLoop("coterie");
        ThreadEventLoop callbacks = new ThreadEventLoop("coterie-callbacks");
        EtcdStore store = new EtcdStore(config.etcd(), config.requestTimeout(), loop, config.meter());
        GrpcTransport transport = new GrpcTransport(address, config.port());
        Environment environment = new Environment(loop, callbacks, store, transport, () -> {
            transport.close();
            store.close();
            loop.close();
            callbacks.close();
        });
        int port;
        Links links = new Links(transport, loop, callbacks, MemberRecord::read);
        try {
            port = links.listen();
        } catch (LinkException cannotListen) {
            environment.close().run();
            throw cannotListen;
        }
        Cluster cluster = new Cluster(complete.withPort(port), environment, links);
        cluster.start();
        cluster.joining.await(cluster::close);
        return cluster;
    }

    /** A node in a given world; {@link #start} starts it. Its links listen already. */
    Cluster(ClusterConfig config, Environment environment, Links links) {
        this.config = config;
        this.meter = config.meter();
        this.environment = environment;
        this.links = links;
        this.loop = environment.loop();
        this.joining = new Joining(config, loop.clock());
        String host = LocalAddress.hostName();
        String name = config.name().isEmpty() ? nameOf(host) : config.name();
        this.self = new Member(
                name,
                name,
                host,
                config.address(),
                config.port(),
                config.weight(),
                config.eligible(),
                config.info(),
                List.of(),
                loop.clock().now(),
                Version.CURRENT);
        this.registration = new Registration(config.prefix(), self, ClusterConfig.DEFAULT_PORT);
        this.events = new Events<>(loop, environment.callbacks(), this::present);
        this.explanations = new Explanations(loop);
        links.onQuestion(explanations::answer);
        KeyValueStore store = environment.store();
        ClusterConfig.Liveness patience = config.liveness();
        LivenessConfig livenessConfig =
                new LivenessConfig(patience.hello(), patience.nodeTimeout(), patience.masterTimeout());
        SessionConfig sessionConfig = new SessionConfig(
                config.ttl(),
                config.refresh(),
                livenessConfig.pause(),
                this::newId,
                registration,
                registration::objection);
        this.session = new Session(store, loop, sessionConfig, new SessionEvents());
        this.membership =
                new Membership(store, loop, config.prefix(), config.reread(), session, new MembershipEvents());
        this.election = new Election(
                store,
                loop,
                config.prefix(),
                config.mastersRequired(),
                config.reread(),
                session,
                membership,
                new ElectionEvents());
        this.channels = new LinkChannels(
                store, loop, environment.callbacks(), config.prefix(), config.reread(), session, links, meter);
        this.work = new Work(
                new Work.Environment(
                        store,
                        loop,
                        environment.callbacks(),
                        links,
                        (channel, message) -> channels.tell(self, channel, message),
                        channels::anybodyHears,
                        () -> self),
                config.prefix(),
                config.work().withJournal(config.work().journal().withMeter(meter)));
        this.liveness = new Liveness(store, loop, livenessConfig, session, membership, links, meter, election::ending);
        Reasons reasons = new Reasons(
                () -> self, membership::view, election::standings, liveness::suspicions, session::remaining);
        explanations.put("master", reasons::master);
        explanations.put("member", reasons::member);
        explanations.put("task", work::explainTask);
        explanations.put("timer", work::explainTimer);
    }

    /** Begins to join, and returns at once. */
    void start() {
        loop.execute(() -> {
            membership.start();
            election.start();
            work.start();
            channels.start();
            session.start();
        });
    }

    /** Completes when this node is a member for the first time. */
    CompletionStage<Void> initialised() {
        return joining.stage();
    }

    @Override
    public Member self() {
        return self;
    }

    @Override
    public View view() {
        return membership.view();
    }

    @Override
    public List<Member> masters() {
        return election.masters().stream().map(Election.Mastered::member).toList();
    }

    @Override
    public Optional<Mastership> mastership() {
        return election.held().map(held -> held);
    }

    /**
     * Conditions that hold in a transaction only as long as a mastership of this node does.
     *
     * @param mastership from {@link DiscoveryEvent.Promoted} or {@link #mastership()}
     */
    public List<Condition> guard(Mastership mastership) {
        if (mastership instanceof FencedMastership fenced) {
            return fenced.guard();
        }
        throw new IllegalArgumentException("mastership: " + mastership + " is none of a cluster on etcd");
    }

    /** Who is master, who would be next, and why: all that this node knows of it at this moment. */
    public CompletionStage<Standings> standings() {
        CompletableFuture<Standings> answer = new CompletableFuture<>();
        loop.execute(() -> answer.complete(election.standings()));
        return answer;
    }

    /** The store itself, for what an application keeps there; closed with this node. */
    public KeyValueStore store() {
        return environment.store();
    }

    /** How many messages wait to be sent, to all other nodes together. */
    public int queuedMessages() {
        return links.queued();
    }

    /** How long this node's session stands without another refresh; zero if it has none. */
    public Duration sessionRemaining() {
        return session.remaining();
    }

    /**
     * Whom this node has suspected lately, on what evidence, and what came of it; the newest last, a hundred at most. A
     * member that watches another knows more than one that does not: ask all of them.
     */
    public List<Suspicion> suspicions() {
        return liveness.suspicions();
    }

    /**
     * {@inheritDoc}
     *
     * <p>Whoever subscribes late is first told how things stand: {@code Init} with the present view, {@code
     * MasterChanged} for the present masters, {@code Promoted} if this node is one.
     */
    @Override
    public <E extends DiscoveryEvent> Subscription on(Class<E> type, Consumer<? super E> handler) {
        return events.on(type, handler);
    }

    @Override
    public Channels channels() {
        return channels;
    }

    /**
     * Explains why something is as it is, as this node sees it. {@link Observer#explain} asks all nodes.
     *
     * @param subject {@code master}, {@code member}, {@code task} or {@code timer}, or what {@link #explains} has added
     * @param name of what is to be explained: a slot or a master's name, a member's name or id, the id of a task or timer
     * @return fails with an IllegalArgumentException if nobody here explains such things
     */
    public CompletionStage<Explanation> explain(String subject, String name) {
        return explanations.explain(subject, name);
    }

    /**
     * Lets this node explain something else too, here and to those who ask from outside.
     *
     * @param subject what kind of thing, such as {@code service}
     * @param explainer gets the name of what is to be explained; on the event loop, must not block
     */
    public void explains(String subject, Function<String, Explanation> explainer) {
        loop.execute(() -> explanations.put(subject, explainer));
    }

    /** Durable tasks: submitted here, done wherever they are handled. */
    public Tasks tasks() {
        return work.tasks();
    }

    /** Durable timers: set here, fired wherever their type is handled. */
    public Timers timers() {
        return work.timers();
    }

    @Override
    public CompletionStage<Void> promote() {
        return onLoop(() -> {
            CompletableFuture<Void> registered = eligible(true);
            return election.promote().thenCompose(promoted -> registered);
        });
    }

    @Override
    public CompletionStage<Void> promote(Member member) {
        return onLoop(() -> election.promote(member));
    }

    @Override
    public CompletionStage<Void> demote(boolean permanent) {
        return onLoop(() -> {
            CompletableFuture<Void> registered = permanent ? eligible(false) : CompletableFuture.completedFuture(null);
            return election.stepDown().thenCompose(steppedDown -> registered);
        });
    }

    @Override
    public CompletionStage<Void> advertise(Map<String, Object> info) {
        return update(member -> member.withInfo(info));
    }

    @Override
    public CompletionStage<Void> advertise(List<Service> services) {
        return update(member -> member.withServices(services));
    }

    /** Refuses at once what can be seen to be too large. */
    private CompletionStage<Void> update(UnaryOperator<Member> change) {
        byte[] unused = MemberRecord.write(change.apply(registration.member()));
        return onLoop(() -> update(change.apply(registration.member())));
    }

    /**
     * {@inheritDoc}
     *
     * <p>All of it has one deadline: {@link WorkSettings#drain} and a second, which is 2 s unless that is set otherwise.
     * What a node that leaves does not need for the tasks that it runs, its successor has for reading the journal.
     * Without etcd it takes as long at most, and the lease is left to run out. Links to other nodes that take nothing any
     * more then add up to 2.5 s.
     */
    @Override
    public void close() {
        if (closed.getAndSet(true)) {
            return;
        }
        try {
            leave().get(longestLeave().toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException late) {
            leftToRunOut("no answer within " + longestLeave().toMillis() + " ms");
        } catch (ExecutionException unreachable) {
            leftToRunOut(Optional.ofNullable(unreachable.getCause())
                    .map(Throwable::getMessage)
                    .orElse("it failed"));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        environment.close().run();
    }

    private void leftToRunOut(String why) {
        log.info(
                "etcd could not be told that {} leaves; its lease is left to run out, in {} s at most ({})",
                self.name(),
                config.ttl().toSeconds(),
                why);
    }

    private Duration longestLeave() {
        return config.work().drain().plus(LEAVE);
    }

    /**
     * Ends what it works on and hands over what is held, then ends the session, and takes no further part. Completes on
     * the loop.
     */
    CompletableFuture<Void> leave() {
        CompletableFuture<Void> left = new CompletableFuture<>();
        loop.execute(() -> leave(left));
        return left;
    }

    private void leave(CompletableFuture<Void> left) {
        if (leaving) {
            left.complete(null);
            return;
        }
        leaving = true;
        leaveBy = loop.clock().nanoTime() + longestLeave().toNanos();
        Runnable end = () -> {
            election.close();
            membership.close();
            channels.close();
            work.close();
            liveness.close();
            loop.then(session.close(), left::complete, left::completeExceptionally);
        };
        // Whoever leaves becomes no master while it does.
        election.eligible(false);
        loop.then(
                work.drain(election.next()).thenCompose(drained -> election.stepDown()),
                steppedDown -> end.run(),
                failure -> end.run());
    }

    /** Members, masters or the session are others now: soon, behind what comes of it for the election. On the loop. */
    private void watchOthers() {
        if (!watchingOthers) {
            watchingOthers = true;
            loop.execute(() -> {
                watchingOthers = false;
                liveness.reconsider(masters().stream().map(Member::id).collect(Collectors.toSet()));
            });
        }
    }

    /** How things stand, for a subscriber that comes late. On the loop. */
    private List<DiscoveryEvent> present() {
        List<DiscoveryEvent> now = new ArrayList<>();
        if (membership.initialised()) {
            now.add(new DiscoveryEvent.Init(membership.view(), self));
            election.masters()
                    .forEach(master ->
                            now.add(new DiscoveryEvent.MasterChanged(master.member(), master.slot(), master.term())));
            election.held().ifPresent(held -> now.add(new DiscoveryEvent.Promoted(self, held)));
        }
        return now;
    }

    private CompletableFuture<Void> eligible(boolean nowEligible) {
        election.eligible(nowEligible);
        return registration.member().eligible() == nowEligible
                ? CompletableFuture.completedFuture(null)
                : update(registration.member().withEligible(nowEligible));
    }

    private CompletableFuture<Void> update(Member changed) {
        registration.member(changed);
        self = changed.withId(self.id());
        return session.keep(registration);
    }

    private CompletableFuture<Void> onLoop(Supplier<CompletableFuture<Void>> action) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        loop.execute(() -> loop.then(action.get(), done::complete, done::completeExceptionally));
        return done;
    }

    private String newId() {
        return registration.member().name() + "-"
                + new UUID(loop.random().nextLong(), loop.random().nextLong());
    }

    private static String nameOf(String host) {
        String name = host.replaceAll("[^A-Za-z0-9._-]", "-");
        return name.length() > 64 ? name.substring(0, 64) : name;
    }

    private boolean isSelf(Member member) {
        return member.address().equals(self.address()) && member.port() == self.port();
    }

    private final class SessionEvents implements Session.Listener {

        @Override
        public void joined(Identity identity) {
            meter.count(Count.SESSION_BEGUN, 1);
            self = registration.member().withId(identity.nodeId());
            links.introduce(self, ++sessions, MemberRecord.write(self));
            links.members(membership.view().members());
            channels.reconsider();
            if (lost) {
                lost = false;
                events.emit(new DiscoveryEvent.Rejoined(self));
            }
            membership.joined();
            work.members(membership.view());
            work.joined();
            election.reconsider();
            watchOthers();
        }

        @Override
        public void lost(Identity identity, String reason) {
            meter.count(Count.SESSION_LOST, 1);
            log.warn("The session of {} was lost: {}; joining again", identity.nodeId(), reason);
            election.sessionLost(reason);
            watchOthers();
            // Before the first view nobody was told of a session, and its loss is no news.
            if (membership.initialised()) {
                lost = true;
                events.emit(new DiscoveryEvent.SessionLost(self, reason));
            }
        }

        @Override
        public void troubled(StoreException cause) {
            if (!leaving) {
                joining.troubled(cause);
            }
        }
    }

    private final class MembershipEvents implements Membership.Listener {

        @Override
        public void initialised(View view, Member member) {
            links.members(view.members());
            channels.reconsider();
            work.members(view);
            events.emit(new DiscoveryEvent.Init(view, member));
            joining.joined();
            election.reconsider();
            watchOthers();
            loop.schedule(REHEARSE_AFTER, this::rehearse);
        }

        private void rehearse() {
            if (!leaving) {
                election.rehearse();
                liveness.rehearse();
            }
        }

        @Override
        public void changed(View view, List<Member> added, List<Member> removed, List<Membership.Updated> updated) {
            links.members(view.members());
            channels.reconsider();
            work.members(view);
            List<Member> others =
                    added.stream().filter(member -> !isSelf(member)).toList();
            List<Member> gone =
                    removed.stream().filter(member -> !isSelf(member)).toList();
            gone.forEach(member -> events.emit(new DiscoveryEvent.MemberRemoved(member)));
            others.forEach(member -> events.emit(new DiscoveryEvent.MemberAdded(member)));
            updated.forEach(update -> events.emit(new DiscoveryEvent.MemberUpdated(update.before(), update.after())));
            events.emit(new DiscoveryEvent.Change(
                    view,
                    added,
                    removed,
                    updated.stream().map(Membership.Updated::after).toList()));
            election.reconsider();
            watchOthers();
        }
    }

    private final class ElectionEvents implements Election.Listener {

        @Override
        public void promoted(FencedMastership mastership) {
            // Told first: what the work of a master needs to begin takes some milliseconds the first time.
            events.emit(new DiscoveryEvent.Promoted(self, mastership));
            meter.count(Count.PROMOTED, 1);
            work.promoted(mastership);
        }

        @Override
        public void demoted(FencedMastership mastership, String reason) {
            meter.count(Count.DEMOTED, 1);
            work.demoted(mastership);
            events.emit(new DiscoveryEvent.Demoted(self, mastership, reason));
        }

        @Override
        public void master(Member master, int slot, long term) {
            work.master(master, slot, term);
            events.emit(new DiscoveryEvent.MasterChanged(master, slot, term));
            watchOthers();
        }

        @Override
        public CompletableFuture<Void> handingOver(Optional<Member> successor) {
            Duration left = Duration.ofNanos(leaveBy - loop.clock().nanoTime());
            return work.beforeHandOver(successor, leaving ? left.minus(TELL) : HAND_OVER);
        }

        @Override
        public void handOverFailed() {
            if (!leaving) {
                work.handOverFailed();
            }
        }
    }
}
