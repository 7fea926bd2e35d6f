package dev.coterie.workers.traffic;

import dev.coterie.workers.io.SocketLoop;
import dev.coterie.workers.supervisor.WorkerProcess;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A client's connection and one to a worker, each written to the other. The end of one direction is passed on, and the
 * other goes on. What one side does not take holds up the other's reading. On the loop only.
 */
final class Splice {

    private static final int MOST_ROUNDS = 50;
    private static final Duration PAUSE = Duration.ofMillis(100);

    private final Proxy proxy;
    private final InetSocketAddress remote;
    private final Side client;
    private final Set<WorkerProcess> tried = new HashSet<>();

    /** For the first worker; each further one gets another. */
    private @Nullable SocketChannel unused;

    private @Nullable Side server;
    private @Nullable WorkerProcess worker;
    private int rounds;
    private boolean connected;
    private boolean answered;
    private boolean closed;
    private long heard;

    /**
     * Creates it.
     *
     * @param unused for the connection to a worker
     */
    Splice(Proxy proxy, SocketChannel channel, SocketChannel unused) throws IOException {
        this.proxy = proxy;
        this.remote = (InetSocketAddress) channel.getRemoteAddress();
        this.client = new Side(channel, 0);
        this.unused = unused;
        this.heard = proxy.clock().nanoTime();
    }

    /** When something was last read or written, on the monotonic clock. */
    long heard() {
        return heard;
    }

    void connectIfWaiting() {
        if (worker == null && !closed) {
            connect();
        }
    }

    /** To a worker that was not tried yet; while there is none at all, it waits. */
    void connect() {
        Optional<WorkerProcess> choice = proxy.choose(remote, tried);
        if (choice.isEmpty()) {
            if (!tried.isEmpty()) {
                tryAgain();
            }
            return;
        }
        WorkerProcess chosen = choice.get();
        worker = chosen;
        tried.add(chosen);
        try {
            SocketChannel channel = unused == null ? SocketChannel.open() : unused;
            unused = null;
            Side side = new Side(channel, SelectionKey.OP_CONNECT);
            server = side;
            if (channel.connect(Proxy.address(chosen))) {
                side.ready(side.key);
            }
        } catch (IOException refused) {
            next();
        }
    }

    /** All refuse, perhaps because one has just died and its successor is not ready yet. */
    private void tryAgain() {
        tried.clear();
        if (++rounds > MOST_ROUNDS) {
            proxy.refused();
            close();
        } else {
            proxy.loop().events().schedule(PAUSE, this::connectIfWaiting);
        }
    }

    private void next() {
        if (server != null) {
            server.close();
            server = null;
        }
        leave();
        connect();
    }

    private void leave() {
        WorkerProcess left = worker;
        worker = null;
        if (left != null) {
            proxy.left(left, answered);
        }
    }

    private void established(Side side) throws IOException {
        connected = true;
        client.channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        side.channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        client.other = side;
        side.other = client;
        side.key.interestOps(SelectionKey.OP_READ);
        client.key.interestOps(SelectionKey.OP_READ);
        if (worker != null) {
            proxy.connected(worker);
        }
    }

    void close() {
        if (!closed) {
            closed = true;
            client.close();
            if (server != null) {
                server.close();
            }
            if (unused != null) {
                SocketLoop.closeQuietly(unused);
            }
            leave();
            proxy.ended(this);
        }
    }

    /** One of the two connections. */
    private final class Side implements SocketLoop.Handler {

        private final SocketChannel channel;
        private final SelectionKey key;
        private @Nullable Side other;

        /** What was read from the other side and could not be written yet. */
        private @Nullable ByteBuffer unwritten;

        /** Nothing more comes from here. */
        private boolean finished;

        Side(SocketChannel channel, int operations) throws IOException {
            this.channel = channel;
            this.key = proxy.loop().watch(channel, operations, this);
        }

        @Override
        public void ready(SelectionKey ready) throws IOException {
            heard = proxy.clock().nanoTime();
            if (!connected) {
                if (channel.finishConnect()) {
                    established(this);
                }
                return;
            }
            int operations = ready.readyOps();
            if ((operations & SelectionKey.OP_WRITE) != 0) {
                writeRest();
            }
            if ((operations & SelectionKey.OP_READ) != 0 && !closed) {
                read();
            }
        }

        private void read() throws IOException {
            ByteBuffer buffer = proxy.loop().scratch();
            int count;
            do {
                count = channel.read(buffer.clear());
                if (count < 0) {
                    finished = true;
                    SocketLoop.interest(key, SelectionKey.OP_READ, false);
                } else if (count > 0 && other != null) {
                    other.write(buffer.flip());
                    noteAnswer();
                }
            } while (count == buffer.capacity() && other != null && other.unwritten == null);
            passEnd();
        }

        private void noteAnswer() {
            if (!answered && this != client && worker != null) {
                answered = true;
                proxy.answered(worker);
            }
        }

        private void write(ByteBuffer bytes) throws IOException {
            channel.write(bytes);
            if (bytes.hasRemaining()) {
                unwritten = ByteBuffer.allocate(bytes.remaining()).put(bytes).flip();
                SocketLoop.interest(key, SelectionKey.OP_WRITE, true);
                if (other != null) {
                    SocketLoop.interest(other.key, SelectionKey.OP_READ, false);
                }
            }
        }

        private void writeRest() throws IOException {
            if (unwritten != null) {
                channel.write(unwritten);
                if (unwritten.hasRemaining()) {
                    return;
                }
                unwritten = null;
            }
            SocketLoop.interest(key, SelectionKey.OP_WRITE, false);
            if (other != null && !other.finished) {
                SocketLoop.interest(other.key, SelectionKey.OP_READ, true);
            } else if (other != null) {
                other.passEnd();
            }
        }

        /** Tells the other side that nothing more comes from here, once it has all that came. */
        private void passEnd() throws IOException {
            if (finished && other != null && other.unwritten == null) {
                if (other.finished && unwritten == null) {
                    Splice.this.close();
                } else {
                    other.channel.shutdownOutput();
                }
            }
        }

        @Override
        public void broken(Exception reason) {
            if (connected || this == client) {
                Splice.this.close();
            } else {
                next();
            }
        }

        void close() {
            key.cancel();
            SocketLoop.closeQuietly(channel);
        }
    }
}
