package dev.coterie.workers.supervisor;

import dev.coterie.workers.io.SocketLoop;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Tries a worker's port until it takes connections, or the worker is not starting any more. On the loop only. */
final class PortProbe implements SocketLoop.Handler {

    private static final Duration PAUSE = Duration.ofMillis(20);

    private final SocketLoop loop;
    private final WorkerProcess worker;
    private final InetSocketAddress address;
    private final Runnable success;
    private @Nullable SocketChannel channel;

    PortProbe(SocketLoop loop, WorkerProcess worker, int port, Runnable success) {
        this.loop = loop;
        this.worker = worker;
        this.address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        this.success = success;
    }

    void start() {
        if (worker.state() != WorkerState.STARTING) {
            return;
        }
        try {
            SocketChannel trial = SocketChannel.open();
            channel = trial;
            SelectionKey key = loop.watch(trial, SelectionKey.OP_CONNECT, this);
            if (trial.connect(address)) {
                ready(key);
            }
        } catch (IOException refused) {
            broken(refused);
        }
    }

    @Override
    public void ready(SelectionKey key) throws IOException {
        if (channel != null && channel.finishConnect()) {
            SocketLoop.closeQuietly(channel);
            success.run();
        }
    }

    @Override
    public void broken(Exception reason) {
        if (channel != null) {
            SocketLoop.closeQuietly(channel);
        }
        loop.events().schedule(PAUSE, this::start);
    }
}
