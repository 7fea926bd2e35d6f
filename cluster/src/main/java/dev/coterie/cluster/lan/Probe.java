package dev.coterie.cluster.lan;

import dev.coterie.cluster.concurrent.EventLoop;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks whether anybody has a port: one packet from a socket of its own, connected to it, since only such a socket is told
 * by the other machine that nobody has. On the event loop.
 */
final class Probe {

    private static final Logger log = LoggerFactory.getLogger(Probe.class);

    /** On one machine the answer is there at once, on a LAN soon; each wait is longer than the one before. */
    private static final Duration FIRST = Duration.ofMillis(1);

    private static final int LOOKS = 7;

    private final EventLoop loop;
    private final DatagramChannel channel;
    private final Runnable refused;

    private Probe(EventLoop loop, DatagramChannel channel, Runnable refused) {
        this.loop = loop;
        this.channel = channel;
        this.refused = refused;
    }

    /** @param refused called if the port is nobody's */
    static void send(EventLoop loop, byte[] packet, InetSocketAddress to, Runnable refused) {
        try {
            Probe probe = new Probe(loop, DatagramChannel.open(StandardProtocolFamily.INET), refused);
            probe.channel.configureBlocking(false);
            probe.channel.connect(to);
            probe.channel.write(ByteBuffer.wrap(packet));
            probe.look(FIRST, LOOKS);
        } catch (PortUnreachableException atOnce) {
            refused.run();
        } catch (IOException noWay) {
            log.debug("{} cannot be probed: {}", to, noWay.toString());
        }
    }

    private void look(Duration wait, int looks) {
        try {
            // Nobody ever sends here: either there is nothing, or it fails.
            int unused = channel.read(ByteBuffer.allocate(1));
            if (looks > 0) {
                loop.schedule(wait, () -> look(wait.multipliedBy(2), looks - 1));
                return;
            }
        } catch (PortUnreachableException nobodyThere) {
            refused.run();
        } catch (IOException noMore) {
            log.debug("A probe ended: {}", noMore.toString());
        }
        close();
    }

    private void close() {
        try {
            channel.close();
        } catch (IOException closedAnyway) {
            log.debug("A probe could not be closed: {}", closedAnyway.toString());
        }
    }
}
