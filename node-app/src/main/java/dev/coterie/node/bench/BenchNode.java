package dev.coterie.node.bench;

import dev.coterie.cluster.concurrent.ThreadEventLoop;
import dev.coterie.cluster.link.Greeting;
import dev.coterie.cluster.link.GrpcTransport;
import dev.coterie.cluster.link.Link;
import dev.coterie.cluster.link.LinkException;
import dev.coterie.cluster.link.Message;
import dev.coterie.cluster.link.Transport;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** One end of a measurement: a transport on loopback whose messages are handled on one callback thread, as a node's. */
final class BenchNode implements AutoCloseable {

    static final String LOOPBACK = "127.0.0.1";

    /** To be counted. */
    static final byte FLOOD = 1;

    /** To be sent back. */
    static final byte PING = 2;

    /** What was counted, and how long it took. */
    static final byte REPORT = 3;

    static final String SUBJECT = "bench";

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final GrpcTransport transport = new GrpcTransport(LOOPBACK, 0);
    private final ThreadEventLoop callbacks = new ThreadEventLoop("bench-callbacks");

    /**
     * Listens.
     *
     * @param handler gets each message, on the callback thread
     * @return the port
     */
    int listen(Consumer<Message> handler) {
        return transport.listen(greeting -> new Handing(handler));
    }

    /** Opens a link and waits until it is open. */
    Link open(int port) {
        CompletableFuture<Void> open = new CompletableFuture<>();
        Link link = transport.open(
                LOOPBACK, port, new Greeting("bench", "bench", 7, new byte[0]), new Transport.Listener() {
                    @Override
                    public void opened() {
                        open.complete(null);
                    }

                    @Override
                    public void closed(LinkException cause) {
                        open.completeExceptionally(cause);
                    }
                });
        open.orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
        return link;
    }

    /** Sends a message, waiting for room. */
    static void send(Link link, Message message) {
        if (!link.offer(message, PATIENCE)) {
            throw new IllegalStateException("the other end takes no messages any more");
        }
    }

    @Override
    public void close() {
        transport.close();
        callbacks.close();
    }

    /** One hand-over to the callback thread for all messages of a frame. */
    private final class Handing implements Transport.Receiver {

        private final Consumer<Message> handler;

        Handing(Consumer<Message> handler) {
            this.handler = handler;
        }

        @Override
        public void received(List<Message> messages, Runnable done) {
            callbacks.execute(() -> {
                messages.forEach(handler);
                done.run();
            });
        }

        @Override
        public void closed(LinkException cause) {}
    }
}
