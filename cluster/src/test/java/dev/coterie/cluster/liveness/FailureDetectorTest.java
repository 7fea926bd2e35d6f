package dev.coterie.cluster.liveness;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coterie.cluster.concurrent.Clock;
import dev.coterie.cluster.discovery.Member;
import dev.coterie.cluster.discovery.View;
import dev.coterie.cluster.liveness.Suspicion.Cause;
import dev.coterie.cluster.liveness.Suspicion.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The failure detector on virtual time: what it is told, and what it wants done. */
class FailureDetectorTest {

    private static final LivenessConfig CONFIG =
            new LivenessConfig(Duration.ofSeconds(1), Duration.ofSeconds(2), Duration.ofSeconds(2));

    private long now;
    private int revision;
    private boolean storeAnswers = true;
    private final List<String> done = new ArrayList<>();

    private final Clock clock = new Clock() {
        @Override
        public long nanoTime() {
            return now;
        }

        @Override
        public Instant now() {
            return Instant.EPOCH.plusNanos(now);
        }
    };

    private final FailureDetector detector =
            new FailureDetector(CONFIG, clock, new Random(1), new FailureDetector.Actions() {
                @Override
                public void watchedBy(List<Member> watchers) {}

                @Override
                public void hello(Member to) {
                    done.add("hello " + to.name());
                }

                @Override
                public void look(Member member, boolean suspected) {
                    done.add((suspected ? "look " : "touch ") + member.name());
                }

                @Override
                public void meet(Member member) {
                    done.add("meet " + member.name());
                }

                @Override
                public void ask(Member helper, Member suspect, boolean anew) {
                    done.add("ask " + helper.name() + " of " + suspect.name() + (anew ? " anew" : ""));
                }

                @Override
                public void confirm(Member suspect) {
                    done.add("confirm " + suspect.name());
                    if (storeAnswers) {
                        detector.stands(suspect.id(), true);
                    }
                }

                @Override
                public void evict(Member suspect) {
                    done.add("evict " + suspect.name());
                }

                @Override
                public void doubtSelf() {
                    done.add("doubt self");
                }
            });

    // --- Whom it suspects -------------------------------------------------------------------------------------------

    @Test
    void it_says_hello_to_those_who_watch_it_at_every_interval() {
        members("self", "a", "b");
        passes(3500);
        assertThat(done.stream().filter("hello a"::equals)).hasSize(4);
        assertThat(done.stream().filter("hello b"::equals)).hasSize(4);
    }

    @Test
    void a_member_that_says_hello_is_never_looked_at() {
        members("self", "a", "b");
        for (int second = 0; second < 60; second++) {
            hear("a", "b");
            passes(1000);
        }
        assertThat(done).noneMatch(what -> what.startsWith("look") || what.startsWith("ask"));
        assertThat(detector.suspicions()).isEmpty();
    }

    @Test
    void silence_is_suspected_when_it_has_lasted_for_the_timeout_and_not_before() {
        settled("self", "a", "b");
        passesWhileHearing(1990, "b");
        assertThat(done).doesNotContain("look a");
        passesWhileHearing(120, "b");
        assertThat(done).contains("look a");
        assertThat(detector.suspicions()).singleElement().satisfies(suspicion -> {
            assertThat(suspicion.suspect().name()).isEqualTo("a");
            assertThat(suspicion.cause()).isEqualTo(Cause.SILENT);
            assertThat(suspicion.silentFor()).isGreaterThanOrEqualTo(Duration.ofSeconds(2));
            assertThat(suspicion.outcome()).isEqualTo(Outcome.OPEN);
        });
    }

    @Test
    void a_member_that_was_never_heard_is_given_the_time_a_jvm_takes_to_start() {
        members("self", "a", "b");
        passesWhileHearing(6900, "b");
        assertThat(done).doesNotContain("look a");
        passesWhileHearing(200, "b");
        assertThat(done).contains("look a");
    }

    @Test
    void a_broken_link_is_looked_into_by_the_first_watcher_at_once_and_by_the_others_in_turn() {
        settled("self", "a", "b");
        Ring ring = new Ring(view("self", "a", "b").members(), Set.of());
        List<String> suspects = List.of("a", "b");
        suspects.forEach(detector::broken);
        for (String suspect : suspects) {
            boolean first = ring.watchers(member(suspect)).get(0).name().equals("self");
            assertThat(done.contains("look " + suspect)).isEqualTo(first);
        }
        passes(60);
        assertThat(done).containsOnlyOnce("look a", "look b");
        assertThat(detector.suspicions().get(0).cause()).isEqualTo(Cause.LINK_BROKEN);
    }

    @Test
    void the_link_of_one_that_is_not_watched_may_break() {
        String[] many = IntStream.range(0, 40).mapToObj(i -> "n" + i).toArray(String[]::new);
        members(many);
        List<String> watchers = new Ring(view(many).members(), Set.of())
                .watchers(member("n1")).stream().map(Member::name).toList();
        assertThat(watchers).hasSize(3);
        detector.members(member("n0"), view(many), Set.of());
        done.clear();
        detector.broken("n1");
        assertThat(done.isEmpty()).isEqualTo(!watchers.contains("n0"));
    }

    // --- What clears a suspect --------------------------------------------------------------------------------------

    @Test
    void who_takes_a_link_is_alive() {
        settled("self", "a", "b");
        detector.broken("a");
        detector.saw("a", Sighting.REACHED);
        assertThat(outcome("a")).isEqualTo(Outcome.CLEARED);
        passesWhileHearing(1900, "b");
        assertThat(done).doesNotContain("evict a");
    }

    @Test
    void who_is_reached_by_another_is_alive() {
        suspected("a", "self", "a", "b", "c");
        detector.saw("b", Sighting.REACHED);
        detector.saw("c", Sighting.REACHED);
        detector.saw("a", Sighting.SILENT);
        detector.answered("b", "a", Sighting.REACHED);
        assertThat(outcome("a")).isEqualTo(Outcome.CLEARED);
        assertThat(done).doesNotContain("evict a");
    }

    @Test
    void who_says_hello_while_it_is_being_looked_into_is_alive() {
        suspected("a", "self", "a", "b");
        detector.heard("a");
        assertThat(outcome("a")).isEqualTo(Outcome.CLEARED);
    }

    @Test
    void a_process_of_another_id_at_its_address_is_no_proof_of_death() {
        settled("self", "a", "b");
        detector.broken("a");
        detector.saw("b", Sighting.REACHED);
        detector.saw("a", Sighting.OTHER);
        assertThat(outcome("a")).isEqualTo(Outcome.CLEARED);
    }

    // --- What it takes to evict -------------------------------------------------------------------------------------

    @Test
    void a_refusal_and_a_majority_are_enough() {
        settled("self", "a", "b");
        detector.broken("a");
        detector.saw("a", Sighting.REFUSED);
        assertThat(done).doesNotContain("evict a");
        detector.saw("b", Sighting.REACHED);
        assertThat(done).contains("evict a");
        detector.evicted("a");
        members("self", "b");
        assertThat(outcome("a")).isEqualTo(Outcome.EVICTED);
        assertThat(detector.suspicions().get(0).revision()).isEqualTo(revision);
    }

    @Test
    void silence_needs_another_who_has_not_reached_the_suspect_either() {
        suspected("a", "self", "a", "b");
        detector.saw("b", Sighting.REACHED);
        detector.saw("a", Sighting.SILENT);
        assertThat(done).doesNotContain("evict a");
        detector.answered("b", "a", Sighting.SILENT);
        assertThat(done).contains("evict a");
    }

    @Test
    void silence_that_nobody_else_has_met_comes_to_nothing() {
        suspected("a", "self", "a", "b");
        detector.saw("b", Sighting.REACHED);
        detector.saw("a", Sighting.SILENT);
        passesWhileHearing(600, "b");
        assertThat(outcome("a")).isEqualTo(Outcome.UNDECIDED);
        assertThat(done).doesNotContain("evict a");
    }

    @Test
    void an_answer_from_one_who_does_not_know_the_suspect_says_nothing() {
        suspected("a", "self", "a", "b");
        detector.saw("b", Sighting.REACHED);
        detector.saw("a", Sighting.SILENT);
        detector.answered("b", "a", Sighting.UNKNOWN);
        passesWhileHearing(600, "b");
        assertThat(outcome("a")).isEqualTo(Outcome.UNDECIDED);
    }

    @Test
    void the_store_is_asked_while_others_look_and_who_is_dead_is_evicted_as_soon_as_it_answers() {
        refused("a", "self", "a", "b");
        detector.stands("a", true);
        assertThat(done).contains("evict a");
    }

    @Test
    void what_the_store_said_long_before_the_last_of_the_others_is_asked_again() {
        suspected("a", "self", "a", "b");
        detector.saw("b", Sighting.REACHED);
        detector.saw("a", Sighting.SILENT);
        storeAnswers = false;
        now += Duration.ofMillis(1100).toNanos();
        done.clear();
        detector.answered("b", "a", Sighting.SILENT);
        assertThat(done).containsOnlyOnce("confirm a").doesNotContain("evict a");
        detector.stands("a", true);
        assertThat(done).contains("evict a");
    }

    @Test
    void who_does_not_answer_on_the_link_that_stands_is_asked_on_a_new_one() {
        settled("self", "a", "b", "c");
        detector.broken("a");
        detector.heard("b");
        passes(200);
        assertThat(done).containsOnlyOnce("ask b of a", "ask c of a", "ask c of a anew");
        assertThat(done).doesNotContain("ask b of a anew");
        passes(300);
        assertThat(done).containsOnlyOnce("ask c of a anew");
    }

    @Test
    void who_is_watched_from_now_on_is_met_once() {
        members("self", "a", "b");
        members("self", "a", "b", "c");
        assertThat(done).containsOnlyOnce("meet a", "meet b", "meet c");
    }

    @Test
    void a_session_that_the_store_no_longer_has_is_left_alone() {
        refused("a", "self", "a", "b");
        detector.stands("a", false);
        assertThat(outcome("a")).isEqualTo(Outcome.GONE);
        assertThat(done).doesNotContain("evict a");
    }

    @Test
    void a_suspect_that_shows_up_while_the_store_is_asked_is_left_alone() {
        refused("a", "self", "a", "b");
        detector.saw("a", Sighting.REACHED);
        detector.stands("a", true);
        assertThat(done).doesNotContain("evict a");
    }

    // --- When it doubts itself, and the store -----------------------------------------------------------------------

    @Test
    void one_of_five_that_reaches_nobody_evicts_nobody() {
        settled("self", "a", "b", "c", "d");
        passes(2100);
        List.of("a", "b", "c", "d").forEach(other -> detector.saw(other, Sighting.SILENT));
        passes(700);
        assertThat(detector.suspicions()).isNotEmpty().allMatch(one -> one.outcome() == Outcome.SELF_DOUBT);
        assertThat(done).contains("doubt self");
        assertThat(done).noneMatch(what -> what.startsWith("evict"));
    }

    @Test
    void two_of_five_are_a_minority_though_they_agree() {
        suspected("c", "self", "a", "b", "c", "d");
        detector.saw("a", Sighting.REACHED);
        List.of("b", "c", "d").forEach(other -> detector.saw(other, Sighting.SILENT));
        detector.answered("a", "c", Sighting.SILENT);
        passes(700);
        assertThat(outcome("c")).isEqualTo(Outcome.SELF_DOUBT);
        assertThat(done).doesNotContain("evict c");
    }

    @Test
    void half_is_enough_if_the_others_have_refused_and_not_if_they_are_silent() {
        settled("self", "a");
        detector.broken("a");
        detector.saw("a", Sighting.REFUSED);
        assertThat(done).contains("evict a");

        settled("self", "b");
        passes(2100);
        detector.saw("b", Sighting.SILENT);
        passes(700);
        assertThat(done).doesNotContain("evict b");
    }

    @Test
    void refusals_from_other_machines_do_not_make_a_minority_a_majority() {
        settled("self", "a", "b", "c");
        detector.broken("a");
        List.of("a", "b", "c").forEach(other -> detector.saw(other, Sighting.REFUSED));
        passes(700);
        assertThat(outcome("a")).isEqualTo(Outcome.SELF_DOUBT);
    }

    @Test
    void what_is_refused_on_this_very_machine_is_gone_for_certain() {
        List<Member> here = List.of(member("self", "10.0.0.1"), member("a", "10.0.0.1"), member("b", "10.0.0.1"));
        detector.members(here.get(0), new View(++revision, here), Set.of());
        hear("a", "b");
        passes(10);
        detector.broken("a");
        detector.saw("a", Sighting.REFUSED);
        detector.saw("b", Sighting.REFUSED);
        assertThat(done).contains("evict a");
    }

    @Test
    void a_store_that_cannot_be_reached_means_nobody_is_evicted_and_all_is_looked_at_again() {
        refused("a", "self", "a", "b");
        detector.storeUnreachable("a");
        assertThat(outcome("a")).isEqualTo(Outcome.STORE_UNREACHABLE);
        done.clear();
        passesWhileHearing(2100, "b");
        assertThat(done).contains("look a").doesNotContain("evict a");
        detector.saw("a", Sighting.REACHED);
        passesWhileHearing(1000, "a", "b");
        assertThat(done).doesNotContain("evict a");
    }

    @Test
    void what_was_seen_before_a_slow_answer_of_the_store_is_not_acted_on() {
        refused("a", "self", "a", "b");
        passesWhileHearing(1700, "b");
        detector.stands("a", true);
        assertThat(done).doesNotContain("evict a");
        assertThat(outcome("a")).isEqualTo(Outcome.STORE_UNREACHABLE);
    }

    @Test
    void a_node_that_stood_still_itself_accuses_nobody_of_silence() {
        settled("self", "a", "b");
        now += Duration.ofSeconds(30).toNanos();
        detector.tick();
        assertThat(done).noneMatch(what -> what.startsWith("look"));
        passes(1900);
        assertThat(done).noneMatch(what -> what.startsWith("look"));
    }

    @Test
    void a_node_that_is_no_member_watches_nobody() {
        settled("self", "a", "b");
        detector.members(null, view("self", "a", "b"), Set.of());
        detector.broken("a");
        passes(10_000);
        assertThat(done).noneMatch(what -> what.startsWith("look"));
    }

    // --- Those who come back ----------------------------------------------------------------------------------------

    @Test
    void a_process_that_comes_back_again_and_again_is_given_more_and_more_time() {
        settled("self", "a", "b");
        assertThat(timeoutOf("a")).isEqualTo(Duration.ofSeconds(2));
        comesBack("a2", "b");
        assertThat(timeoutOf("a2")).isEqualTo(Duration.ofSeconds(2));
        comesBack("a3", "b");
        assertThat(timeoutOf("a3")).isEqualTo(Duration.ofSeconds(4));
        comesBack("a4", "b");
        assertThat(timeoutOf("a4")).isEqualTo(Duration.ofSeconds(8));
    }

    @Test
    void a_process_that_came_back_and_was_not_heard_since_is_not_evicted_for_its_silence_again() {
        settled("self", "a", "b");
        comesBack("a2", "b");
        done.clear();
        passesWhileHearing(60_000, "b");
        assertThat(done).doesNotContain("look a2");
        detector.heard("a2");
        passesWhileHearing(2100, "b");
        assertThat(done).contains("look a2");
    }

    @Test
    void a_new_process_at_the_same_place_is_given_no_more_time() {
        settled("self", "a", "b");
        members("self", "b");
        Member again = new Member("a9", "a9", "h", "10.0.0.9", 1, 0, true, Map.of(), List.of(), Instant.MAX, "1");
        detector.members(member("self"), new View(++revision, List.of(member("self"), member("b"), again)), Set.of());
        hear("a9", "b");
        passesWhileHearing(2100, "b");
        assertThat(done).contains("look a9");
    }

    // --- Many -------------------------------------------------------------------------------------------------------

    @Test
    void each_member_is_watched_by_three_and_watches_three_on_average_however_many_there_are() {
        List<Member> members =
                IntStream.range(0, 300).mapToObj(i -> member("node-" + i)).toList();
        Ring ring = new Ring(members, Set.of());
        assertThat(members)
                .allSatisfy(one -> assertThat(ring.watchers(one)).hasSize(3).doesNotContain(one));
    }

    @Test
    void a_master_is_also_watched_by_the_next_three_candidates_who_act_first() {
        List<Member> members = new ArrayList<>(
                IntStream.range(0, 50).mapToObj(i -> member("node-" + i)).toList());
        Ring ring = new Ring(members, Set.of("node-7"));
        List<Member> watchers = ring.watchers(member("node-7"));
        assertThat(watchers.subList(0, 3)).containsExactly(members.get(0), members.get(1), members.get(2));
        assertThat(watchers).hasSizeBetween(3, 6).doesNotContain(member("node-7"));
    }

    @Test
    void among_many_enough_are_looked_at_for_a_majority_and_not_all() {
        String[] many = IntStream.range(0, 300).mapToObj(i -> "n" + i).toArray(String[]::new);
        Ring ring = new Ring(view(many).members(), Set.of());
        Member first = ring.watchers(member("n5")).get(0);
        detector.members(first, view(many), Set.of());
        hear("n5");
        detector.broken("n5");
        assertThat(done.stream().filter(what -> what.startsWith("touch "))).hasSizeBetween(150, 190);
        assertThat(done.stream().filter(what -> what.startsWith("ask "))).hasSize(3);
        assertThat(detector.suspicions()).hasSizeLessThanOrEqualTo(Casebook.KEPT);
    }

    @Test
    void what_is_remembered_of_suspicions_has_a_bound() {
        settled("self", "a", "b");
        for (int i = 0; i < 3 * Casebook.KEPT; i++) {
            detector.broken(i % 2 == 0 ? "a" : "b");
            detector.saw(i % 2 == 0 ? "a" : "b", Sighting.REACHED);
        }
        assertThat(detector.suspicions()).hasSizeLessThanOrEqualTo(Casebook.KEPT);
    }

    // --- The words in which the tests are written -------------------------------------------------------------------

    private static Member member(String name) {
        return member(name, "10.0.0." + Math.abs(process(name).hashCode() % 250));
    }

    /** Names that differ in their number only are sessions of one process. */
    private static Member member(String name, String address) {
        return new Member(
                name,
                name,
                "host",
                address,
                process(name).hashCode() & 0xffff,
                0,
                true,
                Map.of(),
                List.of(),
                Instant.EPOCH,
                "1");
    }

    private static String process(String name) {
        return name.matches("[a-z]\\d+") && !name.startsWith("n") ? name.substring(0, 1) : name;
    }

    private View view(String... names) {
        return new View(
                ++revision,
                Arrays.stream(names).map(FailureDetectorTest::member).toList());
    }

    private void members(String... names) {
        detector.members(member(names[0]), view(names), Set.of());
    }

    /** Members that have all been heard. */
    private void settled(String... names) {
        members(names);
        hear(Arrays.copyOfRange(names, 1, names.length));
        detector.tick();
        now += Duration.ofMillis(1).toNanos();
        done.clear();
    }

    /** One is silent for too long. */
    private void suspected(String suspect, String... names) {
        settled(names);
        passesWhileHearing(
                1980,
                Arrays.stream(names)
                        .filter(name -> !name.equals(suspect) && !name.equals("self"))
                        .toArray(String[]::new));
        passes(140);
        assertThat(done).contains("look " + suspect);
    }

    /** One has refused, and the store is being asked. */
    private void refused(String suspect, String... names) {
        storeAnswers = false;
        settled(names);
        detector.broken(suspect);
        detector.saw(suspect, Sighting.REFUSED);
        Arrays.stream(names)
                .filter(name -> !name.equals(suspect) && !name.equals("self"))
                .forEach(name -> detector.saw(name, Sighting.REACHED));
        assertThat(done).contains("confirm " + suspect).doesNotContain("evict " + suspect);
    }

    private void comesBack(String after, String other) {
        members("self", other);
        members("self", other, after);
    }

    private Duration timeoutOf(String name) {
        detector.heard(name);
        detector.broken(name);
        Duration timeout = last(name).orElseThrow().timeout();
        detector.saw(name, Sighting.REACHED);
        return timeout;
    }

    private Outcome outcome(String name) {
        return last(name).orElseThrow().outcome();
    }

    private Optional<Suspicion> last(String name) {
        return detector.suspicions().stream()
                .filter(one -> one.suspect().name().equals(name))
                .reduce((one, other) -> other);
    }

    private void hear(String... names) {
        Arrays.stream(names).forEach(detector::heard);
    }

    private void passes(long millis) {
        passesWhileHearing(millis);
    }

    /** Ticks when the detector wants it, at the latest every 10 ms; each of those named says hello all the time. */
    private void passesWhileHearing(long millis, String... names) {
        for (long passed = 0; passed < millis; passed += 10) {
            now += Duration.ofMillis(10).toNanos();
            hear(names);
            if (detector.due() - now <= 0) {
                detector.tick();
            }
        }
    }
}
