package dev.coterie.cluster.lan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coterie.cluster.discovery.DiscoveryEvent.Demoted;
import dev.coterie.cluster.discovery.DiscoveryEvent.MasterChanged;
import dev.coterie.cluster.discovery.DiscoveryEvent.MemberRemoved;
import dev.coterie.cluster.discovery.DiscoveryEvent.Promoted;
import dev.coterie.cluster.lan.VirtualLan.Node;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Who is there and who is master, on virtual time; at node-discover's defaults: hello 1 s, timeouts 2 s. */
class GroupTest {

    private static final Duration HELLO = Duration.ofSeconds(1);

    private final VirtualLan lan = new VirtualLan(1);

    @Test
    void a_node_alone_listens_for_a_while_and_then_is_master() {
        Node a = start("a");
        lan.run(Duration.ofMillis(1999));
        assertThat(a.isMaster()).isFalse();
        lan.run(Duration.ofMillis(2));
        assertThat(a.isMaster()).isTrue();
        assertThat(a.masters()).containsExactly("a");
        assertThat(a.told).hasSize(3);
    }

    @Test
    void the_oldest_becomes_master_and_all_agree_within_a_millisecond() {
        Node a = start("a");
        lan.run(Duration.ofMillis(10));
        start("b");
        lan.run(Duration.ofMillis(10));
        start("c");
        lan.run(Duration.ofMillis(1));
        assertThat(lan.nodes).allMatch(node -> node.members().equals(List.of("a", "b", "c")));
        lan.run(Duration.ofMillis(1981));
        agreeOn(a);
    }

    @Test
    void a_heavier_node_that_joins_later_does_not_depose_the_master() {
        Node a = start("a", 1);
        lan.run(Duration.ofSeconds(3));
        Node heavy = start("heavy", 5);
        lan.run(Duration.ofSeconds(10));
        agreeOn(a);
        a.kill();
        lan.run(Duration.ofSeconds(2));
        agreeOn(heavy);
    }

    @Test
    void a_newcomer_that_hears_the_master_late_does_not_depose_it() {
        Node a = lan.start("a", quick().weight(1));
        lan.run(Duration.ofSeconds(1));
        assertThat(a.isMaster()).isTrue();
        Node heavy = lan.start("heavy", quick().weight(5));
        lan.cut(a, heavy);
        lan.run(Duration.ofMillis(390));
        lan.heal();
        lan.run(Duration.ofSeconds(3));
        agreeOn(a);
        assertThat(heavy.told(Promoted.class)).isEmpty();
    }

    @Test
    void a_newcomer_that_stood_still_reads_what_was_said_meanwhile_before_it_claims_anything() {
        Node a = start("a", 1);
        lan.run(Duration.ofSeconds(3));
        Node heavy = start("heavy", 5);
        lan.run(Duration.ofNanos(10_000));
        heavy.freeze();
        lan.run(Duration.ofSeconds(5));
        heavy.thaw();
        lan.run(Duration.ofSeconds(3));
        agreeOn(a);
        assertThat(heavy.told(Promoted.class)).isEmpty();
    }

    @Test
    void nodes_come_to_say_hello_together_so_that_each_is_woken_a_few_times_in_an_interval() {
        for (int i = 0; i < 20; i++) {
            start("n" + i);
            lan.run(Duration.ofMillis(347));
        }
        lan.run(HELLO.multipliedBy(5));
        long before = lan.nodes.stream().mapToLong(node -> node.hellos).sum();
        lan.run(HELLO);
        assertThat(lan.nodes.stream().mapToLong(node -> node.hellos).sum() - before)
                .as("nobody says it more often for that, to 19 others each")
                .isLessThanOrEqualTo(20 * 19);
        assertThat(lan.nodes.stream().map(node -> node.lastHelloMillis / 5).distinct())
                .hasSizeLessThanOrEqualTo(4);
    }

    @Test
    void a_killed_master_is_followed_when_its_next_hello_is_overdue() {
        Node a = three();
        lan.run(Duration.ofMillis(300));
        a.kill();
        lan.run(Duration.ofMillis(1101));
        agreeOn(lan.nodes.get(1));
        assertThat(lan.nodes.get(2).told(MemberRemoved.class)).hasSize(1);
    }

    @Test
    void a_silent_master_is_followed_when_its_timeout_ends_and_not_before() {
        Node a = three();
        long silentSince = lan.millis();
        a.freeze();
        lan.run(Duration.ofMillis(900));
        assertThat(lan.masters()).containsExactly(a);
        lan.run(Duration.ofMillis(1101));
        assertThat(lan.nodes.get(1).isMaster()).isTrue();
        assertThat(lan.millis() - silentSince).isLessThanOrEqualTo(2001);
        assertThat(a.group.masters().held().orElseThrow().isValid()).isFalse();
    }

    @Test
    void a_thawed_group_settles_on_the_heaviest_at_once() {
        Node a = three();
        a.freeze();
        lan.run(Duration.ofSeconds(60));
        assertThat(lan.masters()).hasSize(2);
        a.thaw();
        lan.run(Duration.ofMillis(2));
        agreeOn(a);
        assertThat(a.told(MemberRemoved.class)).isEmpty();
        assertThat(lan.nodes.get(1).told(Demoted.class)).hasSize(1);
    }

    @Test
    void a_thawed_master_that_is_lighter_than_its_successor_steps_down_at_once() {
        Node light = start("light", 1);
        lan.run(Duration.ofSeconds(3));
        Node heavy = start("heavy", 2);
        lan.run(Duration.ofSeconds(3));
        light.freeze();
        lan.run(Duration.ofSeconds(30));
        assertThat(heavy.isMaster()).isTrue();
        light.thaw();
        lan.run(Duration.ofMillis(2));
        agreeOn(heavy);
        assertThat(light.told(Demoted.class)).hasSize(1);
    }

    @Test
    void a_healed_group_settles_on_the_heaviest_within_one_hello() {
        for (int seed = 0; seed < 40; seed++) {
            VirtualLan split = new VirtualLan(seed);
            Random random = new Random(seed);
            for (int i = 0; i < 5; i++) {
                split.start("n" + i, settings().weight(random.nextInt(3)));
                split.run(Duration.ofMillis(random.nextInt(200)));
            }
            split.run(Duration.ofSeconds(5));
            assertThat(split.masters()).hasSize(1);
            for (Node one : split.nodes) {
                split.nodes.stream()
                        .filter(other -> other != one && random.nextBoolean())
                        .forEach(other -> split.cut(one, other));
            }
            split.run(Duration.ofSeconds(7));
            split.heal();
            split.run(HELLO.plusMillis(2));
            assertThat(split.masters()).as("seed %d", seed).hasSize(1);
            String master = split.masters().get(0).name;
            assertThat(split.nodes).allMatch(node -> node.masters().equals(List.of(master)));
        }
    }

    @Test
    void equal_weights_are_told_apart_by_age_and_then_by_id() {
        for (String name : List.of("b", "a", "c")) {
            start(name, 7);
        }
        lan.run(Duration.ofSeconds(3));
        agreeOn(lan.nodes.get(1));
        Node b = lan.nodes.get(0);
        Node a = lan.nodes.get(1);
        Node c = lan.nodes.get(2);
        lan.cut(a, b);
        lan.cut(b, c);
        lan.cut(a, c);
        lan.run(Duration.ofSeconds(5));
        assertThat(lan.masters()).hasSize(3);
        lan.heal();
        lan.run(HELLO.plusMillis(2));
        agreeOn(a);
    }

    @Test
    void as_many_masters_as_required_and_a_promotion_deposes_the_last_in_rank() {
        for (int i = 5; i > 0; i--) {
            lan.start("n" + i, settings().weight(i).mastersRequired(2));
        }
        lan.run(Duration.ofSeconds(3));
        assertThat(lan.masters()).extracting(node -> node.name).containsExactly("n5", "n4");
        assertThat(lan.nodes.get(4).masters()).containsExactly("n5", "n4");
        promote(lan.nodes.get(4));
        lan.run(Duration.ofMillis(10));
        assertThat(lan.masters()).extracting(node -> node.name).containsExactly("n5", "n1");
        assertThat(lan.nodes).allMatch(node -> node.masters().equals(List.of("n5", "n1")));
        lan.nodes.get(0).close();
        lan.run(Duration.ofMillis(10));
        assertThat(lan.masters()).extracting(node -> node.name).containsExactly("n4", "n1");
    }

    @Test
    void a_promotion_of_the_lightest_lasts_and_ends_with_the_mastership() {
        Node a = three();
        Node c = lan.nodes.get(2);
        promote(c);
        lan.run(Duration.ofSeconds(20));
        agreeOn(c);
        assertThat(a.told(Demoted.class)).hasSize(1);
        demote(c);
        lan.run(Duration.ofMillis(5));
        agreeOn(a);
        assertThat(c.told(Promoted.class)).hasSize(1);
    }

    @Test
    void a_hand_over_leaves_no_gap_and_its_terms_grow() {
        Node a = three();
        Node c = lan.nodes.get(2);
        CompletableFuture<Void> done = a.group.promote(c.group.roster().self());
        for (int i = 0; i < 50; i++) {
            lan.run(Duration.ofNanos(50_000));
            assertThat(lan.masters()).isNotEmpty();
            assertThat(lan.nodes).allMatch(node -> node.masters().size() >= 1);
        }
        assertThat(done).isCompleted();
        agreeOn(c);
        assertThat(lan.nodes.get(1).told(MasterChanged.class))
                .extracting(MasterChanged::term)
                .isSorted()
                .doesNotHaveDuplicates()
                .hasSize(2);
    }

    @Test
    void a_promotion_while_a_hand_over_is_under_way_comes_after_it() {
        Node a = three();
        CompletableFuture<Void> demoted = a.group.demote(false);
        CompletableFuture<Void> promoted = a.group.promote();
        lan.run(Duration.ofMillis(10));
        assertThat(demoted).isCompleted();
        assertThat(promoted).isCompleted();
        agreeOn(a);
        assertThat(lan.nodes.get(1).told(Promoted.class)).hasSize(1);
        assertThat(lan.nodes.get(2).told(MasterChanged.class))
                .extracting(changed -> changed.member().name())
                .containsExactly("a", "b", "a");
    }

    @Test
    void a_mastership_goes_to_and_fro_as_fast_as_it_is_asked_to() {
        Node a = three();
        Node b = lan.nodes.get(1);
        for (int i = 0; i < 10; i++) {
            demote(a);
            lan.run(Duration.ofMillis(3));
            agreeOn(b);
            demote(b);
            lan.run(Duration.ofMillis(3));
            agreeOn(a);
        }
    }

    @Test
    void a_node_that_leaves_is_not_promoted_any_more_and_does_not_wait_for_it() {
        Node a = three();
        lan.nodes.get(1).deafen();
        demote(a);
        CompletableFuture<Void> promoted = a.group.promote();
        a.close();
        lan.run(Duration.ofSeconds(1));
        assertThat(promoted).isCompletedExceptionally();
        agreeOn(lan.nodes.get(1));
        assertThat(a.told(Promoted.class)).hasSize(1);
    }

    @Test
    void a_successor_that_does_not_answer_is_not_waited_for() {
        Node a = three();
        lan.nodes.get(1).deafen();
        CompletableFuture<Void> chosen =
                a.group.promote(lan.nodes.get(1).group.roster().self());
        lan.run(Duration.ofSeconds(1));
        assertThat(chosen).isCompletedExceptionally();
        agreeOn(a);
        CompletableFuture<Void> demoted = a.group.demote(false);
        lan.run(Duration.ofSeconds(1));
        assertThat(demoted).isCompleted();
        agreeOn(lan.nodes.get(1));
    }

    @Test
    void a_master_that_leaves_is_followed_at_once_and_its_goodbye_is_heard() {
        Node a = three();
        a.close();
        lan.run(Duration.ofMillis(3));
        agreeOn(lan.nodes.get(1));
        assertThat(lan.nodes.get(2).members()).containsExactly("b", "c");
        assertThat(a.told(Demoted.class).get(0).reason()).isEqualTo("handed over to b");
    }

    @Test
    void a_loop_that_was_held_up_removes_nobody() {
        three();
        Node b = lan.nodes.get(1);
        for (int i = 0; i < 20; i++) {
            b.freeze();
            lan.run(Duration.ofMillis(1900));
            b.thaw();
            lan.run(Duration.ofMillis(100));
        }
        assertThat(b.told(MemberRemoved.class)).isEmpty();
        agreeOn(lan.nodes.get(0));
    }

    @Test
    void after_any_faults_all_agree_on_one_master() {
        for (int seed = 0; seed < 300; seed++) {
            faults(seed);
        }
    }

    private static void faults(int seed) {
        VirtualLan world = new VirtualLan(seed);
        Random random = new Random(seed);
        for (int i = 0; i < 5; i++) {
            world.start("n" + i, settings().weight(random.nextInt(4)));
            world.run(Duration.ofMillis(random.nextInt(1500)));
        }
        world.lose(0.05);
        List<Node> up = new ArrayList<>(world.nodes);
        for (int i = 0; i < 30; i++) {
            Node one = up.get(random.nextInt(up.size()));
            Node other = up.get(random.nextInt(up.size()));
            switch (random.nextInt(9)) {
                case 0 -> {
                    if (up.size() > 2) {
                        one.kill();
                        up.remove(one);
                    }
                }
                case 1 -> one.freeze();
                case 2, 3 -> one.thaw();
                case 4 -> {
                    if (one != other) {
                        world.cut(one, other);
                    }
                }
                case 5 -> world.heal();
                case 6 -> promote(one);
                case 7 -> demote(one);
                default -> {
                    // May be refused.
                    var unused = one.group.promote(other.group.roster().self());
                }
            }
            world.run(Duration.ofMillis(random.nextInt(2500)));
        }
        world.lose(0);
        world.heal();
        up.forEach(Node::thaw);
        world.run(Duration.ofSeconds(5));
        List<String> names = up.stream().map(node -> node.name).sorted().toList();
        assertThat(world.masters()).as("seed %d", seed).hasSize(1);
        String master = world.masters().get(0).name;
        assertThat(up)
                .as("seed %d", seed)
                .allMatch(node -> node.members().equals(names))
                .allMatch(node -> node.masters().equals(List.of(master)));
        assertThat(up).allMatch(node -> alternates(node));
    }

    /** A promotion and a demotion are told once each, in turn. */
    private static boolean alternates(Node node) {
        boolean master = false;
        for (Object event : node.told) {
            if (event instanceof Promoted || event instanceof Demoted) {
                if (master == event instanceof Promoted) {
                    return false;
                }
                master = !master;
            }
        }
        return master == node.isMaster();
    }

    private static void promote(Node node) {
        var unused = node.group.promote();
    }

    private static void demote(Node node) {
        var unused = node.group.demote(false);
    }

    private Node three() {
        Node a = start("a", 3);
        lan.run(Duration.ofMillis(7));
        start("b", 2);
        lan.run(Duration.ofMillis(7));
        start("c", 1);
        lan.run(Duration.ofSeconds(4));
        agreeOn(a);
        return a;
    }

    private Node start(String name) {
        return lan.start(name, settings());
    }

    private Node start(String name, double weight) {
        return lan.start(name, settings().weight(weight));
    }

    private static LanConfig.Builder settings() {
        return LanConfig.builder();
    }

    private static LanConfig.Builder quick() {
        return settings()
                .helloInterval(Duration.ofMillis(100))
                .checkInterval(Duration.ofMillis(100))
                .nodeTimeout(Duration.ofMillis(500));
    }

    private void agreeOn(Node master) {
        assertThat(lan.masters()).containsExactly(master);
        assertThat(lan.nodes.stream().filter(Node::isUp))
                .allMatch(node -> node.masters().equals(List.of(master.name)));
    }
}
