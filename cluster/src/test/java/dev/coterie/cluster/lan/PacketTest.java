package dev.coterie.cluster.lan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coterie.cluster.lan.Hello.Own;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Packets as they are on the wire: node-discover's own, and what is no packet. */
class PacketTest {

    /** As captured from node-discover 1.2.1, but for the names. */
    private static final String HELLO = """
            {"event":"hello","pid":"57a7a181-f647-4bcb-b8ee-8d9716be8436",\
            "iid":"7fdcffd4-db16-4ead-8f7f-b8befe2d6cf2","hostName":"somewhere","data":{"isMaster":true,\
            "isMasterEligible":true,"weight":-0.5,"address":"127.0.0.1","advertisement":{"services":[{"port":80}],\
            "note":"é"}}}""";

    private final PacketWriter writer = new PacketWriter("process", "sender-1", "a \"host\"");

    @Test
    void a_hello_of_node_discover_is_read() throws Unreadable {
        Packet packet = read(HELLO);
        assertThat(packet.event()).isEqualTo("hello");
        assertThat(packet.sender()).isEqualTo("7fdcffd4-db16-4ead-8f7f-b8befe2d6cf2");
        assertThat(packet.host()).isEqualTo("somewhere");
        Hello hello = Hello.read(packet.data());
        assertThat(hello.master()).isTrue();
        assertThat(hello.eligible()).isTrue();
        assertThat(hello.weight()).isEqualTo(-0.5);
        assertThat(hello.own()).isNull();
        assertThat(hello.advertisement()).isEqualTo(Map.of("services", List.of(Map.of("port", 80)), "note", "é"));
    }

    @Test
    void the_order_of_fields_does_not_matter_and_unknown_ones_are_passed_over() throws Unreadable {
        Packet packet =
                read("{\"data\" : [1, {\"a\":\"]}\"} ],\"x\":{\"event\":\"no\"},\"iid\":\"i\",\"event\":\"tasks\"}");
        assertThat(packet.event()).isEqualTo("tasks");
        assertThat(text(packet.data())).isEqualTo("[1, {\"a\":\"]}\"} ]");
    }

    @Test
    void every_kind_of_value_is_cut_out_exactly() throws Unreadable {
        for (String value : List.of("7", "-1.5e3", "true", "null", "\"\"", "\"é \\\" \\n\"", "[]", "{ }", "[[1],2]")) {
            assertThat(text(read("{\"event\":\"c\",\"iid\":\"i\",\"data\":" + value + ",\"n\":3}")
                            .data()))
                    .isEqualTo(value);
            assertThat(text(read("{\"event\":\"c\",\"iid\":\"i\",\"data\":" + value + "}")
                            .data()))
                    .isEqualTo(value);
        }
    }

    @Test
    void what_is_written_can_be_read_and_begins_as_node_discover_writes_it() throws Unreadable {
        byte[] bytes = writer.message("tasks", 5, "{\"task\":7}".getBytes(StandardCharsets.UTF_8), false);
        assertThat(text(bytes))
                .isEqualTo("{\"event\":\"tasks\",\"pid\":\"process\",\"iid\":\"sender-1\","
                        + "\"hostName\":\"a \\\"host\\\"\",\"n\":5,\"data\":{\"task\":7}}");
        Packet packet = PacketReader.read(bytes, bytes.length);
        assertThat(packet.number()).isEqualTo(5);
        assertThat(text(packet.data())).isEqualTo("{\"task\":7}");
    }

    @Test
    void what_javascript_takes_for_false_is_wrapped_and_unwrapped() throws Unreadable {
        for (String falsy : List.of("0", "-0.0", "0e7", "false", "null", "\"\"")) {
            byte[] bytes = writer.message("c", 1, falsy.getBytes(StandardCharsets.UTF_8), false);
            assertThat(text(bytes)).endsWith("\"data\":[" + falsy + "]}");
            assertThat(text(PacketReader.read(bytes, bytes.length).data())).isEqualTo(falsy);
        }
        byte[] truthy = writer.message("c", 1, "0.5".getBytes(StandardCharsets.UTF_8), false);
        assertThat(text(truthy)).endsWith("\"data\":0.5}");
    }

    @Test
    void bytes_arrive_as_they_were() throws Unreadable {
        for (int length : List.of(0, 1, 2, 3, 1000)) {
            byte[] payload = new byte[length];
            new Random(length).nextBytes(payload);
            byte[] bytes = writer.message("c", 1, payload, true);
            assertThat(PacketReader.read(bytes, bytes.length).data()).isEqualTo(payload);
            byte[] asked = writer.exchanged(Packet.REQUEST, "to", "c", 9, payload, true);
            assertThat(PacketReader.read(asked, asked.length).data()).isEqualTo(payload);
        }
    }

    @Test
    void a_hello_of_our_own_is_read_as_it_was_written() throws Unreadable {
        Own own = new Own("a", 1.5, true, List.of(), Instant.ofEpochMilli(1234), "1.0", 7, 0, "b-1");
        Hello hello = new Hello(true, false, -0.17640000000000003, Map.of("k", "v"), own);
        byte[] bytes = writer.hello(hello, 3);
        assertThat(Hello.read(PacketReader.read(bytes, bytes.length).data())).isEqualTo(hello);
    }

    @Test
    void whatever_is_cut_short_is_truncated_and_whatever_else_is_malformed() {
        byte[] whole = HELLO.getBytes(StandardCharsets.UTF_8);
        for (int length = 1; length < whole.length; length++) {
            assertThat(reason(Arrays.copyOf(whole, length))).as("%d", length).isEqualTo(DropReason.TRUNCATED);
        }
        for (String bad : List.of(
                "[]",
                "7",
                "null",
                "{}",
                "{\"event\":7,\"iid\":\"i\",\"data\":1}",
                "{\"event\":\"e\",\"iid\":\"i\"}",
                "{\"event\":\"e\",\"data\":1}",
                "{\"event\":\"e\",\"iid\":\"i\",\"data\":1}x",
                "{\"event\":\"e\",\"iid\":\"i\",\"data\":1}{}",
                "{\"event\":\"e\",\"iid\":\"i\",\"data\":nul}",
                "hello")) {
            assertThat(reason(bad.getBytes(StandardCharsets.UTF_8))).as(bad).isEqualTo(DropReason.MALFORMED);
        }
    }

    @Test
    void random_bytes_are_dropped_for_a_reason() {
        Random random = new Random(1);
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = HELLO.getBytes(StandardCharsets.UTF_8);
            for (int j = 0; j < 1 + random.nextInt(4); j++) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            try {
                Hello.read(PacketReader.read(bytes, bytes.length).data());
            } catch (Unreadable dropped) {
                assertThat(dropped.reason()).isIn(DropReason.MALFORMED, DropReason.TRUNCATED);
            }
        }
    }

    @Test
    void a_replay_window_takes_each_number_once_in_any_order() {
        ReplayWindow window = new ReplayWindow();
        List<Long> numbers = new ArrayList<>();
        for (long i = 0; i < 10_000; i++) {
            numbers.add(i);
        }
        Random random = new Random(2);
        for (int i = 0; i + 500 < numbers.size(); i++) {
            int other = i + random.nextInt(500);
            Long swapped = numbers.set(i, numbers.get(other));
            numbers.set(other, swapped);
        }
        long taken = 0;
        for (Long number : numbers) {
            taken += window.accept(number) ? 1 : 0;
            assertThat(window.accept(number)).isFalse();
        }
        assertThat(taken).isGreaterThan(8_000);
        assertThat(window.accept(1_000_000)).isTrue();
        assertThat(window.accept(1_000_000 - ReplayWindow.SIZE)).isFalse();
        assertThat(window.accept(1_000_000 - ReplayWindow.SIZE + 1)).isTrue();
        assertThat(window.accept(-1)).isFalse();
    }

    @Test
    void a_key_never_shows_itself_and_has_to_be_long() {
        assertThat(SharedKey.of("a passphrase of some length").toString()).isEqualTo("(secret)");
        assertThat(LanConfig.builder()
                        .key(SharedKey.of("a passphrase of some length"))
                        .build()
                        .toString())
                .doesNotContain("passphrase");
        assertThatThrownBy(() -> SharedKey.of("too short"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("key")
                .hasMessageContaining("16");
    }

    private static Packet read(String text) throws Unreadable {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return PacketReader.read(bytes, bytes.length);
    }

    private static DropReason reason(byte[] bytes) {
        try {
            throw new AssertionError("was read: " + PacketReader.read(bytes, bytes.length));
        } catch (Unreadable dropped) {
            return dropped.reason();
        }
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
