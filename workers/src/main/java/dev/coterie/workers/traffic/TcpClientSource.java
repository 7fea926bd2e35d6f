package dev.coterie.workers.traffic;

import dev.coterie.workers.io.SocketLoop;
import dev.coterie.workers.link.Datum;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One connection, made to a server. */
final class TcpClientSource implements Source, SocketLoop.Handler {

    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final SocketLoop loop;
    private final BalancerConfig config;
    private final Connections connections;
    private final Runnable success;
    private final Consumer<Exception> failure;
    private @Nullable SocketChannel connecting;
    private boolean stopped;

    /**
     * Creates it.
     *
     * @param success told when it is connected
     * @param failure told when it is not any more, or cannot be
     */
    TcpClientSource(
            SocketLoop loop,
            BalancerConfig config,
            Router router,
            Consumer<String> warnings,
            Runnable success,
            Consumer<Exception> failure) {
        this.loop = loop;
        this.config = config;
        this.connections = new Connections(loop, config.framing(), router, warnings);
        this.success = success;
        this.failure = failure;
    }

    /** Looks the server's address up, which may take seconds, and so not on the loop; then connects. */
    @Override
    public void open() {
        loop.events()
                .then(
                        CompletableFuture.supplyAsync(() -> new InetSocketAddress(config.host(), config.port())),
                        this::connect,
                        impossible -> ended(impossible.toString()));
    }

    private void connect(InetSocketAddress server) {
        if (stopped) {
            return;
        }
        try {
            SocketChannel channel = SocketChannel.open();
            connecting = channel;
            SelectionKey key = loop.watch(channel, SelectionKey.OP_CONNECT, this);
            loop.events().schedule(PATIENCE, () -> {
                if (connecting == channel) {
                    broken(new IOException("no connection within " + PATIENCE.toSeconds() + " s"));
                }
            });
            if (channel.connect(server)) {
                ready(key);
            }
        } catch (UnresolvedAddressException unknown) {
            broken(new IOException("this host is not known here; write an address, or another name", unknown));
        } catch (IOException refused) {
            broken(refused);
        }
    }

    @Override
    public void ready(SelectionKey key) throws IOException {
        SocketChannel channel = connecting;
        if (channel != null && channel.finishConnect()) {
            connections.add(channel, this::ended);
            connecting = null;
            success.run();
        }
    }

    @Override
    public void broken(Exception reason) {
        if (connecting != null) {
            SocketLoop.closeQuietly(connecting);
            connecting = null;
        }
        ended(String.valueOf(reason.getMessage()));
    }

    private void ended(String reason) {
        if (!stopped) {
            failure.accept(new IOException(config.host() + ":" + config.port() + ": " + reason));
        }
    }

    @Override
    public void stop() {
        stopped = true;
        connections.stop();
    }

    @Override
    public void close() {
        stopped = true;
        connections.close();
        if (connecting != null) {
            SocketLoop.closeQuietly(connecting);
        }
    }

    @Override
    public int port() {
        return config.port();
    }

    @Override
    public void reply(Datum answer) {
        connections.reply(answer);
    }

    @Override
    public void settled(Datum datum) {
        connections.settled(datum);
    }

    @Override
    public void resume() {
        connections.resume();
    }

    @Override
    public Map<String, Long> counts() {
        return connections.counts();
    }
}
