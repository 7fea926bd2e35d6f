package dev.coterie.cluster.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.coterie.cluster.concurrent.ThreadEventLoop;
import dev.coterie.cluster.discovery.DiscoveryEvent.Change;
import dev.coterie.cluster.discovery.DiscoveryEvent.Demoted;
import dev.coterie.cluster.discovery.DiscoveryEvent.Init;
import dev.coterie.cluster.discovery.DiscoveryEvent.MasterChanged;
import dev.coterie.cluster.discovery.DiscoveryEvent.MemberAdded;
import dev.coterie.cluster.discovery.DiscoveryEvent.MemberRemoved;
import dev.coterie.cluster.discovery.DiscoveryEvent.MemberUpdated;
import dev.coterie.cluster.discovery.DiscoveryEvent.Promoted;
import dev.coterie.cluster.lan.SharedTimers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * What an application may expect of every {@link Discovery}, on etcd or on a LAN.
 *
 * <p>A LAN cannot promise, and so this suite does not ask of both: that there is one master while the network is split;
 * that terms and revisions mean the same to all nodes; that the first view has all members in it; that a message arrives;
 * that a sender knows how many have joined; payloads of 1 MiB; sessions that are lost and restored.
 */
public abstract class DiscoveryContract {

    private final List<Node> nodes = new ArrayList<>();

    /** What is said over a channel. */
    protected record Order(String item, int count) {}

    /** A node and all it was told. */
    protected static final class Node {

        private final Discovery discovery;
        private final List<DiscoveryEvent> events = new CopyOnWriteArrayList<>();

        private Node(Discovery discovery) {
            this.discovery = discovery;
            discovery.on(DiscoveryEvent.class, events::add);
        }

        <E extends DiscoveryEvent> List<E> told(Class<E> type) {
            return events.stream().filter(type::isInstance).map(type::cast).toList();
        }

        List<String> names() {
            return discovery.view().members().stream()
                    .map(Member::name)
                    .sorted()
                    .toList();
        }

        boolean isMaster() {
            return discovery.mastership().isPresent();
        }
    }

    /** Joins the one group of this test. */
    protected abstract Discovery join(String name, double weight, boolean eligible);

    /** Whether what is sent without waiting always arrives. */
    protected abstract boolean deliversAll();

    @AfterEach
    void leave() {
        nodes.forEach(node -> node.discovery.close());
    }

    @Test
    void nodes_find_one_another_and_notice_who_leaves() {
        Node a = node("a");
        Node b = node("b");
        Node c = node("c");
        untilAllKnow(a, b, c);
        c.discovery.close();
        await().until(() -> a.names().equals(List.of("a", "b")) && b.names().equals(a.names()));
        assertThat(a.told(Init.class)).hasSize(1);
        assertThat(a.told(MemberAdded.class))
                .extracting(added -> added.member().name())
                .containsExactlyInAnyOrder("b", "c");
        await().until(() -> a.told(Change.class).size() == 3);
        assertThat(a.told(MemberRemoved.class))
                .extracting(removed -> removed.member().id())
                .containsExactly(c.discovery.self().id());
        assertThat(a.told(Change.class))
                .extracting(change -> change.view().revision())
                .isSorted()
                .doesNotHaveDuplicates();
        assertThat(kinds(a)).containsSubsequence("Init", "MemberAdded", "Change", "MemberAdded", "Change");
    }

    @Test
    void one_node_is_master_and_all_know_which() {
        Node a = node("a");
        await().until(a::isMaster);
        Node b = node("b");
        Node c = node("c");
        untilMasterIs(a, a, b, c);
        await().until(() -> c.told(MasterChanged.class).size() == 1);
        assertThat(a.told(Promoted.class)).hasSize(1);
        assertThat(b.told(Promoted.class)).isEmpty();
        assertThat(a.discovery.mastership().orElseThrow().isValid()).isTrue();
        assertThat(a.discovery.mastership().orElseThrow().slot()).isZero();
    }

    @Test
    void whoever_subscribes_late_is_told_how_things_stand() {
        Node a = node("a");
        await().until(a::isMaster);
        List<DiscoveryEvent> late = new CopyOnWriteArrayList<>();
        a.discovery.on(DiscoveryEvent.class, late::add);
        await().until(() -> late.size() == 3);
        assertThat(late)
                .extracting(event -> event.getClass().getSimpleName())
                .containsExactly("Init", "MasterChanged", "Promoted");
    }

    @Test
    void a_subscription_that_is_closed_hears_no_more() {
        Node a = node("a");
        List<DiscoveryEvent> heard = new CopyOnWriteArrayList<>();
        Subscription subscription = a.discovery.on(MemberAdded.class, heard::add);
        Node b = node("b");
        await().until(() -> heard.size() == 1);
        subscription.close();
        Node c = node("c");
        untilAllKnow(a, b, c);
        await().until(() -> a.told(MemberAdded.class).size() == 2);
        assertThat(heard).hasSize(1);
    }

    @Test
    void the_heaviest_follows_and_one_that_is_not_eligible_does_not() {
        Node a = node("a", 1, true);
        await().until(a::isMaster);
        Node light = node("light", 0, true);
        Node never = node("never", 100, false);
        Node heavy = node("heavy", 5, true);
        untilAllKnow(a, light, never, heavy);
        if (deliversAll()) {
            // A newcomer that has not heard the master in time takes itself for the first, and the heavier one stays.
            assertThat(a.isMaster()).isTrue();
        }
        a.discovery.close();
        untilMasterIs(heavy, light, never, heavy);
    }

    @Test
    void promotion_deposes_the_master_whatever_the_weight() {
        Node a = node("a", 2, true);
        await().until(a::isMaster);
        Node b = node("b", 1, true);
        Node c = node("c", 0, true);
        untilAllKnow(a, b, c);
        long term = a.discovery.mastership().orElseThrow().term();
        get(c.discovery.promote());
        untilMasterIs(c, a, b, c);
        await().until(() -> a.told(Demoted.class).size() == 1);
        assertThat(a.told(Demoted.class).get(0).mastership().isValid()).isFalse();
        assertThat(c.discovery.mastership().orElseThrow().term()).isGreaterThan(term);
        get(b.discovery.promote());
        untilMasterIs(b, a, b, c);
        assertThat(b.told(Promoted.class)).hasSize(1);
        assertThat(c.told(Promoted.class)).hasSize(1);
    }

    @Test
    void demotion_makes_way_for_good_or_for_a_while() {
        Node a = node("a");
        await().until(a::isMaster);
        Node b = node("b");
        untilMasterIs(a, a, b);
        get(a.discovery.demote());
        untilMasterIs(b, a, b);
        get(b.discovery.demote(true));
        untilMasterIs(a, a, b);
        await().until(() -> a.told(MemberUpdated.class).size() == 1);
        assertThat(a.told(MemberUpdated.class).get(0).member().eligible()).isFalse();
        assertThat(a.told(Promoted.class)).hasSize(2);
        get(b.discovery.promote());
        untilMasterIs(b, a, b);
        assertThat(b.discovery.self().eligible()).isTrue();
    }

    @Test
    void a_lonely_master_that_steps_down_stays_aside_until_another_has_been_master() {
        Node a = node("a");
        await().until(a::isMaster);
        get(a.discovery.demote());
        await().until(() -> a.told(Demoted.class).size() == 1);
        Node b = node("b");
        untilMasterIs(b, a, b);
        assertThat(a.told(Promoted.class)).hasSize(1);
        b.discovery.close();
        await().until(a::isMaster);
    }

    @Test
    void a_master_hands_over_to_whom_it_chooses() {
        Node a = node("a", 2, true);
        await().until(a::isMaster);
        Node b = node("b", 1, true);
        Node c = node("c", 0, true);
        Node never = node("never", 0, false);
        untilAllKnow(a, b, c, never);
        long term = a.discovery.mastership().orElseThrow().term();
        get(a.discovery.promote(c.discovery.self()));
        untilMasterIs(c, a, b, c);
        assertThat(c.discovery.mastership().orElseThrow().term()).isGreaterThan(term);
        assertThat(b.told(Promoted.class)).isEmpty();
        await().until(() -> a.told(Demoted.class).size() == 1);
        assertThat(a.told(Demoted.class).get(0).reason()).contains("c");

        assertThat(failure(a.discovery.promote(b.discovery.self()))).isInstanceOf(IllegalStateException.class);
        assertThat(failure(c.discovery.promote(never.discovery.self()))).isInstanceOf(IllegalArgumentException.class);
        b.discovery.close();
        await().until(() -> c.names().equals(List.of("a", "c", "never")));
        assertThat(failure(c.discovery.promote(b.discovery.self()))).isInstanceOf(IllegalArgumentException.class);
        assertThat(c.isMaster()).isTrue();
    }

    @Test
    void a_master_that_leaves_is_followed_without_a_gap() {
        Node a = node("a");
        await().until(a::isMaster);
        Node b = node("b");
        Node c = node("c");
        untilMasterIs(a, a, b, c);
        List<Integer> masters = new CopyOnWriteArrayList<>();
        c.discovery.on(
                DiscoveryEvent.class, event -> masters.add(c.discovery.masters().size()));
        a.discovery.close();
        await().until(() -> c.names().equals(List.of("b", "c")));
        untilMasterIs(b, b, c);
        assertThat(masters).isNotEmpty().doesNotContain(0);
        assertThat(a.told(Demoted.class)).hasSize(1);
        assertThat(c.told(Promoted.class)).isEmpty();
    }

    @Test
    void what_a_node_says_of_itself_is_seen_by_all() {
        Node a = node("a");
        Node b = node("b");
        untilAllKnow(a, b);
        get(a.discovery.advertise(Map.of("role", "first")));
        await().until(() -> b.told(MemberUpdated.class).size() == 1);
        assertThat(b.told(MemberUpdated.class).get(0).member().info()).isEqualTo(Map.of("role", "first"));
        get(a.discovery.advertise(List.of(new Service("web", false, Map.of("port", 80)))));
        await().until(() -> b.told(MemberUpdated.class).size() == 2);
        Member seen = b.told(MemberUpdated.class).get(1).member();
        assertThat(seen.services()).containsExactly(new Service("web", false, Map.of("port", 80)));
        assertThat(seen.info()).isEqualTo(Map.of("role", "first"));
        assertThat(b.discovery.view().member(seen.id())).contains(seen);
        assertThatThrownBy(() -> a.discovery.advertise(Map.of("much", "x".repeat(100_000))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("info");
        List<Object> endless = new ArrayList<>();
        endless.add(endless);
        assertThatThrownBy(() -> a.discovery.advertise(Map.of("odd", endless)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void all_others_that_have_joined_hear_what_is_sent() {
        Node a = node("a");
        Node b = node("b");
        Node c = node("c");
        untilAllKnow(a, b, c);
        List<String> heard = new CopyOnWriteArrayList<>();
        for (Node node : List.of(a, b, c)) {
            String name = node.discovery.self().name();
            get(channels(node)
                    .join(
                            "orders",
                            Order.class,
                            (order, from) -> heard.add(
                                    name + ": " + order.count() + " " + order.item() + " from " + from.name())));
        }
        await().until(() -> {
            channels(a).send("orders", new Order("pen", 3));
            return heard.contains("b: 3 pen from a") && heard.contains("c: 3 pen from a");
        });
        assertThat(heard).noneMatch(line -> line.startsWith("a:"));
        get(channels(b).leave("orders"));
        int before = heard.size();
        await().until(() -> {
            channels(c).send("orders", new Order("cup", 1));
            return heard.contains("a: 1 cup from c");
        });
        await().until(() -> {
            channels(c).send("orders", new Order("end", 0));
            return heard.contains("a: 0 end from c");
        });
        // What was sent for good measure may still be arriving.
        List<String> all = List.copyOf(heard);
        assertThat(all.subList(before, all.size())).noneMatch(line -> line.startsWith("b: 0 end"));
    }

    @Test
    void every_kind_of_payload_arrives_as_it_was() {
        Node a = node("a");
        Node b = node("b");
        untilAllKnow(a, b);
        List<Object> heard = new CopyOnWriteArrayList<>();
        get(channels(b).join("numbers", Integer.class, (number, from) -> heard.add(number)));
        get(channels(b).join("texts", String.class, (text, from) -> heard.add(text)));
        get(channels(b).join("flags", Boolean.class, (flag, from) -> heard.add(flag)));
        get(channels(b).join("bytes", byte[].class, (bytes, from) -> heard.add(List.of(bytes.length))));
        get(channels(b).join("ready", byte[].class, (bytes, from) -> heard.add("ready")));
        await().until(() -> {
            channels(a).send("ready", new byte[0]);
            return heard.contains("ready");
        });
        channels(a).send("numbers", 0);
        channels(a).send("numbers", 7);
        channels(a).send("texts", "");
        channels(a).send("texts", "é \n \"");
        channels(a).send("flags", false);
        channels(a).send("bytes", new byte[0]);
        channels(a).send("bytes", new byte[1000]);
        await().untilAsserted(() -> assertThat(heard.stream().filter(one -> !one.equals("ready")))
                .containsExactly(0, 7, "", "é \n \"", false, List.of(0), List.of(1000)));
    }

    @Test
    void messages_of_one_sender_arrive_in_order_and_at_most_once() {
        Node a = node("a");
        Node b = node("b");
        untilAllKnow(a, b);
        List<Integer> heard = new CopyOnWriteArrayList<>();
        get(channels(b).join("numbers", Integer.class, (number, from) -> heard.add(number)));
        await().until(() -> {
            channels(a).send("numbers", -1);
            return !heard.isEmpty();
        });
        IntStream.range(0, 2000).forEach(i -> channels(a).send("numbers", i, Duration.ofSeconds(5)));
        await().until(() -> {
            channels(a).send("numbers", 2000, Duration.ofSeconds(5));
            return heard.contains(2000);
        });
        List<Integer> counted =
                heard.stream().filter(number -> number >= 0 && number < 2000).toList();
        assertThat(counted).isSorted().doesNotHaveDuplicates();
        assertThat(counted).hasSizeGreaterThan(deliversAll() ? 1999 : 200);
    }

    @Test
    void a_request_is_answered_by_the_member_asked_or_says_why_not() {
        Node a = node("a");
        Node b = node("b");
        untilAllKnow(a, b);
        Member other = b.discovery.self();
        get(channels(b).respond("triple", Integer.class, (number, from) -> number * 3));
        get(channels(b).respond("echo", byte[].class, (bytes, from) -> bytes));
        get(channels(b).respond("fails", String.class, (text, from) -> {
            throw new IllegalStateException("no " + text + " today");
        }));
        get(channels(b).respond("slow", String.class, (text, from) -> {
            await().pollDelay(Duration.ofMillis(300)).until(() -> true);
            return text;
        }));
        assertThat(get(channels(a).request("triple", other, 14, Integer.class, Duration.ofSeconds(5))))
                .isEqualTo(42);
        assertThat(get(channels(a).request("echo", other, new byte[] {1, 2}, byte[].class, Duration.ofSeconds(5))))
                .containsExactly(1, 2);
        assertThat(refusal(ask(a, other, "fails", 5000)).reason()).isEqualTo(RequestFailed.Reason.FAILED);
        assertThat(refusal(ask(a, other, "fails", 5000))).hasMessageContaining("no bread today");
        assertThat(refusal(ask(a, other, "nobody", 5000)).reason()).isEqualTo(RequestFailed.Reason.NO_RESPONDER);
        assertThat(refusal(ask(a, other, "slow", 50)).reason()).isEqualTo(RequestFailed.Reason.UNKNOWN);
        b.discovery.close();
        await().until(() -> a.names().equals(List.of("a")));
        assertThat(refusal(ask(a, other, "triple", 5000)).reason()).isEqualTo(RequestFailed.Reason.NOT_SENT);
    }

    @Test
    void a_timer_set_on_one_node_can_be_cleared_from_any() {
        Node a = node("a");
        Node b = node("b");
        untilAllKnow(a, b);
        List<String> fired = new CopyOnWriteArrayList<>();
        try (ThreadEventLoop loop = new ThreadEventLoop("timers");
                SharedTimers here = new SharedTimers(a.discovery, loop);
                SharedTimers there = new SharedTimers(b.discovery, loop)) {
            // Until each knows that the other has joined.
            await().until(() -> {
                here.set("first", Duration.ofMinutes(1), () -> fired.add("first"));
                return get(there.clear("first", Duration.ofMillis(200)));
            });
            here.set("kept", Duration.ofMillis(300), () -> fired.add("kept"));
            here.set("cleared", Duration.ofMillis(300), () -> fired.add("cleared"));
            assertThat(get(there.clear("cleared", Duration.ofSeconds(5)))).isTrue();
            await().until(() -> fired.contains("kept"));
            assertThat(get(there.clear("kept", Duration.ofMillis(100)))).isFalse();
            assertThat(get(there.clear("never set", Duration.ofMillis(100)))).isFalse();
            here.set("own", Duration.ofMinutes(1), () -> fired.add("own"));
            assertThat(get(here.clear("own", Duration.ZERO))).isTrue();
        }
        assertThat(fired).containsExactly("kept");
    }

    @Test
    void names_and_sizes_are_checked() {
        Node a = node("a");
        for (String reserved : List.of("promotion", "demotion", "added", "removed", "master", "hello")) {
            assertThatThrownBy(() -> channels(a).send(reserved, "x"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(reserved);
            assertThatThrownBy(() -> channels(a).join(reserved, String.class, (text, from) -> {}))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> channels(a).leave(reserved)).isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> channels(a).join("a/b", String.class, (text, from) -> {}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("a/b");
        assertThatThrownBy(() -> channels(a).send("big", new byte[Channels.MAX_PAYLOAD + 1]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("big");
        get(channels(a).join("once", String.class, (text, from) -> {}));
        assertThatThrownBy(() -> channels(a).join("once", String.class, (text, from) -> {}))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("once");
        get(channels(a).leave("once"));
        get(channels(a).leave("once"));
        get(channels(a).join("once", String.class, (text, from) -> {}));
    }

    // --- The words in which the tests are written -------------------------------------------------------------------

    private Node node(String name) {
        return node(name, 0, true);
    }

    private Node node(String name, double weight, boolean eligible) {
        Node node = new Node(join(name, weight, eligible));
        nodes.add(0, node);
        return node;
    }

    private static void untilAllKnow(Node... all) {
        List<String> names = List.of(all).stream()
                .map(node -> node.discovery.self().name())
                .sorted()
                .toList();
        await().until(() -> List.of(all).stream().allMatch(node -> node.names().equals(names)));
    }

    private static void untilMasterIs(Node master, Node... all) {
        String id = master.discovery.self().id();
        await().until(() -> List.of(all).stream()
                .allMatch(node -> node.discovery.masters().stream()
                                .map(Member::id)
                                .toList()
                                .equals(List.of(id))
                        && node.isMaster() == (node == master)));
    }

    private static Channels channels(Node node) {
        return node.discovery.channels();
    }

    private static CompletionStage<String> ask(Node node, Member other, String channel, int millis) {
        return channels(node).request(channel, other, "bread", String.class, Duration.ofMillis(millis));
    }

    private static RequestFailed refusal(CompletionStage<?> stage) {
        return (RequestFailed) failure(stage);
    }

    private static Throwable failure(CompletionStage<?> stage) {
        try {
            Object unexpected = get(stage);
            throw new AssertionError("no failure, but " + unexpected);
        } catch (CompletionException failed) {
            return failed.getCause();
        }
    }

    private static <T> T get(CompletionStage<T> stage) {
        return stage.toCompletableFuture().orTimeout(10, TimeUnit.SECONDS).join();
    }

    private static List<String> kinds(Node node) {
        return node.events.stream()
                .map(event -> event.getClass().getSimpleName())
                .toList();
    }
}
