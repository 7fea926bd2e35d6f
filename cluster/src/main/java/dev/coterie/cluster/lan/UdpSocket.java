package dev.coterie.cluster.lan;

import dev.coterie.cluster.concurrent.Waiting;
import dev.coterie.cluster.lan.LanException.Kind;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One UDP socket, and the wait of the loop that empties it: what comes in is handled there and then, on the loop. It
 * decides nothing. Sending: any thread.
 */
final class UdpSocket implements Waiting, AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(UdpSocket.class);

    /** The kernel gives what it allows; every bit of it is time in which nothing is lost. */
    private static final int BUFFER_BYTES = 4 << 20;

    private static final int ROOM = 1 << 16;

    /** What the loop has to do besides is not put off for longer. */
    private static final int MOST_AT_ONCE = 512;

    private static final long MILLI = 1_000_000;
    private static final long LONGEST_MILLIS = Duration.ofHours(1).toMillis();

    private final DatagramChannel channel;
    private final Selector selector;
    private final ByteBuffer direct = ByteBuffer.allocateDirect(ROOM);
    private final byte[] bytes = new byte[ROOM];
    private final List<InetSocketAddress> targets;
    private final InetSocketAddress local;

    /** Null until it is started. */
    private @Nullable Receiver receiver;

    /** Takes what comes in. On the loop; the bytes are good until it returns. */
    @FunctionalInterface
    interface Receiver {
        void received(byte[] bytes, int length, InetSocketAddress from);
    }

    /**
     * Opens and binds; {@link #start} begins to receive.
     *
     * @param node whether it is on the group's port and hears what is sent to all; else it is on a port of its own
     * @throws LanException if that cannot be done
     */
    UdpSocket(LanConfig config, boolean node) {
        try {
            channel = DatagramChannel.open(StandardProtocolFamily.INET);
            selector = Selector.open();
        } catch (IOException failure) {
            throw new LanException(
                    Kind.NETWORK, "UDP: no socket can be opened (" + failure.getMessage() + ")", failure);
        }
        try {
            prepare(config, node);
            bind(config, node ? config.port() : 0);
            channel.configureBlocking(false);
            local = (InetSocketAddress) channel.getLocalAddress();
            targets = targets(config);
        } catch (IOException failure) {
            close();
            throw new LanException(Kind.NETWORK, "UDP: the network refused (" + failure.getMessage() + ")", failure);
        } catch (LanException failure) {
            close();
            throw failure;
        }
    }

    private void prepare(LanConfig config, boolean node) throws IOException {
        channel.setOption(StandardSocketOptions.SO_RCVBUF, BUFFER_BYTES);
        channel.setOption(StandardSocketOptions.SO_SNDBUF, BUFFER_BYTES);
        channel.setOption(StandardSocketOptions.SO_REUSEADDR, config.reuseAddr() && !config.exclusive());
        if (!config.multicast().isEmpty()) {
            List<NetworkInterface> interfaces = Interfaces.multicast(config.address());
            InetAddress group = InetAddress.getByName(config.multicast());
            for (NetworkInterface one : node ? interfaces : List.<NetworkInterface>of()) {
                channel.join(group, one);
            }
            channel.setOption(StandardSocketOptions.IP_MULTICAST_IF, interfaces.get(0));
            channel.setOption(StandardSocketOptions.IP_MULTICAST_TTL, config.multicastTtl());
        } else if (config.toGroup()) {
            channel.setOption(StandardSocketOptions.SO_BROADCAST, true);
        }
    }

    private void bind(LanConfig config, int port) throws IOException {
        // A socket bound to one address hears nothing that is sent to a group.
        String address = config.toGroup() ? Interfaces.ANY : config.address();
        try {
            channel.bind(new InetSocketAddress(InetAddress.getByName(address), port));
        } catch (BindException refused) {
            String why = String.valueOf(refused.getMessage());
            if (why.contains("in use")) {
                throw new LanException(
                        Kind.PORT_TAKEN,
                        "port: " + port + " is taken by another process that does not share it;" + " choose another",
                        refused);
            }
            throw why.contains("assign")
                    ? Interfaces.notLocal(address, refused)
                    : new LanException(Kind.NETWORK, "port: " + port + " cannot be had (" + why + ")", refused);
        }
    }

    private List<InetSocketAddress> targets(LanConfig config) throws UnknownHostException {
        if (!config.multicast().isEmpty()) {
            return List.of(new InetSocketAddress(InetAddress.getByName(config.multicast()), config.port()));
        }
        if (config.toGroup()) {
            String address = config.broadcast().isEmpty() ? "255.255.255.255" : config.broadcast();
            return List.of(new InetSocketAddress(InetAddress.getByName(address), config.port()));
        }
        List<InetSocketAddress> listed = new ArrayList<>();
        for (String node : config.unicast()) {
            InetSocketAddress one = resolve(node, config.port() == 0 ? local.getPort() : config.port());
            // Whoever lists all nodes lists itself.
            if (!one.equals(local) && !listed.contains(one)) {
                listed.add(one);
            }
        }
        return listed;
    }

    private static InetSocketAddress resolve(String node, int otherwise) {
        int colon = node.indexOf(':');
        String host = colon < 0 ? node : node.substring(0, colon);
        int port = colon < 0 ? otherwise : Integer.parseInt(node.substring(colon + 1));
        InetSocketAddress address = new InetSocketAddress(host, port);
        if (address.isUnresolved()) {
            throw new LanException(
                    Kind.NO_SUCH_ADDRESS,
                    "unicast: '" + node + "' cannot be resolved; check the name, or write an IPv4 address",
                    null);
        }
        return address;
    }

    /** Begins to receive. On the loop. */
    void start(Receiver by) {
        receiver = by;
        try {
            channel.register(selector, SelectionKey.OP_READ);
        } catch (ClosedChannelException over) {
            log.debug("It was closed before it began to receive");
        }
    }

    InetSocketAddress local() {
        return local;
    }

    /** To all; says whether the kernel took every packet. */
    boolean send(byte[] packet) {
        boolean taken = true;
        for (InetSocketAddress target : targets) {
            taken &= send(packet, target);
        }
        return taken;
    }

    /** To all, and to one of them last. */
    void sendLastTo(InetSocketAddress last, byte[] packet) {
        for (InetSocketAddress target : targets) {
            if (!target.equals(last)) {
                boolean unused = send(packet, target);
            }
        }
        if (targets.contains(last)) {
            boolean unused = send(packet, last);
        }
    }

    /** To one; says whether the kernel took it. */
    boolean send(byte[] packet, InetSocketAddress to) {
        try {
            return channel.send(ByteBuffer.wrap(packet), to) > 0;
        } catch (IOException refused) {
            // A network that is down for a while, a host that is not there: the next hello may get through.
            log.debug("A packet to {} was refused: {}", to, refused.toString());
            return false;
        }
    }

    // --- Receiving --------------------------------------------------------------------------------------------------

    /** Hands on the packets that are there, or waits for some; those come when it is called again, after what is due. */
    @Override
    public void await(long nanos) {
        int taken = 0;
        while (taken < MOST_AT_ONCE && receiveOne()) {
            taken++;
        }
        if (taken == 0 && nanos > 0) {
            select(nanos);
        }
    }

    private void select(long nanos) {
        try {
            // A select of zero would wait for ever; one of a part of a millisecond is rounded up.
            selector.select(UdpSocket::leave, Math.min(LONGEST_MILLIS, (nanos - 1) / MILLI + 1));
        } catch (IOException failure) {
            log.debug("Waiting for packets failed; trying again: {}", failure.toString());
        } catch (ClosedSelectorException over) {
            log.debug("The socket is closed");
        }
    }

    /** What is there is read by the next call. */
    private static void leave(SelectionKey ready) {}

    @Override
    public void wake(Thread thread) {
        selector.wakeup();
    }

    /** Says whether there may be another. */
    private boolean receiveOne() {
        Receiver by = receiver;
        if (by == null) {
            return false;
        }
        try {
            direct.clear();
            InetSocketAddress from = (InetSocketAddress) channel.receive(direct);
            if (from == null) {
                return false;
            }
            direct.flip();
            int length = direct.remaining();
            direct.get(bytes, 0, length);
            by.received(bytes, length, from);
        } catch (ClosedChannelException over) {
            return false;
        } catch (IOException failure) {
            log.debug("Receiving failed; trying again: {}", failure.toString());
        } catch (RuntimeException failure) {
            log.error("A packet could not be taken; the next will be", failure);
        }
        return true;
    }

    @Override
    public void close() {
        try {
            selector.close();
            channel.close();
        } catch (IOException closedAnyway) {
            log.debug("The socket could not be closed: {}", closedAnyway.toString());
        }
    }
}
