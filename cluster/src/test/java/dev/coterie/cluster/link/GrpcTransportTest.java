package dev.coterie.cluster.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class GrpcTransportTest {

    private static final String LOOPBACK = "127.0.0.1";
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** Lingers for long, so that a slow machine makes no difference. */
    private final GrpcTransport sender = new GrpcTransport(
            LOOPBACK,
            0,
            new GrpcTransport.Limits(GrpcTransport.QUEUE_BYTES, Duration.ofSeconds(20), Duration.ofSeconds(20)));

    private final GrpcTransport receiver = new GrpcTransport(LOOPBACK, 0);
    private final ConcurrentLinkedQueue<Greeting> greetings = new ConcurrentLinkedQueue<>();
    private final Ear ear = new Ear();

    @AfterEach
    void close() {
        sender.close();
        receiver.close();
    }

    @Test
    void a_million_messages_of_several_threads_arrive_whole_and_in_the_order_of_each() throws InterruptedException {
        int threads = 4;
        int each = 250_000;
        long[] next = new long[threads];
        Inbox inbox = new Inbox();
        Transport.Receiver checking = new Transport.Receiver() {
            @Override
            public void received(List<Message> messages, Runnable done) {
                for (Message message : messages) {
                    int thread = message.kind();
                    assertThat(ByteBuffer.wrap(message.payload()).getLong()).isEqualTo(next[thread]++);
                    assertThat(message.subject()).isEqualTo("thread-" + thread);
                }
                inbox.received(List.of(), done);
                inbox.count.addAndGet(messages.size());
            }

            @Override
            public void closed(LinkException cause) {
                inbox.closed(cause);
            }
        };
        Link link = open(checking);

        List<Thread> givers = IntStream.range(0, threads)
                .mapToObj(thread -> new Thread(() -> {
                    for (long i = 0; i < each; i++) {
                        byte[] payload = ByteBuffer.allocate(16).putLong(i).array();
                        assertThat(link.offer(new Message((byte) thread, "thread-" + thread, i, payload), PATIENCE))
                                .isTrue();
                    }
                }))
                .toList();
        givers.forEach(Thread::start);
        for (Thread giver : givers) {
            giver.join();
        }
        link.close();

        assertThat(ear.closing().kind()).isEqualTo(LinkException.Kind.CLOSED);
        assertThat(inbox.closing().kind()).isEqualTo(LinkException.Kind.CLOSED);
        assertThat(inbox.count).hasValue((long) threads * each);
        assertThat(ear.opening()).startsWith("coterie-io");
    }

    @Test
    void a_receiver_that_does_not_keep_up_stops_the_sender_and_loses_nothing_that_was_taken() {
        Inbox inbox = Inbox.holding();
        Link link = open(inbox);
        ear.opening();
        int taken = 0;
        while (taken < 1_000_000 && link.offer(numbered(taken), Duration.ofMillis(500))) {
            taken++;
        }

        // The queue, 1 MiB of flow control, and a few frames at either end; each message has about 120 bytes there.
        assertThat(taken).isBetween(16_384, 16_384 + 14_000);
        assertThat(link.queued()).isEqualTo(16_384);
        assertThat(link.offer(numbered(taken))).isFalse();
        assertThat(inbox.count.get()).isLessThan(IncomingLink.WINDOW * 1024);

        inbox.release();
        assertThat(link.offer(numbered(taken), PATIENCE)).isTrue();
        int all = taken + 1;
        await().atMost(PATIENCE).until(() -> inbox.count.get() == all);
        assertThat(inbox.messages.stream().map(Message::id).toList())
                .isEqualTo(IntStream.range(0, all).mapToObj(i -> (long) i).toList());
        assertThat(link.queued()).isZero();
    }

    @Test
    void messages_offered_before_the_link_is_open_wait_for_it() {
        Inbox inbox = new Inbox();
        Link link = open(inbox);
        for (int i = 0; i < 100; i++) {
            assertThat(link.offer(numbered(i))).isTrue();
        }
        await().until(() -> inbox.count.get() == 100);
        assertThat(greetings).singleElement().satisfies(greeting -> {
            assertThat(greeting.from()).isEqualTo("a");
            assertThat(greeting.to()).isEqualTo("b");
            assertThat(greeting.about()).containsExactly(1, 2, 3);
        });
    }

    @Test
    void the_largest_payload_passes_among_small_ones() {
        Inbox inbox = new Inbox();
        Link link = open(inbox);
        byte[] large = new byte[Message.MAX_PAYLOAD];
        large[large.length - 1] = 42;
        for (int i = 0; i < 20; i++) {
            assertThat(link.offer(numbered(i), PATIENCE)).isTrue();
            assertThat(link.offer(new Message(Kinds.REQUEST, "big", 1000 + i, large), PATIENCE))
                    .isTrue();
        }
        await().atMost(PATIENCE).until(() -> inbox.count.get() == 40);
        assertThat(inbox.messages)
                .filteredOn(message -> message.kind() == Kinds.REQUEST)
                .hasSize(20)
                .allSatisfy(message -> assertThat(message.payload()).isEqualTo(large));
    }

    @Test
    void closing_a_link_sends_what_is_queued_and_then_takes_nothing() {
        Inbox inbox = new Inbox();
        Link link = open(inbox);
        int taken = 0;
        while (taken < 10_000 && link.offer(numbered(taken))) {
            taken++;
        }
        link.close();
        link.close();

        assertThat(link.offer(numbered(0))).isFalse();
        assertThat(link.offer(numbered(0), PATIENCE)).isFalse();
        assertThat(ear.closing().kind()).isEqualTo(LinkException.Kind.CLOSED);
        assertThat(inbox.closing().kind()).isEqualTo(LinkException.Kind.CLOSED);
        assertThat(inbox.count).hasValue(taken);
        assertThat(ear.closings).hasValue(1);
    }

    @Test
    void closing_a_link_whose_receiver_does_not_keep_up_takes_as_long_as_it_lingers() {
        GrpcTransport hasty = new GrpcTransport(
                LOOPBACK,
                0,
                new GrpcTransport.Limits(GrpcTransport.QUEUE_BYTES, Duration.ofSeconds(20), Duration.ofMillis(300)));
        Inbox inbox = Inbox.holding();
        Link link = hasty.open(LOOPBACK, port(inbox), greeting(), ear);
        ear.opening();
        while (link.offer(numbered(0), Duration.ofMillis(200))) {
            assertThat(ear.isClosed()).isFalse();
        }
        link.close();

        assertThat(ear.closing().kind()).isEqualTo(LinkException.Kind.CLOSED);
        assertThat(inbox.closing().kind()).isEqualTo(LinkException.Kind.BROKEN);
        hasty.close();
    }

    @Test
    void when_the_receiving_transport_closes_the_sender_is_told() {
        Inbox inbox = new Inbox();
        Link link = open(inbox);
        ear.opening();

        receiver.close();

        assertThat(ear.closing().kind()).isEqualTo(LinkException.Kind.CLOSED);
        assertThat(inbox.closing().kind()).isEqualTo(LinkException.Kind.CLOSED);
        assertThat(link.offer(numbered(1))).isFalse();
    }

    @Test
    void when_the_sending_transport_closes_what_is_queued_arrives() {
        Inbox inbox = new Inbox();
        Link link = open(inbox);
        int taken = 0;
        while (taken < 10_000 && link.offer(numbered(taken))) {
            taken++;
        }

        sender.close();

        assertThat(ear.closing().kind()).isEqualTo(LinkException.Kind.CLOSED);
        assertThat(inbox.closing().kind()).isEqualTo(LinkException.Kind.CLOSED);
        assertThat(inbox.count).hasValue(taken);
    }

    @Test
    void who_waits_for_room_is_sent_away_when_the_link_ends() throws InterruptedException {
        Link link = open(Inbox.holding());
        ear.opening();
        while (link.offer(numbered(0), Duration.ofMillis(200))) {
            assertThat(ear.isClosed()).isFalse();
        }
        List<Boolean> answers = new ArrayList<>();
        Thread waiting = new Thread(() -> answers.add(link.offer(numbered(1), Duration.ofMinutes(1))));
        waiting.start();
        receiver.close();
        waiting.join();

        assertThat(answers).containsExactly(false);
    }

    @Test
    void a_thousand_links_come_and_go_without_leaving_threads() {
        Link first = open(new Inbox());
        ear.opening();
        int threads = Thread.activeCount();
        int port = port(new Inbox());
        for (int batch = 0; batch < 10; batch++) {
            List<Ear> ears = new ArrayList<>();
            List<Link> links = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                Ear hearing = new Ear();
                ears.add(hearing);
                links.add(sender.open(LOOPBACK, port, greeting(), hearing));
            }
            ears.forEach(Ear::opening);
            links.forEach(Link::close);
            assertThat(ears).allSatisfy(e -> assertThat(e.closing().kind()).isEqualTo(LinkException.Kind.CLOSED));
        }
        assertThat(Thread.activeCount()).isLessThanOrEqualTo(threads + 1);
        assertThat(first.offer(numbered(1))).isTrue();
    }

    private int port = -1;
    private Transport.Receiver accepted = new Inbox();

    /** One port for all links of a test; each goes to the receiver given last. */
    private int port(Transport.Receiver to) {
        accepted = to;
        if (port < 0) {
            port = receiver.listen(greeting -> {
                greetings.add(greeting);
                return accepted;
            });
        }
        return port;
    }

    private Link open(Transport.Receiver to) {
        return sender.open(LOOPBACK, port(to), greeting(), ear);
    }

    private static Greeting greeting() {
        return new Greeting("a", "b", 7, new byte[] {1, 2, 3});
    }

    private static Message numbered(long number) {
        return new Message(Kinds.CHANNEL, "numbers", number, new byte[100]);
    }
}
