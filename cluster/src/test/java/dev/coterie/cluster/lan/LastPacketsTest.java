package dev.coterie.cluster.lan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is compared rather than read comes to the same. */
class LastPacketsTest {

    private static final InetSocketAddress FROM = new InetSocketAddress(InetAddress.getLoopbackAddress(), 4711);

    private final LastPackets packets = new LastPackets();

    @Test
    void a_hello_that_differs_in_its_number_only_is_the_last_one_under_that_number() throws Unreadable {
        Packet first = read(hello("9", "{\"weight\":1}"));
        for (String number : List.of("10", "0", "9", "123456789012345678", "1234567890123456789")) {
            Packet next = read(hello(number, "{\"weight\":1}"));
            byte[] bytes = bytes(hello(number, "{\"weight\":1}"));
            assertThat(next.number()).isEqualTo(Long.parseLong(number));
            assertThat(next)
                    .usingRecursiveComparison()
                    .isEqualTo(first.with(next.number(), first.data()))
                    .isEqualTo(PacketReader.read(bytes, bytes.length));
        }
        assertThat(read(hello("11", "{\"weight\":1}")).data())
                .isSameAs(read(hello("12", "{\"weight\":1}")).data());
    }

    @Test
    void whatever_else_differs_is_read() throws Unreadable {
        Packet unused = read(hello("9", "{\"weight\":1}"));
        assertThat(text(read(hello("10", "{\"weight\":2}")))).isEqualTo("{\"weight\":2}");
        assertThat(text(read(hello("10", "{\"weight\":21}")))).isEqualTo("{\"weight\":21}");
        assertThat(read(hello("10", "{}").replace("sender", "other")).sender()).isEqualTo("other");
        assertThat(read(hello("10", "{}").replace("hello", "chat")).event()).isEqualTo("chat");
        assertThat(read(hello("-3", "{}")).number()).isEqualTo(-3);
        assertThat(read(hello("10", "{}").replace("\"n\":10,", "")).number()).isZero();
        assertThat(read(hello("10", "{}").replace("\"n\":10,", "")).number()).isZero();
    }

    @Test
    void what_is_no_number_is_malformed_also_after_one_that_was() throws Unreadable {
        Packet unused = read(hello("9", "{}"));
        for (String number : List.of("", "007", "1.5", "1e3", "x", "99999999999999999999")) {
            assertThatThrownBy(() -> read(hello(number, "{}"))).as(number).isInstanceOf(Unreadable.class);
        }
        assertThatThrownBy(() -> read(hello("10", "{}").substring(0, 40))).isInstanceOf(Unreadable.class);
        assertThat(read(hello("10", "{}")).number()).isEqualTo(10);
    }

    @Test
    void a_message_like_the_last_one_differs_in_number_and_payload() throws Unreadable {
        Packet unused = read(message("1", "\"first\""));
        for (String payload : List.of(
                "\"next\"", "\"\"", "\"a \\\" b\"", "\"é\"", "7", "[1,\"x\"]", "{\"n\":3,\"data\":\"x\"}", "null")) {
            Packet next = read(message("22", payload));
            byte[] bytes = bytes(message("22", payload));
            assertThat(next).usingRecursiveComparison().isEqualTo(PacketReader.read(bytes, bytes.length));
            assertThat(text(next)).isEqualTo(payload);
        }
        assertThat(read(message("3", "\"x\"").replace("chat", "talk")).event()).isEqualTo("talk");
        assertThat(read(message("3", "\"x\",\"to\":\"me\"")).to()).isEqualTo("me");
        assertThat(read(message("3", "\"x\"")).to()).isEmpty();
        assertThat(read(message("3,\"to\":\"me\"", "\"x\"")).to()).isEqualTo("me");
        assertThat(read(message("3", "\"x\"")).to()).isEmpty();
        assertThat(text(read(message("3,\"form\":\"wrapped\"", "[0]")))).isEqualTo("0");
        assertThat(text(read(message("3", "[0]")))).isEqualTo("[0]");
    }

    @Test
    void a_payload_that_is_none_is_malformed_also_after_one_that_was() throws Unreadable {
        Packet unused = read(message("1", "\"first\""));
        for (String payload : List.of("\"", "\"a\"b\"", "\"a\nb\"", "\"a\\\"", "x", "")) {
            assertThatThrownBy(() -> read(message("2", payload))).as(payload).isInstanceOf(Unreadable.class);
        }
        assertThat(text(read(message("2", "\"again\"")))).isEqualTo("\"again\"");
    }

    private static String message(String number, String payload) {
        return hello(number, payload).replace("hello", "chat");
    }

    private Packet read(String packet) throws Unreadable {
        byte[] bytes = bytes(packet);
        return packets.read(bytes, bytes.length, FROM);
    }

    private static String hello(String number, String data) {
        return "{\"event\":\"hello\",\"pid\":\"p\",\"iid\":\"sender\",\"n\":" + number + ",\"data\":" + data + "}";
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(Packet packet) {
        return new String(packet.data(), StandardCharsets.UTF_8);
    }
}
