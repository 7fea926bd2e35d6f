package dev.coterie.workers.traffic;

import dev.coterie.workers.io.SocketLoop;
import dev.coterie.workers.link.Datum;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;

/**
 * One TCP connection. When the other side has said all it wants to say, the connection stays for as long as workers have
 * pieces of it, and then for what is to be written. On the loop only.
 */
final class Connection implements SocketLoop.Handler {

    /** While more answers wait, nothing is read. */
    private static final int HIGH_BYTES = 64 * 1024;

    /** When more wait, the connection is closed. */
    private static final int MOST_BYTES = 4 * 1024 * 1024;

    private final Connections all;
    private final long id;
    private final SocketChannel channel;
    private final Framer framer;
    private final Consumer<String> ended;
    private final InetSocketAddress remote;
    private final SelectionKey key;

    /** Pieces that no worker has room for yet. */
    private final Deque<byte[]> pieces = new ArrayDeque<>();

    private final Deque<ByteBuffer> unwritten = new ArrayDeque<>();
    private long unwrittenBytes;
    private long unsettled;
    private boolean finished;
    private boolean closed;
    private long heard;

    Connection(Connections all, long id, SocketChannel channel, Framer framer, Consumer<String> ended)
            throws IOException {
        this.all = all;
        this.id = id;
        this.channel = channel;
        this.framer = framer;
        this.ended = ended;
        this.remote = (InetSocketAddress) channel.getRemoteAddress();
        this.heard = all.clock().nanoTime();
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        key = all.loop().watch(channel, all.isStopped() ? 0 : SelectionKey.OP_READ, this);
    }

    long id() {
        return id;
    }

    InetSocketAddress remote() {
        return remote;
    }

    /** When something was last read or written, on the monotonic clock. */
    long heard() {
        return heard;
    }

    @Override
    public void ready(SelectionKey ready) throws IOException {
        heard = all.clock().nanoTime();
        if (ready.isWritable()) {
            write();
        }
        if (!closed && ready.isReadable()) {
            read();
        }
    }

    @Override
    public void broken(Exception reason) {
        close(String.valueOf(reason.getMessage()));
    }

    private void read() throws IOException {
        ByteBuffer buffer = all.loop().scratch();
        int count = channel.read(buffer);
        if (count < 0) {
            finished = true;
            framer.end().ifPresent(pieces::add);
        } else {
            try {
                pieces.addAll(framer.feed(buffer.flip()));
            } catch (IllegalArgumentException malformed) {
                close("it sent " + malformed.getMessage());
                return;
            }
        }
        goOn();
        all.flush();
    }

    /** Hands on what it has; reads on if that is all gone. */
    void goOn() {
        while (!pieces.isEmpty() && all.offer(this, new Datum(id, remote, pieces.element()))) {
            pieces.remove();
            unsettled++;
        }
        see();
    }

    /** A worker is done with a piece. */
    void settled() {
        unsettled--;
        see();
    }

    /** Reads, or does not; or ends, if there is nothing more to do. */
    private void see() {
        if (finished && pieces.isEmpty() && unsettled == 0 && unwritten.isEmpty()) {
            close("the other side closed it");
        } else if (!closed) {
            boolean wanted = !finished && pieces.isEmpty() && unwrittenBytes < HIGH_BYTES && !all.isStopped();
            SocketLoop.interest(key, SelectionKey.OP_READ, wanted);
        }
    }

    void stop() {
        see();
    }

    void send(byte[] bytes) {
        if (closed) {
            return;
        }
        if (unwrittenBytes > MOST_BYTES) {
            all.tooSlow(this);
            close("it does not read its answers");
            return;
        }
        unwritten.add(ByteBuffer.wrap(bytes));
        unwrittenBytes += bytes.length;
        try {
            write();
        } catch (IOException broken) {
            broken(broken);
        }
    }

    private void write() throws IOException {
        while (!unwritten.isEmpty()) {
            ByteBuffer next = unwritten.element();
            unwrittenBytes -= channel.write(next);
            if (next.hasRemaining()) {
                break;
            }
            unwritten.remove();
        }
        SocketLoop.interest(key, SelectionKey.OP_WRITE, !unwritten.isEmpty());
        see();
    }

    void close(String reason) {
        if (!closed) {
            closed = true;
            key.cancel();
            SocketLoop.closeQuietly(channel);
            all.ended(this);
            ended.accept(reason);
        }
    }
}
