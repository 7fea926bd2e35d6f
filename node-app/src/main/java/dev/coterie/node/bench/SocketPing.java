package dev.coterie.node.bench;

import dev.coterie.cluster.concurrent.Clock;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/** The way there and back over a TCP socket, one blocking thread at each end. */
final class SocketPing {

    private SocketPing() {}

    static Histogram measure(int port, ChannelBench.Options options) throws IOException {
        Histogram roundTrips = new Histogram(TimeUnit.SECONDS.toNanos(10), 3);
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(10_000);
            OutputStream target = socket.getOutputStream();
            InputStream source = socket.getInputStream();
            Pace pace = new Pace(options.rate());
            byte[] payload = new byte[options.size()];
            long total = options.rate() * options.light().toSeconds();
            for (long sent = -total / 2; sent < total; sent++) {
                pace.await();
                long start = Clock.system().nanoTime();
                target.write(payload);
                if (source.readNBytes(payload, 0, payload.length) < payload.length) {
                    throw new IOException("the other end has gone");
                }
                if (sent >= 0) {
                    roundTrips.recordValue(Clock.system().nanoTime() - start);
                }
            }
        }
        return roundTrips;
    }
}
