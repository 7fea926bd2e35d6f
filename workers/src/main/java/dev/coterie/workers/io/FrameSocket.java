package dev.coterie.workers.io;

import dev.coterie.cluster.concurrent.EventLoop;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * A stream socket that carries frames: four bytes of length, big-endian, then as many bytes, of which the first says
 * what the rest is. On its loop only.
 *
 * <p>A length of zero or above {@link #MOST_BYTES} ends the socket: whoever speaks like that speaks something else.
 * What waits to be written is not bounded here; its owner bounds it, by {@link #waiting()}.
 */
public final class FrameSocket implements SocketLoop.Handler {

    /** The longest frame, without its length. */
    public static final int MOST_BYTES = 1024 * 1024;

    private static final int HEADER = 4;
    private static final int FIRST_BYTES = 64 * 1024;
    private static final int PER_WRITE = 64;

    private final EventLoop loop;
    private final SocketChannel channel;
    private final Listener listener;
    private final SelectionKey key;
    private final Deque<ByteBuffer> unwritten = new ArrayDeque<>();
    private ByteBuffer unread = ByteBuffer.allocate(FIRST_BYTES);
    private long waiting;
    private boolean closed;

    /** Takes a connected socket over. */
    public FrameSocket(SocketLoop loop, SocketChannel channel, Listener listener) throws IOException {
        this.loop = loop.events();
        this.channel = channel;
        this.listener = listener;
        this.key = loop.watch(channel, SelectionKey.OP_READ, this);
    }

    /** What happens on the socket. */
    public interface Listener {

        /**
         * A frame has come.
         *
         * @param kind its first byte
         * @param content the rest; only until this returns
         */
        void frame(byte kind, ByteBuffer content);

        /** The socket has ended, once; not told after {@link FrameSocket#close()}. */
        void ended(String reason);
    }

    /** How many bytes wait to be written. */
    public long waiting() {
        return waiting;
    }

    /**
     * Sends a frame after those before it. Does nothing once the socket has ended.
     *
     * @param frame with its header, ready to be read; it belongs to the socket from now on
     */
    public void send(ByteBuffer frame) {
        if (closed) {
            return;
        }
        unwritten.add(frame);
        waiting += frame.remaining();
        if (unwritten.size() == 1) {
            try {
                write();
            } catch (IOException broken) {
                broken(broken);
            }
        }
    }

    /**
     * Makes a frame.
     *
     * @throws IllegalArgumentException if the content is too long for one
     */
    public static ByteBuffer frame(char kind, byte[] content) {
        if (1 + content.length > MOST_BYTES) {
            throw new IllegalArgumentException(
                    "a message of " + content.length + " bytes will not do; " + (MOST_BYTES - 1) + " are possible");
        }
        return ByteBuffer.allocate(HEADER + 1 + content.length)
                .putInt(1 + content.length)
                .put((byte) kind)
                .put(content)
                .flip();
    }

    @Override
    public void ready(SelectionKey ready) throws IOException {
        if (ready.isWritable()) {
            write();
        }
        if (ready.isReadable()) {
            read();
        }
    }

    @Override
    public void broken(Exception reason) {
        end(reason.getMessage() == null ? reason.toString() : reason.getMessage());
    }

    /** Ends the socket; what was not written is dropped. */
    public void close() {
        closed = true;
        key.cancel();
        SocketLoop.closeQuietly(channel);
        unwritten.clear();
        waiting = 0;
    }

    private void end(String reason) {
        if (!closed) {
            close();
            listener.ended(reason);
        }
    }

    private void write() throws IOException {
        while (!unwritten.isEmpty()) {
            ByteBuffer[] some = unwritten.stream().limit(PER_WRITE).toArray(ByteBuffer[]::new);
            long written = channel.write(some);
            waiting -= written;
            while (!unwritten.isEmpty() && !unwritten.peek().hasRemaining()) {
                unwritten.poll();
            }
            if (written == 0) {
                break;
            }
        }
        SocketLoop.interest(key, SelectionKey.OP_WRITE, !unwritten.isEmpty());
    }

    private void read() throws IOException {
        int count = channel.read(unread);
        if (count < 0) {
            end("the other side closed it");
            return;
        }
        unread.flip();
        while (!closed && unread.remaining() >= HEADER) {
            int length = unread.getInt(unread.position());
            if (length < 1 || length > MOST_BYTES) {
                end("a frame of " + length + " bytes was announced; 1 to " + MOST_BYTES + " are possible");
                return;
            }
            if (unread.remaining() < HEADER + length) {
                break;
            }
            take(length);
        }
        makeRoom();
    }

    private void take(int length) {
        int start = unread.position() + HEADER;
        int after = start + length;
        ByteBuffer content = unread.duplicate().limit(after).position(start + 1).slice();
        unread.position(after);
        byte kind = unread.get(start);
        // Whatever the listener makes of it, the frames behind it are whole.
        loop.attempt(() -> listener.frame(kind, content));
    }

    /** For the rest of the frame that has begun, at least. */
    private void makeRoom() {
        int needed = unread.remaining() < HEADER ? 0 : HEADER + unread.getInt(unread.position());
        if (needed > unread.capacity()) {
            unread = ByteBuffer.allocate(needed).put(unread);
        } else {
            unread.compact();
        }
    }
}
