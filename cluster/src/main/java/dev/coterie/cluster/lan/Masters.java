package dev.coterie.cluster.lan;

import dev.coterie.cluster.concurrent.Clock;
import dev.coterie.cluster.discovery.DiscoveryEvent;
import dev.coterie.cluster.discovery.Mastership;
import dev.coterie.cluster.discovery.Member;
import dev.coterie.cluster.lan.Hello.Own;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Who is master, by what this node has heard: there is no vote. A node becomes master when there are too few, it is
 * eligible, and knows nobody who would go before it; it steps down when enough others go before it. All know the same
 * of one another after a hello each, and so come to the same masters.
 *
 * <p>A promotion raises the weight of its node above all masters, as long as the mastership lasts: so it wins by the
 * rule that all follow, node-discover too. Single-threaded: on the event loop.
 */
final class Masters {

    /** For how many hellos of the others a node that has just started listens at least before it claims anything. */
    private static final int LISTENING = 2;

    private static final long ASK_AGAIN_NANOS = Duration.ofMillis(50).toNanos();
    private static final int ASKED_AT_MOST = 6;

    private final Clock clock;
    private final int required;
    private final boolean never;
    private final double weight;
    private final long listening;
    private final Roster roster;
    private final BooleanSupplier awake;
    private final Group.Outside outside;
    private final Runnable sayHello;

    private volatile @Nullable LanMastership held;
    private volatile List<Member> known = List.of();
    /** Above {@link #weight} while promoted. */
    private double claimed;
    /** The master that has handed over to this one. */
    private String replaces = "";

    private long highestTerm;
    private long listeningUntil;
    private boolean isListening;
    private boolean standingAside;
    private boolean leaving;
    private @Nullable HandOver handOver;

    /** A successor was asked, and has not said yet that it is master. */
    private static final class HandOver {
        private final String successor;
        private final boolean willing;
        private final CompletableFuture<Void> done = new CompletableFuture<>();
        private int asked;
        private long nextAt;

        /** @param willing whether this node steps down also if the successor does not answer */
        HandOver(String successor, boolean willing) {
            this.successor = successor;
            this.willing = willing;
        }
    }

    /** @param sayHello called when there is something new to say */
    Masters(
            Clock clock,
            LanConfig config,
            Roster roster,
            BooleanSupplier awake,
            Group.Outside outside,
            Runnable sayHello) {
        this.clock = clock;
        this.required = config.mastersRequired();
        this.never = config.client();
        this.weight = roster.self().weight();
        this.claimed = weight;
        // A master that it has not heard yet is not silent for longer than one that it has.
        this.listening = Math.max(
                config.helloInterval().toNanos() * LISTENING,
                config.masterTimeout().toNanos());
        this.roster = roster;
        this.awake = awake;
        this.outside = outside;
        this.sayHello = sayHello;
    }

    void start(long now) {
        isListening = true;
        listeningUntil = now + listening;
    }

    /** This node stood still, and has heard nothing all the while. */
    void late(long nanos) {
        listeningUntil += nanos;
    }

    /** What this node holds. Any thread. */
    Optional<Mastership> held() {
        return Optional.ofNullable(held);
    }

    /** Whether it has just started, and claims nothing yet. */
    boolean listens() {
        return isListening;
    }

    /** The masters, by slot. Any thread. */
    List<Member> known() {
        return known;
    }

    /** How things stand, for a subscriber that comes late. */
    List<DiscoveryEvent> present() {
        List<DiscoveryEvent> now = new ArrayList<>();
        roster.masters()
                .forEach(one -> now.add(new DiscoveryEvent.MasterChanged(one.member(), one.slot(), one.term())));
        LanMastership mine = held;
        if (mine != null) {
            now.add(new DiscoveryEvent.MasterChanged(roster.self(), mine.slot(), mine.term()));
            now.add(new DiscoveryEvent.Promoted(roster.self(), mine));
        }
        return now;
    }

    /** What this node says now, or would say of itself. Any thread, if only the size counts. */
    Hello hello(Member self) {
        LanMastership mine = held;
        Own own = new Own(
                self.name(),
                self.weight(),
                self.eligible(),
                self.services(),
                self.startedAt(),
                self.version(),
                mine == null ? highestTerm : mine.term(),
                mine == null ? -1 : mine.slot(),
                replaces);
        return new Hello(mine != null, eligible(), claimed, self.info(), own);
    }

    private boolean eligible() {
        return roster.self().eligible() && !standingAside && !leaving && !never;
    }

    // --- What others say --------------------------------------------------------------------------------------------

    /** A node has said hello. */
    void heard(Seen one) {
        Own own = one.hello().own();
        if (own != null) {
            highestTerm = Math.max(highestTerm, own.term());
        }
        if (!one.hello().master() || isReplaced(one)) {
            one.notMaster();
        } else {
            heardMaster(one, own == null ? (one.isMaster() ? one.term() : highestTerm + 1) : own.term());
        }
        settle();
    }

    private void heardMaster(Seen one, long term) {
        highestTerm = Math.max(highestTerm, term);
        isListening = false;
        stepForward();
        boolean began = !one.isMasterIn(term);
        if (began) {
            Own own = one.hello().own();
            one.master(term, own == null ? freeSlot() : own.slot());
        }
        replaced(one);
        if (began) {
            publish();
            outside.emit(new DiscoveryEvent.MasterChanged(one.member(), one.slot(), term));
        }
        handedOver(one);
    }

    /** Another is master: this node may be the next again, and says so before somebody looks for one. */
    private void stepForward() {
        if (standingAside) {
            standingAside = false;
            sayHello.run();
        }
    }

    /** Whether a master has taken its place since: what it says then was underway for longer. */
    private boolean isReplaced(Seen one) {
        long term =
                one.hello().own() == null ? Long.MAX_VALUE : one.hello().own().term();
        LanMastership mine = held;
        boolean byUs = mine != null && replaces.equals(one.id()) && mine.term() > term;
        return byUs
                || roster.others().stream()
                        .anyMatch(
                                other -> other.isMaster() && other.replaces().equals(one.id()) && other.term() > term);
    }

    /** A master has come in another's place, perhaps in this node's. */
    private void replaced(Seen successor) {
        String whose = successor.replaces();
        LanMastership mine = held;
        if (mine != null && whose.equals(roster.self().id()) && successor.term() > mine.term()) {
            demoted("handed over to " + successor.member().name());
        }
        roster.find(whose)
                .filter(one -> one.isMaster() && one.term() < successor.term())
                .ifPresent(Seen::notMaster);
    }

    /** Whoever waits for this successor may go on, now that all have been told. */
    private void handedOver(Seen successor) {
        HandOver open = handOver;
        if (open != null && open.successor.equals(successor.id())) {
            handOver = null;
            open.done.complete(null);
        }
    }

    /** A node is there no more. */
    void removed(Seen one) {
        isListening &= !one.isMaster();
        HandOver open = handOver;
        if (open != null && open.successor.equals(one.id())) {
            failed(open);
        }
    }

    // --- The rule ---------------------------------------------------------------------------------------------------

    /** Follows the rule, now that something may have changed. */
    void settle() {
        List<Seen> masters = roster.masters();
        if (held != null) {
            List<Seen> before =
                    masters.stream().filter(one -> one.rank().isBefore(rank())).toList();
            if (before.size() >= required) {
                demoted(before.get(0).member().name() + " goes before it");
            }
        } else if (masters.size() < required && !isListening && mayBegin() && !knowsBetter()) {
            begin(weight, "");
        }
        publish();
    }

    private boolean mayBegin() {
        if (standingAside && allStandAside()) {
            standingAside = false;
        }
        return eligible();
    }

    /** Whether all would wait for one another, and this node is the first to give that up. */
    private boolean allStandAside() {
        List<Seen> aside = roster.others().stream().filter(Seen::standsAside).toList();
        return !aside.isEmpty()
                && roster.others().stream().noneMatch(Seen::candidate)
                && aside.stream().noneMatch(one -> one.rank().isBefore(rank()));
    }

    private boolean knowsBetter() {
        return roster.others().stream()
                .anyMatch(one -> one.candidate() && one.rank().isBefore(rank()));
    }

    /** Where this node stands in the order. */
    Rank rank() {
        return new Rank(claimed, false, roster.self().startedAt(), roster.self().id());
    }

    private void begin(double claim, String inPlaceOf) {
        int slot = freeSlot();
        standingAside = false;
        claimed = claim;
        replaces = inPlaceOf;
        highestTerm++;
        LanMastership mine = new LanMastership(slot, highestTerm, awake);
        held = mine;
        publish();
        // Others wait for this more than the application does.
        sayHello.run();
        outside.emit(new DiscoveryEvent.Promoted(roster.self(), mine));
        outside.emit(new DiscoveryEvent.MasterChanged(roster.self(), slot, mine.term()));
    }

    private void demoted(String reason) {
        LanMastership was = held;
        if (was != null) {
            held = null;
            was.end();
            claimed = weight;
            replaces = "";
            publish();
            sayHello.run();
            outside.emit(new DiscoveryEvent.Demoted(roster.self(), was, reason));
        }
    }

    /** The first that no master has; if all have one, that of the master who has to give way. */
    private int freeSlot() {
        List<Seen> masters = roster.masters();
        LanMastership mine = held;
        return IntStream.range(0, required)
                .filter(slot -> (mine == null || mine.slot() != slot)
                        && masters.stream().noneMatch(one -> one.slot() == slot))
                .findFirst()
                .orElseGet(() -> masters.isEmpty()
                        ? 0
                        : Math.max(0, masters.get(masters.size() - 1).slot()));
    }

    private record Slotted(int slot, Member member) {}

    private void publish() {
        List<Slotted> all = new ArrayList<>();
        roster.masters().forEach(one -> all.add(new Slotted(one.slot(), one.member())));
        LanMastership mine = held;
        if (mine != null) {
            all.add(new Slotted(mine.slot(), roster.self()));
        }
        known = all.stream()
                .sorted(Comparator.comparingInt(Slotted::slot))
                .map(Slotted::member)
                .toList();
    }

    // --- On demand --------------------------------------------------------------------------------------------------

    CompletableFuture<Void> promote() {
        if (never) {
            return CompletableFuture.failedFuture(new IllegalStateException(
                    "client: a node that only listens cannot be master; start it with client false"));
        }
        if (leaving) {
            return CompletableFuture.failedFuture(new IllegalStateException("this node is leaving"));
        }
        HandOver open = handOver;
        if (open != null) {
            // The successor is asked already: it is let in first, and then deposed.
            return open.done.handle((done, failure) -> true).thenCompose(over -> promote());
        }
        isListening = false;
        standingAside = false;
        if (held == null) {
            double heaviest = roster.masters().stream()
                    .mapToDouble(one -> one.hello().weight())
                    .max()
                    .orElse(Double.NEGATIVE_INFINITY);
            begin(Math.max(weight, heaviest < weight ? weight : Math.nextUp(heaviest)), "");
        }
        return CompletableFuture.completedFuture(null);
    }

    /** Another master asks this node to take its place. */
    void promoteInPlaceOf(String id) {
        if (held != null) {
            sayHello.run();
        } else if (eligible()) {
            isListening = false;
            roster.find(id).ifPresent(Seen::notMaster);
            begin(weight, id);
        }
    }

    CompletableFuture<Void> promote(Member member) {
        Seen one = roster.find(member.id()).orElse(null);
        if (held == null) {
            return CompletableFuture.failedFuture(new IllegalStateException(
                    "member: this node is not master and has nothing to hand over to " + member.name()));
        }
        String objection = one == null
                ? "is not here"
                : one.plain()
                        ? "is a node-discover, which cannot be made master by another; call its own promote()"
                        : !one.hello().eligible() ? "is not eligible" : one.isMaster() ? "is master already" : "";
        if (one == null || !objection.isEmpty()) {
            return CompletableFuture.failedFuture(
                    new IllegalArgumentException("member: " + member.name() + " " + objection));
        }
        return ask(one, false);
    }

    CompletableFuture<Void> demote() {
        if (held == null) {
            sayHello.run();
            return CompletableFuture.completedFuture(null);
        }
        standingAside = true;
        return handOver("stepped down");
    }

    CompletableFuture<Void> leave() {
        leaving = true;
        if (held == null) {
            // So that a node-discover does not wait for one who would have gone before it.
            sayHello.run();
            return CompletableFuture.completedFuture(null);
        }
        return handOver("left");
    }

    private CompletableFuture<Void> handOver(String reason) {
        Optional<Seen> successor = roster.others().stream()
                .filter(one -> one.candidate() && !one.plain())
                .min(Comparator.comparing(Seen::rank));
        if (successor.isEmpty()) {
            demoted(reason);
            return CompletableFuture.completedFuture(null);
        }
        return ask(successor.get(), true);
    }

    private CompletableFuture<Void> ask(Seen successor, boolean willing) {
        HandOver earlier = handOver;
        if (earlier != null) {
            handOver = null;
            earlier.done.completeExceptionally(new IllegalStateException("another hand-over was begun since"));
        }
        HandOver open = new HandOver(successor.id(), willing);
        handOver = open;
        askAgain(open, clock.nanoTime());
        return open.done;
    }

    private void askAgain(HandOver open, long now) {
        open.asked++;
        open.nextAt = now + ASK_AGAIN_NANOS;
        roster.find(open.successor).ifPresent(one -> outside.promote(one.peer(false)));
    }

    private void failed(HandOver open) {
        handOver = null;
        if (open.willing) {
            demoted("stepped down, since the successor did not answer");
            open.done.complete(null);
        } else {
            open.done.completeExceptionally(
                    new IllegalStateException("member: " + open.successor + " did not answer; this node stays master"));
        }
    }

    // --- What time brings -------------------------------------------------------------------------------------------

    void tick(long now) {
        HandOver open = handOver;
        if (open != null && now - open.nextAt >= 0) {
            if (open.asked < ASKED_AT_MOST) {
                askAgain(open, now);
            } else {
                failed(open);
            }
        }
        if (isListening && now - listeningUntil >= 0) {
            isListening = false;
        }
        settle();
    }

    /** When there is something to be done, if nothing is heard before. */
    long due() {
        long far = clock.nanoTime() + Duration.ofDays(1).toNanos();
        HandOver open = handOver;
        long asking = open == null ? far : open.nextAt;
        return isListening ? Math.min(asking, listeningUntil) : asking;
    }
}
