package dev.coterie.node.bench;

import dev.coterie.cluster.concurrent.Clock;
import dev.coterie.workers.io.SocketLoop;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CountDownLatch;
import org.HdrHistogram.Histogram;

/**
 * Makes HTTP requests on connections that are kept; a process of its own. At a rate, each request has a time at which it
 * is due, and its latency counts from then, also if no connection is free.
 */
final class HttpLoad {

    private static final byte[] REQUEST = "GET / HTTP/1.1\r\nHost: bench\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final long LONGEST_NANOS = 60_000_000_000L;

    private final Clock clock = Clock.system();
    private final SocketLoop loop = new SocketLoop("http-load");
    private final Histogram latencies = new Histogram(LONGEST_NANOS, 3);
    private final Deque<Connection> free = new ArrayDeque<>();
    private final CountDownLatch over = new CountDownLatch(1);
    private final int rate;
    private final long from;
    private final long until;
    private long nextDue;

    private HttpLoad(int rate, double warmUp, double seconds) {
        this.rate = rate;
        this.from = clock.nanoTime() + (long) (warmUp * 1e9);
        this.until = from + (long) (seconds * 1e9);
        this.nextDue = clock.nanoTime();
    }

    /**
     * Runs it, and says requests a second and the 50th and 99th percentile of the latency in microseconds.
     *
     * @param args port, connections, requests a second (0 for as many as there are answers), seconds of warming up, seconds
     */
    public static void main(String[] args) throws InterruptedException {
        int port = Integer.parseInt(args[0]);
        int connections = Integer.parseInt(args[1]);
        double seconds = Double.parseDouble(args[4]);
        HttpLoad load = new HttpLoad(Integer.parseInt(args[2]), Double.parseDouble(args[3]), seconds);
        load.loop.events().execute(() -> load.connect(port, connections));
        load.over.await();
        System.out.println(load.latencies.getTotalCount() / seconds + " "
                + load.latencies.getValueAtPercentile(50) / 1000.0 + " "
                + load.latencies.getValueAtPercentile(99) / 1000.0);
        System.exit(0);
    }

    private void connect(int port, int connections) {
        try {
            for (int number = 0; number < connections; number++) {
                InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
                free.add(new Connection(SocketChannel.open(address)));
            }
        } catch (IOException failure) {
            failure.printStackTrace();
            System.exit(1);
        }
        loop.events().schedule(Duration.ofNanos(until - clock.nanoTime()), over::countDown);
        go();
    }

    /** Asks on each free connection, if a request is due. */
    private void go() {
        long now = clock.nanoTime();
        while (!free.isEmpty() && (rate == 0 || nextDue <= now)) {
            free.remove().ask(rate == 0 ? clock.nanoTime() : nextDue);
            if (rate > 0) {
                nextDue += 1_000_000_000L / rate;
            }
        }
        if (rate > 0 && !free.isEmpty()) {
            loop.events().schedule(Duration.ofNanos(Math.max(0, nextDue - now)), this::go);
        }
    }

    /** One connection. */
    private final class Connection implements SocketLoop.Handler {

        private final SocketChannel channel;
        private final ByteBuffer request =
                ByteBuffer.allocateDirect(REQUEST.length).put(REQUEST);
        private long due;

        Connection(SocketChannel channel) throws IOException {
            this.channel = channel;
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            loop.watch(channel, SelectionKey.OP_READ, this);
        }

        void ask(long when) {
            due = when;
            try {
                channel.write(request.flip());
            } catch (IOException failure) {
                broken(failure);
            }
        }

        @Override
        public void ready(SelectionKey key) throws IOException {
            if (channel.read(loop.scratch()) < 0) {
                throw new IOException("the connection was closed");
            }
            long now = clock.nanoTime();
            if (now >= from && now < until) {
                latencies.recordValue(Math.min(LONGEST_NANOS, now - due));
            }
            if (rate == 0) {
                ask(now);
            } else {
                boolean nobodyWaited = free.isEmpty();
                free.add(this);
                if (nobodyWaited) {
                    go();
                }
            }
        }

        @Override
        public void broken(Exception reason) {
            System.err.println("a request failed: " + reason);
            System.exit(1);
        }
    }
}
