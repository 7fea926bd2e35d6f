package dev.coterie.cluster.link;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coterie.cluster.concurrent.ThreadEventLoop;
import dev.coterie.cluster.discovery.Member;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who is heard, as members come and go. */
class LinksTest {

    private final ThreadEventLoop loop = new ThreadEventLoop("links");
    private final Incoming incoming = new Incoming();
    private final ConcurrentLinkedQueue<String> heard = new ConcurrentLinkedQueue<>();
    private final Map<String, Member> known = Map.of("B-1", member("B-1", 2), "B-2", member("B-2", 2));
    private final Links links = new Links(incoming, loop, loop, about -> Optional.ofNullable(known.get(string(about))));

    /** A transport on which links only come in, by the hand of the test. */
    private static final class Incoming implements Transport {

        private Acceptor acceptor;

        @Override
        public int listen(Acceptor nowAcceptor) {
            acceptor = nowAcceptor;
            return 1;
        }

        @Override
        public Link open(String host, int port, Greeting greeting, Listener listener) {
            throw new IllegalStateException("nobody sends here");
        }

        @Override
        public void close() {}
    }

    private static String string(byte[] about) {
        return new String(about, StandardCharsets.UTF_8);
    }

    private static Member member(String id, int port) {
        return new Member(id, id, "host", "127.0.0.1", port, 0, true, Map.of(), List.of(), Instant.EPOCH, "1");
    }

    @BeforeEach
    void listen() {
        links.on(Kinds.CHANNEL, (from, message) -> heard.add(from.id()));
        links.listen();
        onLoop(() -> links.introduce(member("A-1", 1), 1, new byte[0]));
    }

    @AfterEach
    void close() {
        loop.close();
    }

    private void onLoop(Runnable action) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        loop.execute(() -> {
            action.run();
            done.complete(null);
        });
        done.orTimeout(10, TimeUnit.SECONDS).join();
    }

    /** A link of a node's session, which its id ends with. */
    private Transport.Receiver from(String id) {
        long session = Character.digit(id.charAt(id.length() - 1), 10);
        return incoming.acceptor.accept(new Greeting(id, "A-1", session, id.getBytes(StandardCharsets.UTF_8)));
    }

    private void say(Transport.Receiver link) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        link.received(List.of(new Message(Kinds.CHANNEL, "a", 0, new byte[0])), () -> done.complete(null));
        done.orTimeout(10, TimeUnit.SECONDS).join();
    }

    @Test
    void what_a_node_said_in_an_earlier_session_is_not_heard_after_what_it_says_in_the_next() {
        onLoop(() -> links.members(List.of(member("A-1", 1), member("B-1", 2))));
        Transport.Receiver earlier = from("B-1");
        say(earlier);
        onLoop(() -> links.members(List.of(member("A-1", 1))));
        onLoop(() -> links.members(List.of(member("A-1", 1), member("B-2", 2))));
        say(earlier);
        assertThat(heard).containsExactly("B-1");
    }

    @Test
    void nor_before_this_node_knows_of_the_next_session_otherwise() {
        onLoop(() -> links.members(List.of(member("A-1", 1), member("B-1", 2))));
        Transport.Receiver earlier = from("B-1");
        say(earlier);
        say(from("B-2"));
        say(earlier);
        say(from("B-1"));
        assertThat(heard).containsExactly("B-1", "B-2");
    }

    @Test
    void the_last_words_of_a_node_that_has_left_are_heard() {
        onLoop(() -> links.members(List.of(member("A-1", 1), member("B-1", 2))));
        Transport.Receiver link = from("B-1");
        onLoop(() -> links.members(List.of(member("A-1", 1))));
        say(link);
        assertThat(heard).containsExactly("B-1");
    }
}
