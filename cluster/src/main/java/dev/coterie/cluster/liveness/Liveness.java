package dev.coterie.cluster.liveness;

import dev.coterie.cluster.concurrent.EventLoop;
import dev.coterie.cluster.concurrent.EventLoop.Scheduled;
import dev.coterie.cluster.discovery.Member;
import dev.coterie.cluster.link.Kinds;
import dev.coterie.cluster.link.LinkException;
import dev.coterie.cluster.link.Links;
import dev.coterie.cluster.link.Message;
import dev.coterie.cluster.membership.Membership;
import dev.coterie.cluster.membership.Membership.Registered;
import dev.coterie.cluster.meter.Meter;
import dev.coterie.cluster.meter.Meter.Count;
import dev.coterie.cluster.session.Identity;
import dev.coterie.cluster.session.Session;
import dev.coterie.cluster.store.Entry;
import dev.coterie.cluster.store.KeyValueStore;
import dev.coterie.cluster.store.Lease;
import dev.coterie.cluster.store.Range;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches a few other nodes and lets a few watch this one; ends the session of a node that is dead. Single-threaded:
 * everything but {@link #suspicions} happens on the event loop.
 *
 * <p>What it sends travels on links of its own, not behind an application's messages, and is handled on the event loop,
 * not behind its callbacks.
 */
public final class Liveness implements AutoCloseable {

    /** Reserved, and served by nobody (IANA: tcpmux). */
    private static final int NOBODYS_PORT = 1;

    private static final Logger log = LoggerFactory.getLogger(Liveness.class);

    /** How many looks for others may be going on; whoever asks for more gets no answer. */
    private static final int MOST_FAVOURS = 64;

    private static final byte[] NOTHING = {};

    /** The id of a question that was asked before, on a link that may lead nowhere. */
    private static final long ANEW = 1;

    private final KeyValueStore store;
    private final EventLoop loop;
    private final LivenessConfig config;
    private final Session session;
    private final Membership membership;
    private final Links links;
    private final Meter meter;
    private final Hellos hellos;
    private final FailureDetector detector;

    private Scheduled tick = Scheduled.NONE;
    private long tickAt;
    private int favours;
    private final Consumer<String> ending;
    private boolean started;
    private boolean closed;

    /**
     * Prepares it; the first call of {@link #reconsider} starts it. Before the links listen.
     *
     * @param ending is told whose session is being ended, when the store was asked to and has not answered
     */
    public Liveness(
            KeyValueStore store,
            EventLoop loop,
            LivenessConfig config,
            Session session,
            Membership membership,
            Links links,
            Meter meter,
            Consumer<String> ending) {
        this.store = store;
        this.loop = loop;
        this.config = config;
        this.session = session;
        this.membership = membership;
        this.links = links;
        this.meter = meter;
        this.ending = ending;
        this.hellos = new Hellos(links, loop, this::broken);
        this.detector = new FailureDetector(config, loop.clock(), loop.random(), new Doing());
        links.onLoop(Kinds.HELLO, (from, message) -> told(() -> detector.heard(from.id())));
        links.onLoop(Kinds.MISSED, (from, message) -> hellos.renew(from));
        links.onLoop(Kinds.LOOK, this::askedToLook);
        links.onLoop(Kinds.SEEN, this::answered);
        links.onEnd((from, cause) -> loop.execute(() -> broken(from, cause)));
    }

    /**
     * The members, the masters or this node's session have changed. On the loop.
     *
     * @param masters the ids of those that are master
     */
    public void reconsider(Set<String> masters) {
        if (closed) {
            return;
        }
        if (!started) {
            started = true;
            tickAt = loop.clock().nanoTime();
        }
        Optional<Member> self =
                session.current().flatMap(own -> membership.view().member(own.nodeId()));
        told(() -> detector.members(self.orElse(null), membership.view(), masters));
    }

    /**
     * Ends a session that nobody has, and is refused where nobody listens: in a JVM that has never done so, the first
     * time takes much longer. On the loop.
     */
    public void rehearse() {
        loop.then(store.revoke(loop.random().nextLong(1, Long.MAX_VALUE)), done -> {}, failure -> {});
        session.current()
                .flatMap(own -> membership.view().member(own.nodeId()))
                .ifPresent(self -> look(self.withPort(NOBODYS_PORT), Optional.empty(), seen -> {}));
    }

    /** What this node has suspected lately, the newest last; a hundred at most. Any thread. */
    public List<Suspicion> suspicions() {
        return detector.suspicions();
    }

    /** Watches no more. On the loop. */
    @Override
    public void close() {
        closed = true;
        tick.cancel();
        hellos.close();
    }

    /** Tells the detector something, and sees to it that it is called again when it wants to. */
    private void told(Runnable what) {
        if (!started || closed) {
            return;
        }
        what.run();
        long wanted = detector.due();
        if (wanted != tickAt || tick == Scheduled.NONE) {
            tick.cancel();
            tickAt = wanted;
            tick = loop.schedule(Duration.ofNanos(wanted - loop.clock().nanoTime()), () -> {
                tick = Scheduled.NONE;
                told(detector::tick);
            });
        }
    }

    private void broken(Member member, LinkException cause) {
        if (cause.kind() == LinkException.Kind.BROKEN) {
            told(() -> detector.broken(member.id()));
        }
    }

    // --- Looking ----------------------------------------------------------------------------------------------------

    /** What is wrong here would else come out only when it counts; and all code on the way has run once. */
    private void met(Member member, Sighting seen) {
        if (seen.missing() && membership.view().member(member.id()).isPresent()) {
            log.info(
                    "{} cannot be reached at {}:{} ({}): check its address, and what is in between",
                    member.name(),
                    member.address(),
                    member.port(),
                    seen);
        }
    }

    private void look(Member member, Optional<Message> message, Consumer<Sighting> then) {
        Look.at(member, message, links, loop, config.look(), then);
    }

    /** Another node asks what comes of a look from here. */
    private void askedToLook(Member from, Message message) {
        Optional<Member> suspect = membership.view().member(message.subject());
        if (closed || favours >= MOST_FAVOURS) {
            return;
        }
        hellos.answer(from);
        if (suspect.isEmpty()) {
            answer(from, message, Sighting.UNKNOWN);
            return;
        }
        favours++;
        look(suspect.get(), Optional.empty(), seen -> {
            favours--;
            answer(from, message, seen);
        });
    }

    /** On the link that there is, unless it was asked for anew: then the one who asked has heard nothing on it. */
    private void answer(Member to, Message question, Sighting seen) {
        Message answer = new Message(Kinds.SEEN, question.subject(), 0, seen.payload());
        if (question.id() == ANEW || !hellos.offer(to, answer)) {
            look(to, Optional.of(answer), reached -> {});
        }
    }

    private void answered(Member from, Message message) {
        told(() -> detector.answered(from.id(), message.subject(), Sighting.of(message.payload())));
    }

    // --- Acting -----------------------------------------------------------------------------------------------------

    /** The very registration that is suspected, if the store still has it. */
    private void confirm(Member suspect) {
        Optional<Registered> known = membership.registered(suspect.id());
        if (known.isEmpty()) {
            loop.execute(() -> told(() -> detector.stands(suspect.id(), false)));
            return;
        }
        Entry entry = known.get().entry();
        loop.then(
                store.range(Range.key(entry.key())),
                page -> {
                    boolean same = page.entries().stream()
                            .anyMatch(now ->
                                    now.createRevision() == entry.createRevision() && now.lease() == entry.lease());
                    told(() -> detector.stands(suspect.id(), same));
                },
                failure -> told(() -> detector.storeUnreachable(suspect.id())));
    }

    /** A lease is of one session alone: nobody else is hit, and doing it twice does no harm. */
    private void evict(Member suspect) {
        long lease = membership
                .registered(suspect.id())
                .map(known -> known.entry().lease())
                .orElse(Lease.NONE);
        Optional<Identity> own = session.current();
        if (lease == Lease.NONE || own.isEmpty()) {
            loop.execute(() -> told(() -> detector.stands(suspect.id(), false)));
            return;
        }
        Runnable evicted = () -> {
            meter.count(Count.MEMBER_EVICTED, 1);
            told(() -> detector.evicted(suspect.id()));
        };
        loop.then(store.revoke(lease), done -> evicted.run(), failure -> {
            log.info("The session of {} could not be ended: {}", suspect.id(), failure.getMessage());
            told(() -> detector.storeUnreachable(suspect.id()));
        });
        ending.accept(suspect.id());
        log.info("{} is taken for dead; its session is being ended", suspect.id());
    }

    /** What the detector decides is done here. */
    private final class Doing implements FailureDetector.Actions {

        @Override
        public void watchedBy(List<Member> watchers) {
            hellos.only(watchers);
        }

        @Override
        public void hello(Member to) {
            hellos.say(to);
        }

        @Override
        public void look(Member member, boolean suspected) {
            Optional<Message> missed =
                    suspected ? Optional.of(new Message(Kinds.MISSED, "", 0, NOTHING)) : Optional.empty();
            Liveness.this.look(member, missed, seen -> told(() -> detector.saw(member.id(), seen)));
        }

        @Override
        public void meet(Member member) {
            Liveness.this.look(member, Optional.empty(), seen -> met(member, seen));
        }

        @Override
        public void ask(Member helper, Member suspect, boolean anew) {
            Message question = new Message(Kinds.LOOK, suspect.id(), anew ? ANEW : 0, NOTHING);
            if (anew || !hellos.offer(helper, question)) {
                Liveness.this.look(helper, Optional.of(question), seen -> told(() -> detector.saw(helper.id(), seen)));
            }
        }

        @Override
        public void confirm(Member suspect) {
            Liveness.this.confirm(suspect);
        }

        @Override
        public void evict(Member suspect) {
            Liveness.this.evict(suspect);
        }

        @Override
        public void doubtSelf() {
            session.doubt();
        }
    }
}
