package dev.coterie.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.coterie.cluster.discovery.DiscoveryEvent.Demoted;
import dev.coterie.cluster.discovery.DiscoveryEvent.MasterChanged;
import dev.coterie.cluster.discovery.DiscoveryEvent.MemberUpdated;
import dev.coterie.cluster.discovery.DiscoveryEvent.Promoted;
import dev.coterie.cluster.discovery.Explanation;
import dev.coterie.cluster.discovery.Mastership;
import dev.coterie.cluster.discovery.Member;
import dev.coterie.cluster.election.Standings;
import dev.coterie.cluster.election.Standings.Role;
import dev.coterie.cluster.election.Standings.Standing;
import dev.coterie.etcd.EtcdProcess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Masters that are elected, promoted, demoted and handed over, one and several at a time, on a real etcd. */
class ElectionIT {

    private static EtcdProcess etcd;
    private final List<TestNode> nodes = new ArrayList<>();

    @BeforeAll
    static void startEtcd() {
        etcd = EtcdProcess.with().fastStorage().start();
    }

    @AfterAll
    static void stopEtcd() {
        etcd.close();
    }

    @AfterEach
    void leave() {
        nodes.forEach(TestNode::close);
    }

    @Test
    void each_slot_has_a_master_and_all_see_them_by_slot() {
        TestNode a = join("a", 2);
        TestNode b = join("b", 2);
        TestNode c = join("c", 2);
        awaitMasters("a", "b");
        assertThat(c.isMaster()).isFalse();
        await().until(() -> c.told(MasterChanged.class).size() == 2);
        assertThat(c.told(MasterChanged.class)).extracting(MasterChanged::slot).containsExactlyInAnyOrder(0, 1);
        a.close();
        awaitMasters("c", "b");
        assertThat(b.told(Demoted.class)).isEmpty();
        assertThat(c.cluster.mastership().orElseThrow().slot()).isZero();
    }

    @Test
    void a_promotion_takes_a_free_slot_or_else_the_oldest_term() {
        TestNode a = join("a", 2);
        awaitMasters("a");
        TestNode b = join("b", 2, config -> config.withEligible(false));
        get(b.cluster.promote());
        awaitMasters("a", "b");
        assertThat(a.told(Demoted.class)).isEmpty();

        TestNode c = join("c", 2);
        TestNode d = join("d", 2);
        get(c.cluster.promote());
        awaitMasters("c", "b");
        get(d.cluster.promote());
        awaitMasters("c", "d");
        get(a.cluster.promote());
        awaitMasters("a", "d");

        Mastership before = a.cluster.mastership().orElseThrow();
        get(a.cluster.promote());
        assertThat(a.cluster.mastership()).containsSame(before);
        assertThat(a.told(Promoted.class)).hasSize(2);
        assertThat(b.told(Demoted.class).get(0).reason())
                .contains(d.cluster.self().id());
    }

    @Test
    void a_master_hands_over_to_the_one_it_names_and_to_nobody_who_cannot() {
        TestNode a = join("a", 1);
        awaitMasters("a");
        TestNode b = join("b", 1, config -> config.withWeight(9));
        TestNode c = join("c", 1);
        TestNode never = join("never", 1, config -> config.withEligible(false));
        await().until(() -> a.names().size() == 4 && b.names().size() == 4);
        Member gone = c.cluster.self().withId("gone");

        assertRefused(b.cluster.promote(c.cluster.self()), IllegalStateException.class, "this node is no master");
        assertRefused(a.cluster.promote(gone), IllegalArgumentException.class, "'gone' is not there");
        assertRefused(a.cluster.promote(never.cluster.self()), IllegalArgumentException.class, "is not eligible");
        assertRefused(a.cluster.promote(a.cluster.self()), IllegalArgumentException.class, "is master already");
        assertThat(a.isMaster()).isTrue();

        get(a.cluster.promote(c.cluster.self()));
        assertThat(a.isMaster()).isFalse();
        awaitMasters("c");
        assertThat(b.told(Promoted.class)).isEmpty();
        assertThat(a.told(Demoted.class).get(0).reason())
                .isEqualTo("handed over to " + c.cluster.self().id());
    }

    @Test
    void a_promotion_withdraws_a_hand_over_that_was_not_made_yet() {
        TestNode a = join("a", 1);
        awaitMasters("a");
        join("b", 1);
        await().until(() -> a.names().size() == 2);
        Mastership before = a.cluster.mastership().orElseThrow();
        List<CompletionStage<Void>> asked = new ArrayList<>();
        // Both on the event loop, so that nothing comes between them.
        a.cluster.explains("both", name -> {
            asked.add(a.cluster.demote());
            asked.add(a.cluster.promote());
            return Explanation.NONE;
        });
        get(a.cluster.explain("both", ""));
        assertRefused(asked.get(0), IllegalStateException.class, "promoted meanwhile");
        get(asked.get(1));
        assertThat(a.cluster.mastership()).containsSame(before);
        get(a.cluster.demote());
        awaitMasters("b");
    }

    @Test
    void a_demotion_for_good_lasts_until_the_node_is_promoted() {
        TestNode a = join("a", 1);
        awaitMasters("a");
        TestNode b = join("b", 1);
        await().until(() -> a.names().size() == 2);
        get(a.cluster.demote(true));
        awaitMasters("b");
        assertThat(a.cluster.self().eligible()).isFalse();
        get(b.cluster.demote());
        await().until(() -> b.told(Demoted.class).size() == 1);
        assertThat(etcd.etcdctl("get", "masters/", "--prefix")).isBlank();
        get(a.cluster.promote());
        awaitMasters("a");
        await().until(() -> b.told(MemberUpdated.class).size() == 2);
    }

    @Test
    void everybody_is_promoted_once_when_one_after_the_other_leaves_the_heaviest_first_and_the_slot_is_never_free() {
        List<TestNode> chain = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            int weight = i % 3;
            chain.add(join("n" + i, 1, config -> config.withWeight(weight)));
            awaitMasters("n0");
        }
        TestNode last = chain.get(3);
        await().until(() -> chain.stream().allMatch(node -> node.names().size() == 6));
        long from = chain.get(0).cluster.mastership().orElseThrow().term();
        try (SlotWitness witness = new SlotWitness(etcd.endpoints(), 1, from)) {
            for (String next : List.of("n2", "n5", "n1", "n4", "n3")) {
                chain.stream()
                        .filter(TestNode::isMaster)
                        .findFirst()
                        .orElseThrow()
                        .close();
                await().until(() -> masterNames(last).equals(List.of(next)));
                await().until(() -> chain.stream()
                        .anyMatch(node ->
                                node.isMaster() && node.cluster.self().name().equals(next)));
            }
            await().until(() -> witness.writes() == 6);
            assertThat(witness.violations()).isEmpty();
            assertThat(witness.deletions()).isZero();
        }
        assertThat(chain)
                .allSatisfy(node -> assertThat(node.told(Promoted.class)).hasSize(1));
    }

    @Test
    void it_can_be_explained_who_is_master_and_who_is_not_and_why() {
        TestNode a = join("a", 2);
        awaitMasters("a");
        TestNode b = join("b", 2);
        awaitMasters("a", "b");
        join("c", 2);
        join("heavy", 2, config -> config.withWeight(5));
        join("never", 2, config -> config.withEligible(false));
        await().until(() -> a.names().size() == 5);
        get(a.cluster.promote(a.cluster.view().members().get(2)));
        awaitMasters("c", "b");

        Standings standings = get(b.cluster.standings());
        assertThat(standings.slots())
                .extracting(Standings.Seat::why)
                .satisfiesExactly(
                        why -> assertThat(why)
                                .startsWith("handed over by " + a.cluster.self().id())
                                .contains("heavier than it (weight 0)"),
                        why -> assertThat(why).startsWith("elected").contains("heavy-"));
        assertThat(standings.slot(1).orElseThrow().master()).contains(b.cluster.self());
        assertThat(standings.slot(1).orElseThrow().term())
                .isEqualTo(b.cluster.mastership().orElseThrow().term());
        assertThat(standings.inLine())
                .extracting(standing -> standing.member().name())
                .containsExactly("heavy", "a");
        Standing second = standings.member("a").orElseThrow();
        assertThat(second.why()).contains("weight deposes no master").contains("heavier (weight 5, not weight 0)");
        assertThat(standings.member("never").orElseThrow().role()).isEqualTo(Role.NOT_ELIGIBLE);
        assertThat(standings.member(b.cluster.self().id()).orElseThrow().slot()).contains(1);
        assertThat(standings.member("nobody")).isEmpty();
    }

    @Test
    void who_stands_aside_says_so() {
        TestNode a = join("a", 1);
        awaitMasters("a");
        get(a.cluster.demote());
        await().until(() -> get(a.cluster.standings()).slot(0).orElseThrow().free());
        Standings standings = get(a.cluster.standings());
        assertThat(standings.member("a").orElseThrow().role()).isEqualTo(Role.STANDING_ASIDE);
        assertThat(standings.slot(0).orElseThrow().why()).isEqualTo("free: nobody is in line");
    }

    @Test
    void what_is_advertised_at_any_time_is_seen_by_all_as_an_update_and_changes_no_master() {
        TestNode a = join("a", 1);
        awaitMasters("a");
        TestNode b = join("b", 1);
        for (int round = 1; round <= 3; round++) {
            get(a.cluster.advertise(Map.of("round", round)));
        }
        await().until(() -> b.cluster.view().members().get(0).info().equals(Map.of("round", 3)));
        await().until(() -> !b.told(MemberUpdated.class).isEmpty());
        assertThat(a.told(Demoted.class)).isEmpty();
        a.close();
        awaitMasters("b");
    }

    // --- The words in which the tests are written -------------------------------------------------------------------

    private TestNode join(String name, int masters) {
        return join(name, masters, config -> config);
    }

    private TestNode join(String name, int masters, UnaryOperator<ClusterConfig> change) {
        TestNode node =
                TestNode.join(etcd.endpoints(), name, config -> change.apply(config.withMastersRequired(masters)));
        nodes.add(node);
        return node;
    }

    /** All nodes that are there see these masters, by slot, and each of them knows it. */
    private void awaitMasters(String... names) {
        await().atMost(Duration.ofSeconds(10))
                .until(() -> nodes.stream()
                        .filter(node ->
                                node.names().contains(node.cluster.self().name()))
                        .filter(node -> node.cluster.sessionRemaining().compareTo(Duration.ZERO) > 0)
                        .allMatch(node -> masterNames(node).equals(List.of(names))
                                && node.isMaster()
                                        == List.of(names)
                                                .contains(node.cluster.self().name())));
    }

    private static List<String> masterNames(TestNode node) {
        return node.cluster.masters().stream().map(Member::name).toList();
    }

    private static void assertRefused(CompletionStage<Void> outcome, Class<? extends Exception> type, String message) {
        assertThatThrownBy(() -> get(outcome)).hasCauseInstanceOf(type).hasMessageContaining(message);
    }

    private static <T> T get(CompletionStage<T> stage) {
        return stage.toCompletableFuture().orTimeout(10, TimeUnit.SECONDS).join();
    }
}
