package dev.coterie.workers.traffic;

import dev.coterie.workers.io.SocketLoop;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A socket on which others make connections, and the end of those that are silent. When connections have taken all file
 * descriptors that this process may have, a few that were kept back are let go, for what must go on: the successor of a
 * worker, the monitor, a class that is loaded. Connections wait in the kernel until there are as many again. On the loop
 * only.
 */
final class Listener implements SocketLoop.Handler {

    private static final int BACKLOG = 4096;
    private static final int KEPT_BACK = 16;
    private static final Duration REST = Duration.ofMillis(200);

    private final SocketLoop loop;
    private final BalancerConfig config;
    private final Acceptor acceptor;
    private final LongConsumer endIdle;
    private final Consumer<String> warnings;
    private final Deque<SocketChannel> keptBack = new ArrayDeque<>();
    private @Nullable ServerSocketChannel server;
    private int port;
    private boolean warned;

    /**
     * Creates it.
     *
     * @param endIdle ends connections that were silent since a time on the monotonic clock
     */
    Listener(
            SocketLoop loop,
            BalancerConfig config,
            Acceptor acceptor,
            LongConsumer endIdle,
            Consumer<String> warnings) {
        this.loop = loop;
        this.config = config;
        this.acceptor = acceptor;
        this.endIdle = endIdle;
        this.warnings = warnings;
        this.port = config.port();
    }

    /** Takes connections over. */
    interface Acceptor {

        /** Gets what the next connection needs beside itself; if that fails, it is not taken yet. */
        default void prepare() throws IOException {}

        void accept(SocketChannel channel) throws IOException;
    }

    void open() throws IOException {
        ServerSocketChannel opened = ServerSocketChannel.open();
        try {
            opened.bind(new InetSocketAddress(InetAddress.getByName(config.host()), config.port()), BACKLOG);
            loop.watch(opened, SelectionKey.OP_ACCEPT, this);
            server = opened;
            port = opened.socket().getLocalPort();
        } catch (IOException failed) {
            opened.close();
            throw failed;
        }
        sweep();
    }

    /** The connections of a closed listener are seen to as well. */
    private void sweep() {
        Duration pause = config.idle().compareTo(Duration.ofSeconds(4)) < 0
                ? config.idle().dividedBy(4)
                : Duration.ofSeconds(1);
        loop.events().schedule(pause, () -> {
            endIdle.accept(loop.events().clock().nanoTime() - config.idle().toNanos());
            sweep();
        });
    }

    @Override
    public void ready(SelectionKey key) throws IOException {
        ServerSocketChannel from = (ServerSocketChannel) key.channel();
        try {
            keepBack();
            for (SocketChannel channel = next(from); channel != null; channel = next(from)) {
                take(channel);
            }
        } catch (IOException tooMany) {
            // Most likely there are no file descriptors left. Trying again at once would be a busy loop.
            letGo();
            SocketLoop.interest(key, SelectionKey.OP_ACCEPT, false);
            loop.events().schedule(REST, () -> SocketLoop.interest(key, SelectionKey.OP_ACCEPT, true));
            if (!warned) {
                warned = true;
                warnings.accept("port " + port + ": a connection cannot be taken (" + tooMany.getMessage()
                        + "); it waits until another ends; raise the limit of open files, ulimit -n");
            }
        }
    }

    private @Nullable SocketChannel next(ServerSocketChannel from) throws IOException {
        acceptor.prepare();
        return from.accept();
    }

    private void keepBack() throws IOException {
        while (keptBack.size() < KEPT_BACK) {
            keptBack.add(SocketChannel.open());
        }
    }

    private void letGo() {
        keptBack.forEach(SocketLoop::closeQuietly);
        keptBack.clear();
    }

    private void take(SocketChannel channel) {
        try {
            acceptor.accept(channel);
        } catch (IOException gone) {
            SocketLoop.closeQuietly(channel);
        }
    }

    @Override
    public void broken(Exception reason) {
        warnings.accept("port " + port + ": " + reason.getMessage());
    }

    int port() {
        return port;
    }

    void close() {
        letGo();
        if (server != null) {
            SocketLoop.closeQuietly(server);
            server = null;
        }
    }
}
