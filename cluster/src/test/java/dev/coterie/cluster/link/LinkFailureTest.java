package dev.coterie.cluster.link;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.coterie.cluster.link.LinkException.Kind;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LinkFailureTest {

    private static final String LOOPBACK = "127.0.0.1";

    /** For those tests that wait until it is over. */
    private static final GrpcTransport.Limits IMPATIENT =
            new GrpcTransport.Limits(GrpcTransport.QUEUE_BYTES, Duration.ofMillis(400), Duration.ofSeconds(1));

    private final GrpcTransport sender = new GrpcTransport(LOOPBACK, 0);
    private final GrpcTransport receiver = new GrpcTransport(LOOPBACK, 0);
    private final Inbox inbox = new Inbox();
    private final Ear ear = new Ear();

    @AfterEach
    void close() {
        sender.close();
        receiver.close();
    }

    @Test
    void nobody_there_is_refused() throws IOException {
        int free;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            free = socket.getLocalPort();
        }
        Link link = open(free);

        assertThat(ear.closing().kind()).isEqualTo(Kind.REFUSED);
        assertThat(ear.closing()).hasMessage("nobody listens at 127.0.0.1:" + free);
        assertThat(link.offer(new Message(Kinds.CHANNEL, "a", 0, new byte[0]))).isFalse();
        assertThat(ear.closings).hasValue(1);
    }

    @Test
    void another_node_on_the_address_rejects_with_its_text() {
        int port = receiver.listen(greeting -> {
            throw new LinkException(Kind.REJECTED, "this is node b, not " + greeting.to() + " – ö");
        });
        open(port);

        assertThat(ear.closing().kind()).isEqualTo(Kind.REJECTED);
        assertThat(ear.closing()).hasMessage("this is node b, not b-2 – ö");
        assertThat(receiver.malformed()).isZero();
    }

    @Test
    void one_that_accepts_and_says_nothing_is_silent() throws IOException {
        try (ServerSocket mute = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                GrpcTransport impatient = new GrpcTransport(LOOPBACK, 0, IMPATIENT)) {
            impatient.open(LOOPBACK, mute.getLocalPort(), greeting(), ear);
            assertThat(ear.closing().kind()).isEqualTo(Kind.SILENT);
            assertThat(ear.closing())
                    .hasMessage("127.0.0.1:" + mute.getLocalPort() + " did not take the link within 400 ms");
        }
    }

    @Test
    void one_that_breaks_off_at_once_is_broken() throws IOException {
        try (ServerSocket rude = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            open(rude.getLocalPort());
            rude.accept().close();
            assertThat(ear.closing().kind()).isEqualTo(Kind.BROKEN);
        }
    }

    @Test
    void what_is_no_node_is_rejected() throws IOException {
        Server other = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .build()
                .start();
        open(other.getPort());
        assertThat(ear.closing().kind()).isEqualTo(Kind.REJECTED);
        other.shutdownNow();

        Ear second = new Ear();
        try (ServerSocket web = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            sender.open(LOOPBACK, web.getLocalPort(), greeting(), second);
            try (Socket socket = web.accept()) {
                socket.getOutputStream().write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(US_ASCII));
                assertThat(second.closing().kind()).isEqualTo(Kind.REJECTED);
            }
        }
    }

    @Test
    void a_name_that_does_not_resolve_is_told_to_the_listener() {
        sender.open("no-such-host.invalid", 1, greeting(), ear);
        assertThat(ear.closing().kind()).isIn(Kind.BROKEN, Kind.SILENT);
    }

    @Test
    void a_name_that_resolves_is_taken() {
        int port = receiver.listen(greeting -> inbox);
        sender.open("localhost", port, greeting(), ear);
        ear.opening();
    }

    @Test
    void a_port_that_is_taken_and_an_address_that_is_elsewhere_are_told_apart() {
        int taken = receiver.listen(greeting -> inbox);
        try (GrpcTransport same = new GrpcTransport(LOOPBACK, taken);
                GrpcTransport elsewhere = new GrpcTransport("192.0.2.1", 0)) {
            assertThatExceptionOfType(LinkException.class)
                    .isThrownBy(() -> same.listen(greeting -> inbox))
                    .withMessageContaining("port " + taken + " on 127.0.0.1 is taken")
                    .satisfies(e -> assertThat(e.kind()).isEqualTo(Kind.PORT_TAKEN));
            assertThatExceptionOfType(LinkException.class)
                    .isThrownBy(() -> elsewhere.listen(greeting -> inbox))
                    .withMessageContaining("address 192.0.2.1 is not one of this machine's")
                    .satisfies(e -> assertThat(e.kind()).isEqualTo(Kind.NOT_LOCAL));
        }
    }

    @Test
    void opening_on_a_closed_transport_is_closed() {
        int port = receiver.listen(greeting -> inbox);
        sender.close();
        Link link = open(port);
        assertThat(ear.closing().kind()).isEqualTo(Kind.CLOSED);
        assertThat(link.offer(new Message(Kinds.CHANNEL, "a", 0, new byte[0]))).isFalse();
    }

    @Test
    void bytes_that_are_no_greeting_close_the_link_and_are_counted() {
        Raw raw = new Raw(receiver.listen(greeting -> inbox));
        raw.send(new byte[] {Handshake.VERSION, 5, 1});
        assertThat(raw.status().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(receiver.malformed()).isEqualTo(1);
        assertThat(inbox.isClosed()).isFalse();
    }

    @Test
    void bytes_that_are_no_message_close_the_link_and_are_counted() {
        int port = receiver.listen(greeting -> inbox);
        byte[][] frames = {{}, {1, 2, 3}, new byte[13], new byte[1025 * FrameWriter.HEADER]};
        for (int i = 0; i < frames.length; i++) {
            Raw raw = new Raw(port);
            raw.greet();
            raw.send(frames[i]);
            assertThat(raw.status().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
            assertThat(receiver.malformed()).isEqualTo(i + 1);
        }
        assertThat(inbox.closing().kind()).isEqualTo(Kind.MALFORMED);
        assertThat(inbox.messages).isEmpty();

        open(port);
        ear.opening();
    }

    @Test
    void a_frame_larger_than_any_frame_is_not_even_read() {
        Raw raw = new Raw(receiver.listen(greeting -> inbox));
        raw.greet();
        raw.send(new byte[FrameWriter.MOST_BYTES + 1]);
        assertThat(raw.status().getCode()).isIn(Status.Code.RESOURCE_EXHAUSTED, Status.Code.CANCELLED);
        assertThat(inbox.closing().kind()).isEqualTo(Kind.BROKEN);
        assertThat(inbox.messages).isEmpty();
    }

    @Test
    void a_connection_on_which_nothing_comes_is_closed() throws IOException {
        try (GrpcTransport impatient = new GrpcTransport(LOOPBACK, 0, IMPATIENT)) {
            int port = impatient.listen(greeting -> inbox);
            assertThat(new Raw(port).status().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);

            try (Socket mute = new Socket(InetAddress.getLoopbackAddress(), port)) {
                mute.setSoTimeout(20_000);
                assertThat(mute.getInputStream().transferTo(OutputStream.nullOutputStream()))
                        .isNotNegative();
            }
        }
    }

    @Test
    void a_receiver_that_throws_ends_its_link_only() {
        int port = receiver.listen(greeting -> new Transport.Receiver() {
            @Override
            public void received(List<Message> messages, Runnable done) {
                throw new IllegalStateException("thrown on purpose");
            }

            @Override
            public void closed(LinkException cause) {
                inbox.closed(cause);
            }
        });
        Link link = open(port);
        assertThat(link.offer(new Message(Kinds.CHANNEL, "a", 0, new byte[0]))).isTrue();
        assertThat(ear.closing().kind()).isEqualTo(Kind.BROKEN);
        assertThat(inbox.closing().kind()).isEqualTo(Kind.BROKEN);

        Ear second = new Ear();
        sender.open(LOOPBACK, port, greeting(), second);
        second.opening();
    }

    private Link open(int port) {
        return sender.open(LOOPBACK, port, greeting(), ear);
    }

    private static Greeting greeting() {
        return new Greeting("a", "b-2", 7, new byte[0]);
    }

    /** A gRPC client that says what it is told to. */
    private static final class Raw extends ClientCall.Listener<ByteBuffer> {

        private final ManagedChannel channel;
        private final ClientCall<ByteBuffer, ByteBuffer> call;
        private final CompletableFuture<Void> welcome = new CompletableFuture<>();
        private final CompletableFuture<Status> status = new CompletableFuture<>();

        Raw(int port) {
            channel = NettyChannelBuilder.forAddress(LOOPBACK, port)
                    .usePlaintext()
                    .build();
            call = channel.newCall(LinkMethod.OPEN, CallOptions.DEFAULT);
            call.start(this, new Metadata());
            call.request(2);
        }

        void greet() {
            call.sendMessage(Handshake.greeting(greeting()));
            welcome.orTimeout(10, TimeUnit.SECONDS).join();
        }

        void send(byte[] bytes) {
            call.sendMessage(ByteBuffer.wrap(bytes));
        }

        Status status() {
            Status ended = status.orTimeout(10, TimeUnit.SECONDS).join();
            channel.shutdownNow();
            return ended;
        }

        @Override
        public void onMessage(ByteBuffer frame) {
            welcome.complete(null);
        }

        @Override
        public void onClose(Status ended, Metadata trailers) {
            status.complete(ended);
        }
    }
}
