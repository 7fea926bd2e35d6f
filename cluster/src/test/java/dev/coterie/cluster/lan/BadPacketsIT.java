package dev.coterie.cluster.lan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.coterie.cluster.concurrent.Clock;
import dev.coterie.cluster.discovery.Member;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** A thousand of each kind of packet that must not get through, to real nodes on real sockets. */
class BadPacketsIT {

    private static final int MANY = 1000;
    private static final int ROOM = 8192;
    private static final SharedKey KEY = SharedKey.of("a key that all the nodes know");

    private final Loopback ports = new Loopback(3);
    private final ListAppender<ILoggingEvent> logged = new ListAppender<>();
    private final List<LanDiscovery> nodes = new CopyOnWriteArrayList<>();
    private DatagramSocket stranger;

    @BeforeEach
    void open() throws IOException {
        stranger = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        logged.start();
        root().addAppender(logged);
    }

    @AfterEach
    void close() {
        nodes.forEach(LanDiscovery::close);
        stranger.close();
        root().detachAppender(logged);
    }

    @Test
    void an_open_group_drops_and_counts_what_is_no_packet() {
        LanDiscovery a = join(ports.next().name("a").maxPacket(ROOM));
        LanDiscovery b = join(ports.next().name("b").maxPacket(ROOM));
        byte[] hello =
                text("{\"event\":\"hello\",\"pid\":\"p\",\"iid\":\"i\",\"hostName\":\"h\",\"data\":{\"weight\":9}}");
        fire(a, DropReason.MALFORMED, i -> text("no packet " + i));
        fire(a, DropReason.TRUNCATED, i -> Arrays.copyOf(hello, 1 + i % (hello.length - 1)));
        fire(a, DropReason.OVERSIZED, i -> new byte[ROOM + 1 + i]);
        fire(a, DropReason.WRONG_KEY, i -> new Seal(KEY, Clock.system()).seal(hello));
        stillTalk(a, b);
        assertThat(a.view().members()).hasSize(2);
        assertThat(logged.list).isEmpty();
    }

    @Test
    void a_sealed_group_drops_and_counts_what_was_not_sealed_by_it_or_was_here_before() {
        LanDiscovery a = join(ports.next().name("a").key(KEY).maxPacket(ROOM));
        LanDiscovery b = join(ports.next().name("b").key(KEY).maxPacket(ROOM));
        byte[] hello = new PacketWriter("p", "ghost", "h").hello(new Hello(true, true, 9, Map.of(), null), 0);
        Seal other = new Seal(SharedKey.of("another key, of somebody else"), Clock.system());
        Seal good = new Seal(KEY, Clock.system());
        fire(a, DropReason.WRONG_KEY, i -> i % 2 == 0 ? other.seal(hello) : hello);
        fire(a, DropReason.MALFORMED, i -> text("no packet " + i));
        byte[] probe = new PacketWriter("p", "probe", "h").bare(Packet.PROBE);
        fire(a, DropReason.TRUNCATED, i -> {
            byte[] sealed = good.seal(probe);
            return Arrays.copyOf(sealed, 1 + i % (sealed.length - 1));
        });
        byte[] once = good.seal(probe);
        send(a, once);
        fire(a, DropReason.REPLAYED, i -> once);
        fire(a, DropReason.OVERSIZED, i -> new byte[ROOM + 1]);
        assertThat(a.view().members()).extracting(Member::name).doesNotContain("ghost");
        stillTalk(a, b);
        assertThat(logged.list).isEmpty();
    }

    @Test
    void what_was_sealed_long_ago_is_a_replay_to_whoever_hears_it_first() {
        LanDiscovery a = join(ports.next().name("a").key(KEY));
        byte[] probe = new PacketWriter("p", "probe", "h").bare(Packet.PROBE);
        Seal early = new Seal(KEY, new Clock() {
            @Override
            public long nanoTime() {
                return System.nanoTime();
            }

            @Override
            public Instant now() {
                return Instant.now().minusSeconds(120);
            }
        });
        fire(a, DropReason.REPLAYED, i -> early.seal(probe));
    }

    @Test
    void a_node_with_another_key_is_not_seen_and_neither_is_one_without() {
        LanDiscovery a = join(ports.next().name("a").key(KEY));
        LanDiscovery b = join(ports.next().name("b").key(SharedKey.of("another key, of somebody else")));
        LanDiscovery c = join(ports.next().name("c"));
        for (LanDiscovery node : List.of(a, b, c)) {
            await().until(() -> node.dropped().get(DropReason.WRONG_KEY) > 5);
            assertThat(node.view().members()).hasSize(1);
        }
    }

    @Test
    void what_is_too_large_to_send_is_refused() {
        LanDiscovery a = join(ports.next().name("a").key(KEY).maxPacket(1024));
        assertThatThrownBy(() -> a.channels().send("news", "x".repeat(900)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("news")
                .hasMessageContaining("973");
        assertThatThrownBy(() -> a.advertise(Map.of("much", "x".repeat(900))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("info");
        assertThatThrownBy(() -> join(ports.next().maxPacket(1024).advertisement(Map.of("much", "x".repeat(900)))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("info");
    }

    /** A thousand, a few at a time so that the kernel loses none. */
    private void fire(LanDiscovery at, DropReason reason, IntFunction<byte[]> packet) {
        long before = at.dropped().get(reason);
        IntStream.range(0, MANY).forEach(i -> {
            send(at, packet.apply(i));
            if (i % 20 == 19) {
                await().pollDelay(Duration.ZERO)
                        .pollInterval(Duration.ofMillis(1))
                        .until(() -> at.dropped().get(reason) == before + i + 1);
            }
        });
        assertThat(at.dropped()).containsEntry(reason, before + MANY);
    }

    private void stillTalk(LanDiscovery a, LanDiscovery b) {
        List<String> heard = new CopyOnWriteArrayList<>();
        a.channels().join("news", String.class, (text, from) -> heard.add(from.name() + " " + text));
        await().until(() -> {
            b.channels().send("news", "hello");
            return heard.contains("b hello");
        });
    }

    private void send(LanDiscovery to, byte[] bytes) {
        try {
            stranger.send(new DatagramPacket(
                    bytes,
                    bytes.length,
                    InetAddress.getLoopbackAddress(),
                    to.self().port()));
        } catch (IOException failure) {
            throw new AssertionError(failure);
        }
    }

    private LanDiscovery join(LanConfig.Builder config) {
        LanDiscovery node = LanDiscovery.join(config.build());
        nodes.add(node);
        return node;
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static Logger root() {
        return (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    }
}
