package dev.coterie.cluster.lan;

import dev.coterie.cluster.concurrent.Clock;
import dev.coterie.cluster.concurrent.Waiting;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Packets on their way between this node and the socket: sealed if there is a key, and counted if they are dropped. */
final class LanWire implements LanChannels.Outlet, AutoCloseable {

    private static final int MOST_ADDRESSES = 4096;

    private final UdpSocket socket;
    private final Drops drops;
    private final @Nullable Seal seal;
    private final int mostBytes;
    private final LastPackets reader = new LastPackets();

    /** Whether an address is this machine's. */
    private final Map<InetAddress, Boolean> ours = new ConcurrentHashMap<>();

    /** Takes packets. On the loop. */
    @FunctionalInterface
    interface Receiver {

        /**
         * Takes one.
         *
         * @throws Unreadable if it says nothing that can be understood
         */
        void received(Packet packet, InetSocketAddress from) throws Unreadable;
    }

    /**
     * Opens the socket.
     *
     * @throws LanException as {@link UdpSocket}
     */
    LanWire(LanConfig config, Clock clock, Drops drops) {
        this(config, clock, drops, new UdpSocket(config, true));
    }

    /**
     * One for who is no node: it speaks to all, and hears only what is sent to its own port.
     *
     * @throws LanException as {@link UdpSocket}
     */
    static LanWire outside(LanConfig config, Clock clock, Drops drops) {
        return new LanWire(config, clock, drops, new UdpSocket(config, false));
    }

    private LanWire(LanConfig config, Clock clock, Drops drops, UdpSocket socket) {
        SharedKey key = config.key();
        this.seal = key == null ? null : new Seal(key, clock);
        this.mostBytes = config.maxPacket();
        this.drops = drops;
        this.socket = socket;
    }

    /** What the loop does while it has no task: it takes what comes in. */
    Waiting waiting() {
        return socket;
    }

    /** Begins to receive. On the loop. */
    void start(Receiver receiver) {
        socket.start((bytes, length, from) -> received(receiver, bytes, length, from));
    }

    InetSocketAddress local() {
        return socket.local();
    }

    /** How many bytes a packet may have before it is sealed. */
    int maxPacket() {
        return seal == null ? mostBytes : mostBytes - Seal.OVERHEAD;
    }

    private void received(Receiver receiver, byte[] bytes, int length, InetSocketAddress from) {
        try {
            if (length > mostBytes) {
                throw new Unreadable(DropReason.OVERSIZED);
            }
            receiver.received(read(bytes, length, from), from);
        } catch (Unreadable dropped) {
            drops.count(dropped.reason());
        }
    }

    private Packet read(byte[] bytes, int length, InetSocketAddress from) throws Unreadable {
        if (seal != null) {
            byte[] plain = seal.open(bytes, length);
            return reader.read(plain, plain.length, from);
        }
        if (length > 0 && bytes[0] == Seal.VERSION) {
            throw new Unreadable(DropReason.WRONG_KEY);
        }
        return reader.read(bytes, length, from);
    }

    @Override
    public boolean send(byte[] packet) {
        return socket.send(sealed(packet));
    }

    @Override
    public boolean send(byte[] packet, Peer to) {
        if (to.shared() || isOurs(to.address())) {
            return send(packet);
        }
        return socket.send(sealed(packet), to.address());
    }

    /** To all, and to one of them last: when it has heard this, all others have been told. */
    void sendLastTo(Peer last, byte[] packet) {
        socket.sendLastTo(last.address(), sealed(packet));
    }

    /** To who is no node. */
    void send(byte[] packet, InetSocketAddress to) {
        boolean unused = socket.send(sealed(packet), to);
    }

    /** Sealing counts, and is done by one thread at a time. */
    private byte[] sealed(byte[] packet) {
        if (seal == null) {
            return packet;
        }
        synchronized (seal) {
            return seal.seal(packet);
        }
    }

    /** Whether a packet sent there may come back to this very socket. */
    private boolean isOurs(InetSocketAddress address) {
        if (address.getPort() != local().getPort()) {
            return false;
        }
        if (ours.size() > MOST_ADDRESSES) {
            ours.clear();
        }
        return ours.computeIfAbsent(address.getAddress(), LanWire::isThisMachines);
    }

    private static boolean isThisMachines(InetAddress address) {
        try {
            return NetworkInterface.getByInetAddress(address) != null;
        } catch (SocketException unknown) {
            return false;
        }
    }

    @Override
    public void close() {
        socket.close();
    }
}
