package dev.coterie.workers.io;

import dev.coterie.cluster.concurrent.EventLoop;
import dev.coterie.cluster.concurrent.ThreadEventLoop;
import dev.coterie.cluster.concurrent.Waiting;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * An event loop whose thread sees to sockets while it has no task: everything about a socket happens on the loop, so
 * nothing needs a lock.
 */
public final class SocketLoop implements AutoCloseable {

    private static final int SCRATCH_BYTES = 256 * 1024;
    private static final long MILLI = 1_000_000;

    private final Selector selector;
    private final ThreadEventLoop loop;
    private final ByteBuffer scratch = ByteBuffer.allocateDirect(SCRATCH_BYTES);

    /**
     * Starts the loop.
     *
     * @param name the thread's name, as it appears in a thread dump
     */
    public SocketLoop(String name) {
        try {
            selector = Selector.open();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        loop = new ThreadEventLoop(name, new Sockets());
    }

    /** The loop on which all handlers run. */
    public EventLoop events() {
        return loop;
    }

    /** A large buffer for whoever is running on the loop, until they return. */
    public ByteBuffer scratch() {
        return scratch.clear();
    }

    /**
     * Watches a socket, which becomes non-blocking. On the loop.
     *
     * @param operations for what to wait, as {@link SelectionKey} has it; may be changed in the key
     * @param handler called each time the socket is ready for any of them
     */
    public SelectionKey watch(SelectableChannel channel, int operations, Handler handler) throws IOException {
        channel.configureBlocking(false);
        return channel.register(selector, operations, handler);
    }

    /** Waits for an operation from now on, or no longer. On the loop; a cancelled key is left alone. */
    public static void interest(SelectionKey key, int operation, boolean wanted) {
        if (key.isValid()) {
            int before = key.interestOps();
            int after = wanted ? before | operation : before & ~operation;
            if (before != after) {
                key.interestOps(after);
            }
        }
    }

    /** Ends the loop and closes every socket on it. Any thread but the loop's. */
    @Override
    public void close() {
        loop.execute(() -> {
            List<SelectionKey> keys = new ArrayList<>(selector.keys());
            keys.forEach(key -> closeQuietly(key.channel()));
        });
        loop.close();
        closeQuietly(selector);
    }

    /** Closes what is of no more use; if that fails, there is nothing left to be done about it. */
    public static void closeQuietly(AutoCloseable resource) {
        try {
            resource.close();
        } catch (Exception useless) {
            org.slf4j.LoggerFactory.getLogger(SocketLoop.class).debug("closing {} failed", resource, useless);
        }
    }

    private void ready(SelectionKey key) {
        if (key.isValid() && key.attachment() instanceof Handler handler) {
            loop.attempt(() -> {
                try {
                    handler.ready(key);
                } catch (IOException | java.nio.channels.CancelledKeyException broken) {
                    handler.broken(broken);
                }
            });
        }
    }

    /** What a socket's owner does when it is ready. */
    public interface Handler {

        /** The socket is ready for what the key says. On the loop. */
        void ready(SelectionKey key) throws IOException;

        /** {@link #ready} failed with this. On the loop. */
        void broken(Exception reason);
    }

    /** The thread's wait: for sockets. */
    private final class Sockets implements Waiting {

        @Override
        public void await(long nanos) {
            try {
                if (nanos == 0) {
                    selector.selectNow(SocketLoop.this::ready);
                } else {
                    // A select of zero would wait for ever; one of a part of a millisecond is rounded up.
                    long millis = Math.min(Duration.ofHours(1).toMillis(), (nanos - 1) / MILLI + 1);
                    selector.select(SocketLoop.this::ready, millis);
                }
            } catch (ClosedChannelException closed) {
                throw new IllegalStateException("the selector was closed under its loop", closed);
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            }
        }

        @Override
        public void wake(Thread thread) {
            selector.wakeup();
        }
    }
}
