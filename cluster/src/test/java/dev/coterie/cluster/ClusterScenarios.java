package dev.coterie.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import dev.coterie.cluster.discovery.DiscoveryEvent;
import dev.coterie.cluster.discovery.DiscoveryEvent.Change;
import dev.coterie.cluster.discovery.DiscoveryEvent.Demoted;
import dev.coterie.cluster.discovery.DiscoveryEvent.Init;
import dev.coterie.cluster.discovery.DiscoveryEvent.MasterChanged;
import dev.coterie.cluster.discovery.DiscoveryEvent.MemberAdded;
import dev.coterie.cluster.discovery.DiscoveryEvent.MemberRemoved;
import dev.coterie.cluster.discovery.DiscoveryEvent.MemberUpdated;
import dev.coterie.cluster.discovery.DiscoveryEvent.Promoted;
import dev.coterie.cluster.discovery.DiscoveryEvent.Rejoined;
import dev.coterie.cluster.discovery.DiscoveryEvent.SessionLost;
import dev.coterie.cluster.discovery.Mastership;
import dev.coterie.cluster.discovery.Service;
import dev.coterie.cluster.link.LinkException;
import dev.coterie.cluster.store.Condition;
import dev.coterie.cluster.store.Entry;
import dev.coterie.cluster.store.Operation;
import dev.coterie.cluster.store.Range;
import dev.coterie.cluster.store.StoreException;
import dev.coterie.cluster.store.Transaction;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Nodes that join, leave, lose their sessions and hand over; run on every kind of etcd. */
abstract class ClusterScenarios {

    private final List<TestNode> nodes = new ArrayList<>();

    /** Where etcd answers. */
    abstract List<String> endpoints();

    @AfterEach
    void leave() {
        nodes.forEach(TestNode::close);
    }

    @Test
    void a_node_sees_first_a_view_and_then_differences() {
        TestNode a = join("a");
        assertThat(a.names()).containsExactly("a");
        TestNode b = join("b");
        assertThat(b.names()).containsExactly("a", "b");
        await().until(() -> a.names().equals(List.of("a", "b")));
        TestNode c = join("c");
        await().until(() ->
                a.names().equals(List.of("a", "b", "c")) && b.names().equals(a.names()));
        c.close();
        await().until(() -> a.told(MemberRemoved.class).size() == 1);

        assertThat(a.told(Init.class)).hasSize(1);
        assertThat(a.told(MemberAdded.class))
                .extracting(added -> added.member().name())
                .containsExactly("b", "c");
        assertThat(a.told(MemberRemoved.class).get(0).member().name()).isEqualTo("c");
        assertThat(a.told(Change.class)).hasSize(3);
        assertThat(b.told(Init.class).get(0).view().members())
                .extracting(member -> member.name())
                .containsExactly("a", "b");
        assertThat(a.told(Change.class))
                .extracting(change -> change.view().revision())
                .isSorted()
                .doesNotHaveDuplicates();
    }

    @Test
    void one_node_is_master_and_the_others_know() {
        TestNode a = join("a");
        await().until(a::isMaster);
        TestNode b = join("b");
        TestNode c = join("c");
        await().until(() ->
                c.cluster.masters().size() == 1 && b.cluster.masters().size() == 1);
        assertThat(c.cluster.masters().get(0).name()).isEqualTo("a");
        await().until(() -> c.told(MasterChanged.class).size() == 1);
        assertThat(b.told(Promoted.class)).isEmpty();
        assertThat(a.told(Promoted.class)).hasSize(1);
    }

    @Test
    void a_master_that_leaves_hands_over_to_the_next() {
        TestNode a = join("a");
        await().until(a::isMaster);
        TestNode b = join("b");
        TestNode c = join("c");
        long term = a.cluster.mastership().orElseThrow().term();
        a.close();
        await().until(b::isMaster);
        await().until(() -> c.told(MasterChanged.class).size() == 2);
        assertThat(b.cluster.mastership().orElseThrow().term()).isGreaterThan(term);
        assertThat(c.told(MasterChanged.class).get(1).member().name()).isEqualTo("b");
        assertThat(a.told(Demoted.class)).hasSize(1);
        assertThat(a.told(Demoted.class).get(0).mastership().isValid()).isFalse();
        assertThat(c.told(Promoted.class)).isEmpty();
    }

    @Test
    void a_node_that_is_closed_twice_does_not_wait_for_what_it_has_said() {
        TestNode a = join("a");
        a.close();
        assertTimeout(Duration.ofSeconds(2), a::close);
    }

    @Test
    void the_heaviest_candidate_follows_and_one_that_is_not_eligible_does_not() {
        TestNode a = join("a");
        await().until(a::isMaster);
        join("light");
        join("never", config -> config.withEligible(false).withWeight(100));
        TestNode heavy = join("heavy", config -> config.withWeight(5));
        await().until(() -> a.names().size() == 4);
        a.close();
        await().until(heavy::isMaster);
    }

    @Test
    void promotion_deposes_the_master_and_demotion_makes_way() {
        TestNode a = join("a");
        await().until(a::isMaster);
        TestNode b = join("b");
        get(b.cluster.promote().toCompletableFuture());
        await().until(() -> b.isMaster() && !a.isMaster());
        await().until(() -> a.told(Demoted.class).size() == 1);
        get(b.cluster.demote(false).toCompletableFuture());
        await().until(() -> a.isMaster() && !b.isMaster());
        get(a.cluster.demote(true).toCompletableFuture());
        await().until(() -> b.isMaster() && !a.isMaster());
        assertThat(a.told(Promoted.class)).hasSize(2);
        assertThat(b.told(Promoted.class)).hasSize(2);
        await().until(() -> b.told(MemberUpdated.class).size() == 1);
        assertThat(b.told(MemberUpdated.class).get(0).member().eligible()).isFalse();
    }

    @Test
    void a_lonely_master_that_steps_down_stays_aside_until_another_has_been_master() {
        TestNode a = join("a");
        await().until(a::isMaster);
        get(a.cluster.demote(false).toCompletableFuture());
        await().until(() -> a.told(Demoted.class).size() == 1);
        TestNode b = join("b");
        await().until(b::isMaster);
        assertThat(a.told(Promoted.class)).hasSize(1);
        b.close();
        await().until(a::isMaster);
    }

    @Test
    void what_an_old_master_writes_is_refused() {
        TestNode a = join("a");
        await().until(a::isMaster);
        Mastership old = a.cluster.mastership().orElseThrow();
        TestNode b = join("b");
        assertThat(write(a, old, "1").succeeded()).isTrue();
        get(b.cluster.promote().toCompletableFuture());
        assertThat(write(a, old, "2").succeeded()).isFalse();
        await().until(b::isMaster);
        assertThat(write(b, b.cluster.mastership().orElseThrow(), "3").succeeded())
                .isTrue();
    }

    @Test
    void a_session_revoked_from_outside_comes_back_with_all_its_keys() {
        TestNode a = join("a");
        await().until(a::isMaster);
        TestNode b = join("b");
        List<String> heard = new ArrayList<>();
        get(a.cluster
                .channels()
                .join("news", String.class, (text, from) -> heard.add(text))
                .toCompletableFuture());
        String before = a.cluster.self().id();
        Entry registration = read(a, "services/127.0.0.1:" + a.cluster.self().port());
        long revoked = System.nanoTime();
        get(a.cluster.store().revoke(registration.lease()));
        await().until(() -> a.told(Rejoined.class).size() == 1);
        assertThat(Duration.ofNanos(System.nanoTime() - revoked)).isLessThan(Duration.ofSeconds(2));

        assertThat(a.cluster.self().id()).isNotEqualTo(before).startsWith("a-");
        assertThat(a.told(SessionLost.class).get(0).member().id()).isEqualTo(before);
        await().until(b::isMaster);
        await().until(() -> a.told(MasterChanged.class).size() == 2);
        assertThat(kinds(a)).containsSubsequence("Demoted", "SessionLost", "Rejoined");
        assertThat(kinds(a)).containsSubsequence("SessionLost", "MasterChanged");
        await().until(() -> b.told(MemberAdded.class).size() == 1);
        assertThat(b.told(MemberRemoved.class).get(0).member().id()).isEqualTo(before);
        assertThat(b.told(MemberAdded.class).get(0).member().id())
                .isEqualTo(a.cluster.self().id());
        Entry channel = read(a, "channels/news/" + a.cluster.self().id());
        assertThat(channel.createRevision())
                .isEqualTo(
                        read(a, "services/127.0.0.1:" + a.cluster.self().port()).createRevision());
        await().until(() -> {
            b.cluster.channels().send("news", "hello again");
            return !heard.isEmpty();
        });
    }

    @Test
    void a_registration_deleted_by_hand_comes_back() {
        TestNode a = join("a");
        String key = "services/127.0.0.1:" + a.cluster.self().port();
        delete(key);
        await().until(() -> a.told(Rejoined.class).size() == 1);
        assertThat(read(a, key).text()).contains(a.cluster.self().id());
    }

    @Test
    void a_port_that_another_process_holds_is_named() {
        TestNode a = join("a");
        int port = a.cluster.self().port();
        assertThatThrownBy(() -> join("b", config -> config.withPort(port)))
                .isInstanceOfSatisfying(
                        LinkException.class,
                        failure -> assertThat(failure.kind()).isEqualTo(LinkException.Kind.PORT_TAKEN))
                .hasMessageContaining(String.valueOf(port));
        assertThat(a.told(SessionLost.class)).isEmpty();
    }

    @Test
    void an_address_of_another_machine_is_named() {
        assertThatThrownBy(() -> join("a", config -> config.withAddress("203.0.113.7")))
                .isInstanceOfSatisfying(
                        LinkException.class,
                        failure -> assertThat(failure.kind()).isEqualTo(LinkException.Kind.NOT_LOCAL))
                .hasMessageContaining("203.0.113.7");
    }

    @Test
    void what_an_earlier_process_left_on_the_same_port_is_replaced() {
        TestNode a = join("a");
        Entry old = read(a, "services/127.0.0.1:" + a.cluster.self().port());
        int port = a.cluster.self().port();
        a.close();
        long lease = 4711;
        get(probe().cluster.store().grant(lease, Duration.ofSeconds(60)));
        get(probe().cluster.store().commit(Transaction.when().then(Operation.put(old.key(), old.text(), lease))));
        TestNode again = join("again", config -> config.withPort(port));
        assertThat(read(again, old.key()).text()).contains(again.cluster.self().id());
        assertThat(read(again, old.key()).lease()).isNotEqualTo(lease);
    }

    @Test
    void a_registration_that_is_not_ours_to_read_is_left_alone() {
        TestNode a = join("a");
        get(a.cluster.store().commit(Transaction.when().then(Operation.put("services/10.0.0.9", "10.0.0.9"))));
        TestNode b = join("b");
        assertThat(b.names()).containsExactly("a", "b");
        delete("services/10.0.0.9");
    }

    @Test
    void another_machine_on_the_same_loopback_address_is_told_to_name_an_address() {
        TestNode a = join("a");
        String key = "services/127.0.0.1:" + a.cluster.self().port();
        String foreign = read(a, key).text().replaceAll("\"host\":\"[^\"]*\"", "\"host\":\"elsewhere\"");
        int port = a.cluster.self().port();
        a.close();
        get(probe().cluster.store().commit(Transaction.when().then(Operation.put(key, foreign))));
        assertThatThrownBy(() -> join("b", config -> config.withPort(port)))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("elsewhere")
                .hasMessageContaining("address");
        delete(key);
    }

    @Test
    void what_a_node_advertises_is_seen_by_all() {
        TestNode a = join("a", config -> config.withInfo(Map.of("role", "first")));
        TestNode b = join("b");
        assertThat(b.cluster.view().members().get(0).info()).isEqualTo(Map.of("role", "first"));
        get(a.cluster.advertise(Map.of("role", "second")).toCompletableFuture());
        await().until(() -> b.told(MemberUpdated.class).size() == 1);
        assertThat(b.told(MemberUpdated.class).get(0).member().info()).isEqualTo(Map.of("role", "second"));
        assertThat(b.told(MemberUpdated.class).get(0).before().info()).isEqualTo(Map.of("role", "first"));
        assertThatThrownBy(() -> a.cluster.advertise(Map.of("much", "x".repeat(100_000))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("info");
    }

    @Test
    void services_and_what_else_a_node_advertises_leave_each_other_alone() {
        TestNode a = join("a", config -> config.withInfo(Map.of("role", "first")));
        TestNode b = join("b");
        Service shop = Service.of("shop").withInfo(Map.of("port", 8080));
        get(a.cluster.advertise(List.of(shop)).toCompletableFuture());
        get(a.cluster.advertise(Map.of("role", "second")).toCompletableFuture());
        await().until(() -> b.told(MemberUpdated.class).size() == 2);
        assertThat(b.told(MemberUpdated.class).get(0).member().info()).isEqualTo(Map.of("role", "first"));
        assertThat(b.told(MemberUpdated.class).get(1).member().info()).isEqualTo(Map.of("role", "second"));
        assertThat(b.told(MemberUpdated.class))
                .allSatisfy(updated -> assertThat(updated.member().services()).containsExactly(shop));
    }

    @Test
    void twenty_nodes_that_join_at_once_agree() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(20);
        try {
            List<CompletableFuture<TestNode>> joining = IntStream.range(0, 20)
                    .mapToObj(i -> CompletableFuture.supplyAsync(() -> TestNode.join(endpoints(), "n" + i), threads))
                    .toList();
            for (CompletableFuture<TestNode> one : joining) {
                nodes.add(one.get(60, TimeUnit.SECONDS));
            }
        } finally {
            threads.shutdownNow();
        }
        await().atMost(Duration.ofSeconds(20))
                .until(() -> nodes.stream().allMatch(node -> node.names().size() == 20));
        await().until(() ->
                nodes.stream().allMatch(node -> node.cluster.masters().size() == 1));
        assertThat(nodes.stream().filter(TestNode::isMaster)).hasSize(1);
        assertThat(nodes.stream()
                        .map(node -> node.cluster.masters().get(0).id())
                        .distinct())
                .hasSize(1);
        for (TestNode node : nodes) {
            int inFirstView = node.told(Init.class).get(0).view().members().size();
            await().until(() -> inFirstView + node.told(MemberAdded.class).size() == 20);
            assertThat(node.told(MemberRemoved.class)).isEmpty();
        }
    }

    @Test
    void whoever_subscribes_late_is_told_how_things_stand() {
        TestNode a = join("a");
        await().until(a::isMaster);
        List<DiscoveryEvent> late = new ArrayList<>();
        a.cluster.on(DiscoveryEvent.class, late::add);
        await().until(() -> late.size() == 3);
        assertThat(late)
                .extracting(event -> event.getClass().getSimpleName())
                .containsExactly("Init", "MasterChanged", "Promoted");
    }

    // --- The words in which the tests are written -------------------------------------------------------------------

    final TestNode join(String name) {
        return join(name, config -> config);
    }

    private TestNode join(String name, UnaryOperator<ClusterConfig> change) {
        TestNode node = TestNode.join(endpoints(), name, change);
        nodes.add(node);
        return node;
    }

    private TestNode probe() {
        return nodes.stream()
                .filter(node -> node.cluster.self().name().equals("probe"))
                .findFirst()
                .orElseGet(() -> join("probe", config -> config.withEligible(false)));
    }

    private void delete(String key) {
        get(probe().cluster.store().commit(Transaction.when().then(Operation.delete(key))));
    }

    private static Entry read(TestNode node, String key) {
        return get(node.cluster.store().range(Range.key(key))).entries().get(0);
    }

    private static Transaction.Result write(TestNode node, Mastership mastership, String value) {
        List<Condition> guard = node.cluster.guard(mastership);
        return get(node.cluster.store().commit(Transaction.when(guard).then(Operation.put("guarded", value))));
    }

    private static List<String> kinds(TestNode node) {
        return node.events.stream()
                .map(event -> event.getClass().getSimpleName())
                .toList();
    }

    private static <T> T get(CompletableFuture<T> future) {
        return future.orTimeout(10, TimeUnit.SECONDS).join();
    }
}
