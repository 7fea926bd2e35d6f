package dev.coterie.node.bench;

import dev.coterie.workers.io.SocketLoop;
import dev.coterie.workers.worker.Worker;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/**
 * A worker that answers HTTP requests, of which none has a body, with as little work as can be: what is measured is what
 * stands in front of it.
 */
final class TinyHttp implements SocketLoop.Handler {

    private static final byte[] ANSWER =
            "HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\nHello world\n".getBytes(StandardCharsets.US_ASCII);

    private final SocketLoop loop = new SocketLoop("tiny-http");
    private final ServerSocketChannel server = ServerSocketChannel.open();

    private TinyHttp() throws IOException {}

    /** Runs it, as a process of its own. */
    public static void main(String[] args) throws IOException {
        TinyHttp http = new TinyHttp();
        Worker worker = Worker.connect();
        http.server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1000);
        http.loop.events().execute(http::start);
        worker.listening(((InetSocketAddress) http.server.getLocalAddress()).getPort());
        worker.awaitEnd();
        worker.close();
    }

    private void start() {
        try {
            loop.watch(server, SelectionKey.OP_ACCEPT, this);
        } catch (IOException failure) {
            throw new java.io.UncheckedIOException(failure);
        }
    }

    @Override
    public void ready(SelectionKey key) throws IOException {
        for (SocketChannel channel = server.accept(); channel != null; channel = server.accept()) {
            new Connection(channel);
        }
    }

    @Override
    public void broken(Exception reason) {
        throw new IllegalStateException(reason);
    }

    /** One connection, which waits for an answer before it asks again. */
    private final class Connection implements SocketLoop.Handler {

        private final SocketChannel channel;

        Connection(SocketChannel channel) throws IOException {
            this.channel = channel;
            loop.watch(channel, SelectionKey.OP_READ, this);
        }

        @Override
        public void ready(SelectionKey key) throws IOException {
            ByteBuffer buffer = loop.scratch();
            if (channel.read(buffer) < 0) {
                channel.close();
                return;
            }
            int end = buffer.position();
            // A request that comes in two pieces is answered when its last one is here.
            if (end >= 4 && buffer.get(end - 1) == '\n' && buffer.get(end - 3) == '\n') {
                channel.write(ByteBuffer.wrap(ANSWER));
            }
        }

        @Override
        public void broken(Exception reason) {
            SocketLoop.closeQuietly(channel);
        }
    }
}
