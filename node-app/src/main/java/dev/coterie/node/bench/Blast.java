package dev.coterie.node.bench;

import dev.coterie.cluster.concurrent.Clock;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.concurrent.locks.LockSupport;

/** Sends datagrams to a port of this machine, at a rate or as fast as it can; a process of its own. */
final class Blast {

    private static final int BATCH = 64;
    private static final long PAUSE_NANOS = 50_000;
    private static final double NANOS = 1e9;

    private final Clock clock = Clock.system();
    private final DatagramChannel channel;
    private final ByteBuffer datagram;

    private Blast(int port, int bytes) throws IOException {
        channel = DatagramChannel.open().connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        datagram = ByteBuffer.allocateDirect(bytes);
    }

    /**
     * Runs it, and says how many were sent in how many seconds, and when it began on the monotonic clock.
     *
     * @param args port, bytes of a datagram, datagrams a second (0 for as many as it can), seconds
     */
    public static void main(String[] args) throws IOException {
        Blast blast = new Blast(Integer.parseInt(args[0]), Integer.parseInt(args[1]));
        blast.send(Integer.parseInt(args[2]), Double.parseDouble(args[3]));
    }

    private void send(int rate, double seconds) throws IOException {
        long start = clock.nanoTime();
        long sent = 0;
        double time = 0;
        while (time < seconds) {
            long due = rate == 0 ? sent + BATCH : Math.min(sent + BATCH, (long) (time * rate) + 1);
            if (due <= sent) {
                LockSupport.parkNanos(PAUSE_NANOS);
            }
            for (; sent < due; sent++) {
                sendOne();
            }
            time = (clock.nanoTime() - start) / NANOS;
        }
        System.out.println(sent + " " + time + " " + start);
    }

    private void sendOne() throws IOException {
        try {
            channel.write(datagram.clear());
        } catch (PortUnreachableException notYet) {
            // The receiver's business.
        }
    }
}
