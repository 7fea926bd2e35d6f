package dev.coterie.workers.traffic;

import dev.coterie.workers.io.SocketLoop;
import dev.coterie.workers.link.Datum;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Datagrams. One that finds its worker's queue full is counted and dropped, and so is an answer for which the kernel has
 * no room: that is what datagrams are like, and it must not hold up the others.
 */
final class UdpSource implements Source, SocketLoop.Handler {

    private static final int BUFFER_BYTES = 4 * 1024 * 1024;
    private static final int AT_A_TIME = 512;

    private final SocketLoop loop;
    private final BalancerConfig config;
    private final Router router;
    private final Consumer<Exception> failure;
    private @Nullable DatagramChannel channel;
    private @Nullable SelectionKey key;
    private long received;
    private long dropped;
    private long replies;
    private long repliesDropped;

    UdpSource(SocketLoop loop, BalancerConfig config, Router router, Consumer<Exception> failure) {
        this.loop = loop;
        this.config = config;
        this.router = router;
        this.failure = failure;
    }

    @Override
    public void open() throws IOException {
        DatagramChannel opened = DatagramChannel.open();
        try {
            // The kernel may give less: net.core.rmem_max says how much.
            opened.setOption(StandardSocketOptions.SO_RCVBUF, BUFFER_BYTES);
            opened.bind(new InetSocketAddress(InetAddress.getByName(config.host()), config.port()));
            key = loop.watch(opened, SelectionKey.OP_READ, this);
            channel = opened;
        } catch (IOException failed) {
            opened.close();
            throw failed;
        }
    }

    @Override
    public void ready(SelectionKey ready) throws IOException {
        DatagramChannel from = (DatagramChannel) ready.channel();
        ByteBuffer buffer = loop.scratch();
        try {
            for (int count = 0; count < AT_A_TIME; count++) {
                InetSocketAddress remote = (InetSocketAddress) from.receive(buffer.clear());
                if (remote == null) {
                    break;
                }
                byte[] bytes = new byte[buffer.flip().remaining()];
                buffer.get(bytes);
                received++;
                if (!router.offer(new Datum(0, remote, bytes))) {
                    dropped++;
                }
            }
        } finally {
            router.flush();
        }
    }

    @Override
    public void broken(Exception reason) {
        close();
        failure.accept(reason);
    }

    @Override
    public void reply(Datum answer) {
        DatagramChannel to = channel;
        try {
            if (to != null && to.send(ByteBuffer.wrap(answer.bytes()), answer.remote()) == answer.bytes().length) {
                replies++;
                return;
            }
        } catch (SocketException refused) {
            // Too large, or nowhere to go: nothing that the next datagram would suffer from.
        } catch (IOException broken) {
            broken(broken);
        }
        repliesDropped++;
    }

    @Override
    public void stop() {
        if (key != null) {
            SocketLoop.interest(key, SelectionKey.OP_READ, false);
        }
    }

    @Override
    public void close() {
        if (channel != null) {
            SocketLoop.closeQuietly(channel);
            channel = null;
        }
    }

    @Override
    public int port() {
        return channel == null ? config.port() : channel.socket().getLocalPort();
    }

    @Override
    public Map<String, Long> counts() {
        return Map.of("received", received, "dropped", dropped, "replies", replies, "repliesDropped", repliesDropped);
    }
}
