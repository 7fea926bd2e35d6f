package dev.coterie.cluster.lan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is compared rather than read comes to the same. */
class LastHellosTest {

    private static final InetSocketAddress FROM = new InetSocketAddress(InetAddress.getLoopbackAddress(), 4711);

    private final LastHellos hellos = new LastHellos();

    @Test
    void a_hello_that_differs_in_its_number_only_is_the_last_one_under_that_number() throws Unreadable {
        Packet first = read(hello("9", "{\"weight\":1}"));
        for (String number : List.of("10", "0", "9", "123456789012345678", "1234567890123456789")) {
            Packet next = read(hello(number, "{\"weight\":1}"));
            byte[] bytes = bytes(hello(number, "{\"weight\":1}"));
            assertThat(next.number()).isEqualTo(Long.parseLong(number));
            assertThat(next)
                    .usingRecursiveComparison()
                    .isEqualTo(first.numbered(next.number()))
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

    private Packet read(String packet) throws Unreadable {
        byte[] bytes = bytes(packet);
        return hellos.read(bytes, bytes.length, FROM);
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
