package dev.coterie.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.coterie.cluster.discovery.Channels;
import dev.coterie.cluster.discovery.Member;
import dev.coterie.cluster.discovery.RequestFailed;
import dev.coterie.etcd.EtcdProcess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Messages between nodes, over real links. */
class ChannelsIT {

    private static EtcdProcess etcd;

    private TestNode a;
    private TestNode b;
    private final List<TestNode> nodes = new ArrayList<>();

    record Order(String item, int count) {}

    @BeforeAll
    static void startEtcd() {
        etcd = EtcdProcess.with().fastStorage().start();
    }

    @AfterAll
    static void stopEtcd() {
        etcd.close();
    }

    @BeforeEach
    void join() {
        a = join("a");
        b = join("b");
    }

    @AfterEach
    void leave() {
        nodes.forEach(TestNode::close);
    }

    @Test
    void all_that_have_joined_hear_what_is_sent_but_the_sender_does_not() {
        TestNode c = join("c");
        List<String> heard = new CopyOnWriteArrayList<>();
        for (TestNode node : List.of(a, b, c)) {
            get(node.cluster
                    .channels()
                    .join(
                            "orders",
                            Order.class,
                            (order, from) -> heard.add(node.cluster.self().name() + " " + order.item() + " "
                                    + order.count() + " from " + from.name())));
        }
        untilReceivers(a, "orders", 2);
        assertThat(a.cluster.channels().send("orders", new Order("pen", 3))).isEqualTo(new Channels.Sent(2, 0));
        await().until(() -> heard.contains("b pen 3 from a") && heard.contains("c pen 3 from a"));
        assertThat(heard).noneMatch(line -> line.startsWith("a "));
    }

    @Test
    void one_need_not_join_to_send_and_hears_no_more_after_leaving() {
        List<String> heard = new CopyOnWriteArrayList<>();
        get(b.cluster.channels().join("news", String.class, (text, from) -> keep(heard, text)));
        untilReceivers(a, "news", 1);
        a.cluster.channels().send("news", "one");
        await().until(() -> heard.equals(List.of("one")));
        get(b.cluster.channels().leave("news"));
        untilReceivers(a, "news", 0);
        a.cluster.channels().send("news", "two");
        get(b.cluster.channels().join("news", String.class, (text, from) -> keep(heard, text)));
        untilReceivers(a, "news", 1);
        assertThat(heard).doesNotContain("two");
    }

    @Test
    void messages_of_one_sender_arrive_in_order_and_once() {
        List<Integer> heard = new CopyOnWriteArrayList<>();
        List<Integer> collected = new ArrayList<>();
        get(b.cluster.channels().join("numbers", byte[].class, (bytes, from) -> {
            if (bytes.length > 0) {
                collected.add(bytes.length);
            }
            if (collected.size() == 20_000) {
                heard.add(collected.size());
            }
        }));
        untilReceivers(a, "numbers", 1);
        Channels channels = a.cluster.channels();
        IntStream.range(0, 20_000)
                .forEach(i -> assertThat(channels.send("numbers", new byte[1 + i % 1000], Duration.ofSeconds(10)))
                        .isEqualTo(new Channels.Sent(1, 0)));
        await().until(() -> !heard.isEmpty());
        assertThat(collected)
                .containsExactlyElementsOf(IntStream.range(0, 20_000)
                        .map(i -> 1 + i % 1000)
                        .boxed()
                        .toList());
    }

    @Test
    void a_handler_that_throws_costs_only_its_message() {
        List<String> heard = new CopyOnWriteArrayList<>();
        get(b.cluster.channels().join("news", String.class, (text, from) -> {
            if (text.equals("bad")) {
                throw new IllegalStateException("as it should");
            }
            keep(heard, text);
        }));
        untilReceivers(a, "news", 1);
        List.of("one", "bad", "two").forEach(text -> a.cluster.channels().send("news", text));
        await().until(() -> heard.equals(List.of("one", "two")));
    }

    @Test
    void a_request_is_answered_by_the_member_asked() {
        get(b.cluster.channels().respond("triple", Integer.class, (number, from) -> number * 3));
        Member other = b.cluster.self();
        await().until(() -> a.names().contains("b"));
        assertThat(get(a.cluster.channels().request("triple", other, 14, Integer.class, Duration.ofSeconds(5))))
                .isEqualTo(42);
        List<CompletionStage<Integer>> many = IntStream.range(0, 500)
                .mapToObj(i -> a.cluster.channels().request("triple", other, i, Integer.class, Duration.ofSeconds(5)))
                .toList();
        for (int i = 0; i < 500; i++) {
            assertThat(get(many.get(i))).isEqualTo(i * 3);
        }
    }

    @Test
    void a_request_without_an_answer_says_why() {
        Member other = b.cluster.self();
        await().until(() -> a.names().contains("b"));
        get(b.cluster.channels().respond("fails", String.class, (text, from) -> {
            throw new IllegalStateException("no " + text + " today");
        }));
        get(b.cluster.channels().respond("slow", String.class, (text, from) -> {
            await().pollDelay(Duration.ofMillis(400)).until(() -> true);
            return text;
        }));
        assertThat(failure(request(other, "fails", 5000)).reason()).isEqualTo(RequestFailed.Reason.FAILED);
        assertThat(failure(request(other, "fails", 5000))).hasMessageContaining("no bread today");
        assertThat(failure(request(other, "nobody", 5000)).reason()).isEqualTo(RequestFailed.Reason.NO_RESPONDER);
        assertThat(failure(request(other, "slow", 50)).reason()).isEqualTo(RequestFailed.Reason.UNKNOWN);
        b.close();
        await().until(() -> !a.names().contains("b"));
        assertThat(failure(request(other, "fails", 5000)).reason()).isEqualTo(RequestFailed.Reason.NOT_SENT);
    }

    @Test
    void names_and_sizes_are_checked() {
        Channels channels = a.cluster.channels();
        assertThatThrownBy(() -> channels.send("promotion", "x"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("promotion")
                .hasMessageContaining("reserved");
        assertThatThrownBy(() -> channels.join("a/b", String.class, (text, from) -> {}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("a/b");
        assertThatThrownBy(() -> channels.send("", "x")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> channels.send("big", new byte[Channels.MAX_PAYLOAD + 1]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(String.valueOf(Channels.MAX_PAYLOAD));
        get(channels.join("once", String.class, (text, from) -> {}));
        assertThatThrownBy(() -> channels.join("once", String.class, (text, from) -> {}))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("once");
    }

    @Test
    void the_largest_payload_passes() {
        List<Integer> sizes = new CopyOnWriteArrayList<>();
        get(b.cluster.channels().join("big", byte[].class, (bytes, from) -> sizes.add(bytes.length)));
        untilReceivers(a, "big", 1);
        a.cluster.channels().send("big", new byte[Channels.MAX_PAYLOAD]);
        await().until(() -> sizes.contains(Channels.MAX_PAYLOAD));
    }

    private CompletionStage<String> request(Member to, String channel, int millis) {
        return a.cluster.channels().request(channel, to, "bread", String.class, Duration.ofMillis(millis));
    }

    /** Waits until etcd's word of who has joined has reached the sender; what it sends meanwhile is empty. */
    private static void untilReceivers(TestNode sender, String channel, int count) {
        Object nothing = Map.of("orders", new Order("", 0), "numbers", new byte[0], "big", new byte[0])
                .getOrDefault(channel, "");
        await().until(() -> {
            Channels.Sent sent = sender.cluster.channels().send(channel, nothing);
            return sent.queued() + sent.missed() == count;
        });
    }

    private static void keep(List<String> heard, String text) {
        if (!text.isEmpty()) {
            heard.add(text);
        }
    }

    private TestNode join(String name) {
        TestNode node = TestNode.join(etcd.endpoints(), name);
        nodes.add(node);
        return node;
    }

    private static <T> T get(CompletionStage<T> stage) {
        return stage.toCompletableFuture().orTimeout(10, TimeUnit.SECONDS).join();
    }

    private static RequestFailed failure(CompletionStage<?> stage) {
        try {
            get(stage);
        } catch (CompletionException wrapped) {
            return (RequestFailed) wrapped.getCause();
        }
        throw new AssertionError("it should have failed");
    }
}
