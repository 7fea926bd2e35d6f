package dev.coterie.cluster.lan;

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
import java.nio.channels.DatagramChannel;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One UDP socket, and a thread that does nothing but empty it: what waits in the kernel is soon lost. It decides
 * nothing. Sending: any thread.
 */
final class UdpSocket implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(UdpSocket.class);

    /** The kernel gives what it allows; every bit of it is time in which nothing is lost. */
    private static final int BUFFER_BYTES = 4 << 20;

    private static final int ROOM = 1 << 16;

    private final DatagramChannel channel;
    private final List<InetSocketAddress> targets;
    private final InetSocketAddress local;

    /** Takes what comes in. On the socket's thread; the bytes are good until it returns. */
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
        } catch (IOException failure) {
            throw new LanException(
                    Kind.NETWORK, "UDP: no socket can be opened (" + failure.getMessage() + ")", failure);
        }
        try {
            prepare(config, node);
            bind(config, node ? config.port() : 0);
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

    /** Begins to receive. */
    void start(Receiver receiver) {
        Thread thread = new Thread(() -> run(receiver), "coterie-lan-udp");
        thread.setDaemon(true);
        thread.start();
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

    /** Waits in the kernel for each packet: a selector would cost two more calls, and time on the way. */
    private void run(Receiver receiver) {
        ByteBuffer direct = ByteBuffer.allocateDirect(ROOM);
        byte[] bytes = new byte[ROOM];
        while (channel.isOpen()) {
            try {
                direct.clear();
                InetSocketAddress from = (InetSocketAddress) channel.receive(direct);
                direct.flip();
                int length = direct.remaining();
                direct.get(bytes, 0, length);
                receiver.received(bytes, length, from);
            } catch (ClosedChannelException over) {
                return;
            } catch (IOException failure) {
                log.debug("Receiving failed; trying again: {}", failure.toString());
            } catch (RuntimeException failure) {
                log.error("A packet could not be taken; the next will be", failure);
            }
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException closedAnyway) {
            log.debug("The socket could not be closed: {}", closedAnyway.toString());
        }
    }
}
