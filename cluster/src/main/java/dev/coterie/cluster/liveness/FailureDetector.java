package dev.coterie.cluster.liveness;

import dev.coterie.cluster.concurrent.Clock;
import dev.coterie.cluster.discovery.Member;
import dev.coterie.cluster.discovery.View;
import dev.coterie.cluster.liveness.Round.Store;
import dev.coterie.cluster.liveness.Suspicion.Cause;
import dev.coterie.cluster.liveness.Suspicion.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Decides who is dead. Members, signs of life and the time come in, actions go out; it does nothing else, and it is
 * single-threaded.
 *
 * <p>A watched member that is silent for too long, or whose link broke, is suspected. This node looks itself and asks
 * others to look. Anybody who reaches the suspect clears it. Else the suspect is evicted if it refused this node, or was
 * silent to this node and to another; always provided that this node is in touch with a majority ({@link Reach}), and
 * that the store, read once more, still has the very session that is suspected. Whatever is not certain by the round's
 * deadline comes to nothing, and is looked at again later.
 */
final class FailureDetector {

    /** How many others are asked to look at a suspect. */
    static final int HELPERS = 3;

    /** Up to so many members, all are looked at to know whether this node is cut off; beyond, enough by chance. */
    private static final int FEW = 16;

    /** How much later than the one before it each watcher of a member looks into it, so that one does for all. */
    private static final Duration TURN = Duration.ofMillis(50);

    /** How long a member that was never heard is waited for besides its timeout: its JVM may have just started. */
    private static final Duration FIRST_HELLO = Duration.ofSeconds(5);

    /** When the store takes longer than this to answer, what was seen before is not acted on any more. */
    private static final Duration STALE = Duration.ofSeconds(1);

    private final LivenessConfig config;
    private final Clock clock;
    private final RandomGenerator random;
    private final Actions actions;
    private final Casebook cases = new Casebook();
    private final Patience patience = new Patience();
    private final Map<String, Watch> watched = new LinkedHashMap<>();

    private View view = new View(0, List.of());
    private Set<String> masters = Set.of();
    private List<Member> targets = List.of();
    private @Nullable Reach reach;
    private long nextHello;
    private long due;

    /** What is to be done. Called in the course of an event; whatever comes of it is a later event. */
    interface Actions {

        /** These watch this node now: no others need to be said hello to. */
        void watchedBy(List<Member> watchers);

        /** Say hello to a member that watches this node. */
        void hello(Member to);

        /** Look at a member and tell {@link #saw}; if it is suspected, let it know that it was not heard. */
        void look(Member member, boolean suspected);

        /** Make sure that a member that is watched from now on can be looked at. */
        void meet(Member member);

        /**
         * Ask a member to say hello at once, to look at the suspect, and to answer.
         *
         * @param anew whether to look at the helper on the way, and tell {@link #saw}, even if there is a link already
         */
        void ask(Member helper, Member suspect, boolean anew);

        /** Read from the store whether a member's session still stands, and tell {@link #stands}. */
        void confirm(Member suspect);

        /** End a member's session, and tell {@link #evicted}. */
        void evict(Member suspect);

        /** This node reaches so few that the others may have taken it for dead. */
        void doubtSelf();
    }

    /** A member that this node watches. */
    private static final class Watch {
        Member member;
        final int turn;
        long heardAt;
        /** When it is suspected unless something is heard; meaningless while {@code trusted}. */
        long dueAt;
        /** It came back from an eviction and was not heard since: silence says nothing about it. */
        boolean trusted;

        @Nullable
        Round round;

        Watch(Member member, int turn, long now) {
            this.member = member;
            this.turn = turn;
            this.heardAt = now;
        }
    }

    FailureDetector(LivenessConfig config, Clock clock, RandomGenerator random, Actions actions) {
        this.config = config;
        this.clock = clock;
        this.random = random;
        this.actions = actions;
        this.due = now();
        this.nextHello = now();
    }

    /** What was suspected lately, the newest last. Any thread. */
    List<Suspicion> suspicions() {
        return cases.suspicions();
    }

    /** When {@link #tick} wants to be called next, by the monotonic clock. */
    long due() {
        return due;
    }

    // --- What comes in ----------------------------------------------------------------------------------------------

    /** The members are these now. */
    void members(@Nullable Member self, View now, Set<String> nowMasters) {
        View before = view;
        view = now;
        masters = nowMasters;
        difference(before, now).forEach(member -> gone(member, now.revision()));
        difference(now, before).forEach(member -> patience.arrived(member, now()));
        if (self == null || now.member(self.id()).isEmpty()) {
            reach = null;
            watched.clear();
            targets = List.of();
        } else {
            chooseNeighbours(self);
        }
        actions.watchedBy(targets);
        plan();
    }

    /** A member has said hello. */
    void heard(String id) {
        sawAlive(id);
        Watch watch = watched.get(id);
        if (watch != null) {
            signOfLife(watch);
            clear(watch);
        }
        // It may have been the one whose word was missing for a majority.
        judgeAll();
    }

    private void signOfLife(Watch watch) {
        watch.trusted = false;
        watch.heardAt = now();
        watch.dueAt = now() + timeout(watch.member);
    }

    /** A link with a member broke. */
    void broken(String id) {
        Watch watch = watched.get(id);
        if (watch != null && watch.round == null) {
            suspect(watch, Cause.LINK_BROKEN);
            plan();
        }
    }

    /** What came of a look at a member. */
    void saw(String id, Sighting what) {
        if (reach == null) {
            return;
        }
        reach.saw(id, what, now());
        Watch watch = watched.get(id);
        if (watch != null && watch.round != null) {
            watch.round.own = what;
        }
        if (watch != null && what == Sighting.REACHED) {
            signOfLife(watch);
        }
        judgeAll();
    }

    /** What another member says came of its look at a suspect. */
    void answered(String helper, String suspect, Sighting what) {
        sawAlive(helper);
        Watch watch = watched.get(suspect);
        if (watch != null && watch.round != null) {
            watch.round.answered(helper, what);
        }
        judgeAll();
    }

    /** What the store says of the session of a suspect. */
    void stands(String id, boolean stands) {
        Watch watch = watched.get(id);
        if (watch == null || watch.round == null) {
            return;
        }
        if (!stands) {
            end(watch, Outcome.GONE);
        } else if (watch.round.acting) {
            return;
        } else if (now() - watch.round.deadline > STALE.toNanos()) {
            end(watch, Outcome.STORE_UNREACHABLE);
        } else {
            watch.round.store = Store.STANDS;
            watch.round.storeSaidAt = now();
        }
        judgeAll();
    }

    /** The session of a suspect was ended. Its going is seen in the view, unless that is late. */
    void evicted(String id) {
        Watch watch = watched.get(id);
        if (watch != null && watch.round != null) {
            end(watch, Outcome.EVICTED);
            plan();
        }
    }

    /** The store could not be asked, or not be told. */
    void storeUnreachable(String id) {
        Watch watch = watched.get(id);
        if (watch != null && watch.round != null) {
            watch.round.acting = false;
            watch.round.store = Store.FAILED;
            judgeAll();
        }
    }

    /** Time has passed. */
    void tick() {
        if (now() - due > config.look().toNanos()) {
            overslept();
        }
        if (now() - nextHello >= 0) {
            nextHello = now() + config.hello().toNanos();
            targets.forEach(actions::hello);
        }
        for (Watch watch : List.copyOf(watched.values())) {
            if (watch.round == null && !watch.trusted && now() - watch.dueAt >= 0) {
                suspect(watch, Cause.SILENT);
            }
        }
        judgeAll();
    }

    // --- Who is watched ---------------------------------------------------------------------------------------------

    private static List<Member> difference(View one, View other) {
        Set<String> there = other.members().stream().map(Member::id).collect(Collectors.toSet());
        return one.members().stream()
                .filter(member -> !there.contains(member.id()))
                .toList();
    }

    private void chooseNeighbours(Member self) {
        Reach known = reach == null ? new Reach(self) : reach;
        reach = known;
        known.members(self, view.members());
        Ring ring = new Ring(view.members(), masters);
        targets = ring.watchers(self);
        Map<String, Watch> before = new LinkedHashMap<>(watched);
        watched.clear();
        for (Member member : view.members()) {
            int turn = turnOf(self, ring.watchers(member));
            if (turn >= 0) {
                watched.put(member.id(), watch(member, turn, before.get(member.id())));
            }
        }
    }

    private static int turnOf(Member self, List<Member> watchers) {
        return watchers.stream().map(Member::id).toList().indexOf(self.id());
    }

    private Watch watch(Member member, int turn, @Nullable Watch before) {
        Watch watch = new Watch(member, turn, now());
        if (before != null) {
            watch.heardAt = before.heardAt;
            watch.dueAt = before.dueAt;
            watch.trusted = before.trusted;
            watch.round = before.round;
        } else {
            watch.trusted = patience.returns(member, now()) > 0;
            watch.dueAt = now() + FIRST_HELLO.toNanos() + timeout(member);
            actions.meet(member);
        }
        return watch;
    }

    private void gone(Member member, long revision) {
        Watch watch = watched.get(member.id());
        if (watch != null && watch.round != null) {
            end(watch, watch.round.acting ? Outcome.EVICTED : Outcome.GONE);
        }
        patience.left(member, now());
        cases.gone(member, revision);
    }

    private long timeout(Member member) {
        Duration usual = masters.contains(member.id()) ? config.masterTimeout() : config.nodeTimeout();
        return usual.toNanos() * patience.factor(member, now());
    }

    // --- A suspicion, from its beginning to its end -----------------------------------------------------------------

    private void suspect(Watch watch, Cause cause) {
        long start = now();
        long beginAt = start + watch.turn * TURN.toNanos();
        Round round = new Round(
                watch.member,
                cause,
                Duration.ofNanos(start - watch.heardAt),
                Duration.ofNanos(timeout(watch.member)),
                start,
                clock.now(),
                beginAt,
                beginAt + 2 * config.look().toNanos());
        watch.round = round;
        record(round, Outcome.OPEN);
        if (watch.turn == 0) {
            lookInto(round);
        }
    }

    /** Looks, asks the store and others at once, and finds out whether this node is in touch with enough of them. */
    private void lookInto(Round round) {
        Reach known = reach;
        if (round.begun || known == null) {
            return;
        }
        round.begun = true;
        actions.look(round.suspect, true);
        List<Member> others = new ArrayList<>(known.others()
                .filter(member -> !member.id().equals(round.suspect.id()))
                .toList());
        Collections.shuffle(others, new Random(random.nextLong()));
        others.stream().limit(HELPERS).forEach(helper -> {
            round.ask(helper);
            known.looking(helper.id());
            actions.ask(helper, round.suspect, false);
        });
        Set<String> unseen = known.unseen(round.start);
        others.stream()
                .skip(HELPERS)
                .filter(member -> unseen.contains(member.id()))
                .limit(looks(known))
                .forEach(member -> {
                    known.looking(member.id());
                    actions.look(member, false);
                });
        askStore(round);
    }

    private void askStore(Round round) {
        round.store = Store.ASKED;
        actions.confirm(round.suspect);
    }

    /** The links on which others were asked may lead nowhere. */
    private void insist(Round round, Reach known) {
        round.insisted = true;
        round.unanswered().stream()
                .filter(helper -> !known.isReached(helper.id(), round.start))
                .forEach(helper -> actions.ask(helper, round.suspect, true));
    }

    /** Enough for a majority, and a quarter more since some may not answer. */
    private static int looks(Reach known) {
        int members = known.members();
        return members <= FEW ? members : members / 2 + members / 8;
    }

    private void judgeAll() {
        for (Watch watch : List.copyOf(watched.values())) {
            Round round = watch.round;
            if (round != null && reach != null && !round.acting) {
                if (now() - round.beginAt >= 0) {
                    lookInto(round);
                }
                if (now() - round.insistAt() >= 0 && !round.insisted) {
                    insist(round, reach);
                }
                judge(watch, round, reach);
            }
        }
        plan();
    }

    private void judge(Watch watch, Round round, Reach known) {
        boolean over = now() - round.deadline >= 0;
        boolean enough = known.suffices(round.start);
        round.waiting = false;
        if (round.alive()) {
            clear(watch);
        } else if (enough && certain(watch, round, known, over)) {
            act(watch, round);
        } else if (over) {
            end(watch, enough ? Outcome.UNDECIDED : Outcome.SELF_DOUBT);
        }
    }

    /** As soon as the store has said that the session stands, and lately. */
    private void act(Watch watch, Round round) {
        if (round.store == Store.FAILED) {
            end(watch, Outcome.STORE_UNREACHABLE);
        } else if (round.store == Store.STANDS && now() - round.storeSaidAt <= STALE.toNanos()) {
            round.acting = true;
            actions.evict(watch.member);
        } else {
            round.waiting = true;
            if (round.store != Store.ASKED) {
                askStore(round);
            }
        }
    }

    /** A refusal says it all, unless this process was wrongly evicted before: then only with silence to go with it. */
    private boolean certain(Watch watch, Round round, Reach known, boolean over) {
        boolean silentLong = now() - watch.heardAt >= timeout(watch.member);
        if (round.own == Sighting.REFUSED) {
            return silentLong || patience.factor(watch.member, now()) == 1;
        }
        boolean allSaid = round.unanswered().stream().noneMatch(helper -> known.isReached(helper.id(), round.start));
        return round.own == Sighting.SILENT && silentLong && round.confirmed() && (allSaid || over);
    }

    private void clear(Watch watch) {
        if (watch.round != null) {
            end(watch, Outcome.CLEARED);
        }
    }

    private void end(Watch watch, Outcome outcome) {
        Round round = watch.round;
        watch.round = null;
        long silentAt = watch.heardAt + timeout(watch.member);
        boolean early = outcome != Outcome.CLEARED && silentAt - now() > 0;
        watch.dueAt = early ? silentAt : now() + timeout(watch.member);
        if (round != null) {
            record(round, outcome);
        }
        if (outcome == Outcome.SELF_DOUBT) {
            actions.doubtSelf();
        }
    }

    private void record(Round round, Outcome outcome) {
        int reached = reach == null ? 1 : reach.reachedSince(round.start);
        boolean over = outcome != Outcome.OPEN && outcome != Outcome.EVICTED;
        cases.put(round, round.record(reached, view.members().size(), outcome, over ? view.revision() : 0));
    }

    private void sawAlive(String id) {
        if (reach != null) {
            reach.saw(id, Sighting.REACHED, now());
        }
    }

    // --- Time -------------------------------------------------------------------------------------------------------

    /** This node itself stood still: that it heard nobody in the meantime says nothing about them. */
    private void overslept() {
        for (Watch watch : watched.values()) {
            watch.heardAt = now();
            if (watch.round != null && !watch.round.acting) {
                end(watch, Outcome.UNDECIDED);
            }
            watch.dueAt = now() + timeout(watch.member);
        }
    }

    private void plan() {
        long next = nextHello;
        for (Watch watch : watched.values()) {
            Round round = watch.round;
            if (round != null && !round.waiting && !round.acting && round.due() - next < 0) {
                next = round.due();
            } else if (round == null && !watch.trusted && watch.dueAt - next < 0) {
                next = watch.dueAt;
            }
        }
        due = next;
    }

    private long now() {
        return clock.nanoTime();
    }
}
