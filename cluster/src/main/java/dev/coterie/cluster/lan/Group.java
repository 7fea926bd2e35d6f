package dev.coterie.cluster.lan;

import dev.coterie.cluster.concurrent.Clock;
import dev.coterie.cluster.concurrent.EventLoop;
import dev.coterie.cluster.concurrent.EventLoop.Scheduled;
import dev.coterie.cluster.discovery.DiscoveryEvent;
import dev.coterie.cluster.discovery.Member;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Who is there: nodes come with their hellos and go with their goodbyes, or when they have been silent for too long.
 * Single-threaded: on the event loop, by its clock.
 */
final class Group {

    /** A hello later than this share of the interval is missed: its sender is asked whether it is there. */
    private static final double OVERDUE = 1.1;

    /** A loop later than this was held up, and time was lost for everybody it waits for. */
    private static final long LATE_NANOS = Duration.ofMillis(2).toNanos();

    /** The part of the interval by which a hello may be early. */
    private static final double SOON = 0.25;

    private static final int LARGEST_COMPANY = 50;

    private final EventLoop loop;
    private final Clock clock;
    private final Outside outside;
    private final Roster roster;
    private final Masters masters;
    private final long helloInterval;
    private final long checkInterval;
    private final long nodeTimeout;
    private final long masterTimeout;
    private final boolean silent;
    private final boolean probing;

    private Scheduled next = Scheduled.NONE;
    private long nextAt;
    private boolean planned;
    /** Whose silence the next look is for; null if it is for something else. */
    private @Nullable Seen awaited;

    private long nextHello;
    private boolean started;
    private boolean closed;
    private volatile long lookedAt;

    /** What a group does to the world. On the event loop. */
    interface Outside {

        /** Says hello to all. */
        void hello(Hello hello);

        /** Says hello to one that has just come. */
        void hello(Hello hello, Peer to);

        /** Asks the network whether anybody is there; if nobody is, {@link Group#gone} is told. */
        void probe(Peer of);

        /** Asks a node to become master in this one's place. */
        void promote(Peer successor);

        /** Tells the application. */
        void emit(DiscoveryEvent event);
    }

    Group(EventLoop loop, LanConfig config, Member self, Outside outside) {
        this.loop = loop;
        this.clock = loop.clock();
        this.outside = outside;
        this.roster = new Roster(self);
        this.helloInterval = config.helloInterval().toNanos();
        this.checkInterval = config.checkInterval().toNanos();
        this.nodeTimeout = config.nodeTimeout().toNanos();
        this.masterTimeout = config.masterTimeout().toNanos();
        this.silent = config.client();
        // What the network says is not sealed: a group with a key does not believe it.
        this.probing = config.key() == null;
        this.masters = new Masters(clock, config, roster, this::isAwake, outside, this::sayHello);
        this.lookedAt = clock.nanoTime();
    }

    Roster roster() {
        return roster;
    }

    Masters masters() {
        return masters;
    }

    /** Begins: says hello, and listens for a while before it claims anything. */
    void start() {
        started = true;
        long now = clock.nanoTime();
        nextHello = now + helloInterval;
        outside.emit(new DiscoveryEvent.Init(roster.view(), roster.self()));
        masters.start(now);
        sayHello();
        look();
    }

    boolean isStarted() {
        return started;
    }

    /** Says no more. */
    void close() {
        closed = true;
        next.cancel();
    }

    /** Whether it has looked around within the time after which others give up a master. Any thread. */
    private boolean isAwake() {
        return clock.nanoTime() - lookedAt < masterTimeout;
    }

    // --- What comes in ----------------------------------------------------------------------------------------------

    /** A hello has come. Says whether there was room for its sender. */
    boolean heard(Packet packet, Hello hello, InetSocketAddress from) {
        Seen one = roster.find(packet.sender()).orElse(null);
        if (one != null && one.isOvertaken(packet)) {
            return true;
        }
        if (one != null && one.saysTheSame(hello, from)) {
            one.again(packet);
            spoke(one);
            boolean joins = sayHelloInCompany();
            if (joins || one.equals(awaited)) {
                plan();
            }
            return true;
        }
        boolean isNew = one == null;
        if (one == null) {
            if (roster.isFull()) {
                return false;
            }
            one = new Seen(packet, hello, from, clock.now());
            arrived(one);
        } else {
            updated(one, packet, hello, from);
        }
        masters.heard(one);
        if (isNew && !silent && !closed) {
            outside.hello(masters.hello(roster.self()), one.peer(sharesAddress(one)));
        }
        spoke(one);
        plan();
        return true;
    }

    /**
     * One that would say hello soon does when another has: so in a while all say it together, some times in an interval,
     * and each is woken so often and not once for every other. In a large group it would be too much at once.
     */
    private boolean sayHelloInCompany() {
        long now = clock.nanoTime();
        boolean soon = nextHello - now <= helloInterval * SOON;
        if (soon && roster.others().size() <= LARGEST_COMPANY) {
            nextHello = now;
            return true;
        }
        return false;
    }

    private void spoke(Seen one) {
        one.lastSeen(clock.nanoTime());
        one.nextProbe(0);
    }

    private boolean sharesAddress(Seen one) {
        return roster.others().stream().anyMatch(other -> other != one && other.sameAddress(one));
    }

    private void arrived(Seen one) {
        roster.add(one);
        outside.emit(new DiscoveryEvent.MemberAdded(one.member()));
        changed(List.of(one.member()), List.of(), List.of());
    }

    private void updated(Seen one, Packet packet, Hello hello, InetSocketAddress from) {
        Member before = one.member();
        one.update(packet, hello, from);
        if (!before.equals(one.member())) {
            roster.publish();
            outside.emit(new DiscoveryEvent.MemberUpdated(before, one.member()));
            changed(List.of(), List.of(), List.of(one.member()));
        }
    }

    /** A node has said goodbye, or the network says that nobody is there any more. */
    void gone(String id) {
        roster.find(id).ifPresent(one -> {
            remove(one);
            masters.settle();
            plan();
        });
    }

    private void remove(Seen one) {
        roster.remove(one);
        outside.emit(new DiscoveryEvent.MemberRemoved(one.member()));
        changed(List.of(), List.of(one.member()), List.of());
        masters.removed(one);
    }

    private void changed(List<Member> added, List<Member> removed, List<Member> updated) {
        outside.emit(new DiscoveryEvent.Change(roster.view(), added, removed, updated));
    }

    // --- What the application wants ---------------------------------------------------------------------------------

    /** Says something else of this node. */
    void describe(UnaryOperator<Member> change) {
        Member before = roster.self();
        Member after = change.apply(before);
        if (!after.equals(before)) {
            roster.self(after);
            outside.emit(new DiscoveryEvent.MemberUpdated(before, after));
            changed(List.of(), List.of(), List.of(after));
        }
        sayHello();
    }

    CompletableFuture<Void> promote() {
        makeEligible(true);
        return planning(masters.promote());
    }

    CompletableFuture<Void> promote(Member member) {
        return planning(masters.promote(member));
    }

    CompletableFuture<Void> demote(boolean permanent) {
        // The successor first: the group waits for it.
        CompletableFuture<Void> done = masters.demote();
        if (permanent) {
            makeEligible(false);
        }
        return planning(done);
    }

    /** Hands over what this node holds, and claims nothing more. */
    CompletableFuture<Void> leave() {
        return planning(masters.leave());
    }

    private void makeEligible(boolean eligible) {
        if (roster.self().eligible() != eligible) {
            describe(self -> self.withEligible(eligible));
        }
    }

    private CompletableFuture<Void> planning(CompletableFuture<Void> done) {
        plan();
        return done;
    }

    // --- What time brings -------------------------------------------------------------------------------------------

    private void look() {
        long now = clock.nanoTime();
        if (planned && now - nextAt > LATE_NANOS) {
            forgive(now - nextAt);
        }
        planned = false;
        lookedAt = now;
        if (nextHello - now <= 0) {
            nextHello = Math.max(nextHello + helloInterval, now + 1);
            sayHello();
        }
        for (Seen one : List.copyOf(roster.others())) {
            look(one, now);
        }
        masters.tick(now);
        plan();
    }

    private void look(Seen one, long now) {
        if (now - due(one) >= 0) {
            remove(one);
        } else if (probing && now - probeDue(one) >= 0) {
            one.nextProbe(now + helloInterval / 2);
            outside.probe(one.peer(sharesAddress(one)));
        }
    }

    /** This node stood still. The others may have spoken all the while, and what they said may still be unread. */
    private void forgive(long late) {
        long now = clock.nanoTime();
        roster.others().forEach(one -> one.lastSeen(Math.min(now, one.lastSeen() + late)));
        nextHello = Math.min(nextHello, now);
        masters.late(late);
    }

    private long due(Seen one) {
        return one.lastSeen() + (one.isMaster() ? masterTimeout : nodeTimeout);
    }

    private long probeDue(Seen one) {
        return one.nextProbe() != 0 ? one.nextProbe() : one.lastSeen() + (long) (helloInterval * OVERDUE);
    }

    /** Sees to it that the next look comes when there is something to see, and no sooner: each costs a wake-up. */
    private void plan() {
        long now = clock.nanoTime();
        // One that is overdue comes at once, and is to see by how much.
        if (closed || (planned && now - nextAt >= 0)) {
            return;
        }
        long at = Math.min(nextHello - now, lookedAt + checkInterval - now);
        at = Math.min(at, masters.due() - now);
        awaited = null;
        for (Seen one : roster.others()) {
            long silent = (probing ? Math.min(due(one), probeDue(one)) : due(one)) - now;
            if (silent < at) {
                at = silent;
                awaited = one;
            }
        }
        long then = now + Math.max(0, at);
        if (!planned || then != nextAt) {
            next.cancel();
            nextAt = then;
            planned = true;
            next = loop.schedule(Duration.ofNanos(then - now), this::look);
        }
    }

    private void sayHello() {
        if (!silent && !closed) {
            outside.hello(masters.hello(roster.self()));
        }
    }
}
