package dev.coterie.workers.traffic;

import dev.coterie.workers.io.SocketLoop;
import dev.coterie.workers.link.Datum;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.Map;
import java.util.function.Consumer;

/** Connections that others make. */
final class TcpServerSource implements Source {

    private final Connections connections;
    private final Listener listener;

    TcpServerSource(SocketLoop loop, BalancerConfig config, Router router, Consumer<String> warnings) {
        connections = new Connections(loop, config.framing(), router, warnings);
        listener = new Listener(loop, config, this::accepted, connections::endIdle, warnings);
    }

    private void accepted(SocketChannel channel) throws IOException {
        connections.add(channel, ended -> {});
    }

    @Override
    public void open() throws IOException {
        listener.open();
    }

    @Override
    public void stop() {
        listener.close();
        connections.stop();
    }

    @Override
    public void close() {
        listener.close();
        connections.close();
    }

    @Override
    public int port() {
        return listener.port();
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
