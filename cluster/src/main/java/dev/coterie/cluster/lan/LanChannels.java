package dev.coterie.cluster.lan;

import dev.coterie.cluster.concurrent.EventLoop;
import dev.coterie.cluster.discovery.ChannelName;
import dev.coterie.cluster.discovery.Channels;
import dev.coterie.cluster.discovery.Member;
import dev.coterie.cluster.discovery.Payload;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * Channels whose every message is one packet to all nodes: nobody knows who has joined, so {@code Sent} counts the
 * members known, whether they listen or not. What the network loses is lost.
 */
final class LanChannels implements Channels {

    /** Where a node-discover that nobody listens to would end its process. */
    private static final String ERROR = "error";

    private static final int MOST_SENDERS = 2 * Roster.MOST_MEMBERS;
    private static final long PAUSE_NANOS = 50_000;

    private final EventLoop loop;
    private final LanChannels.Outlet outlet;
    private final Roster roster;
    private final Gate callbacks;
    private final LanRequests requests;
    private final PacketWriter writer;
    private final int maxPacket;
    private final Map<String, Joined> joined = new ConcurrentHashMap<>();

    /** Counts this node's messages. Guarded by this. */
    private long number;

    /** The number of the last message of each sender. On the event loop. */
    private final Map<String, Long> heard = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
            return size() > MOST_SENDERS;
        }
    };

    /** Where packets go. Any thread. */
    interface Outlet {

        /** To all; says whether the kernel took it. */
        boolean send(byte[] packet);

        /** To one; says whether the kernel took it. */
        boolean send(byte[] packet, Peer to);
    }

    private record Joined(
            BiConsumer<Member, byte[]> hear, @Nullable BiFunction<Member, byte[], Answer> answer) {}

    /** A payload on its way out, and whether it is bytes as they are. */
    record Answer(byte[] payload, boolean raw) {}

    LanChannels(
            EventLoop loop,
            Gate callbacks,
            Roster roster,
            PacketWriter writer,
            Outlet outlet,
            LanRequests requests,
            int maxPacket) {
        this.loop = loop;
        this.callbacks = callbacks;
        this.roster = roster;
        this.writer = writer;
        this.outlet = outlet;
        this.requests = requests;
        this.maxPacket = maxPacket;
    }

    @Override
    public <T> CompletionStage<Void> join(String channel, Class<T> type, BiConsumer<T, Member> handler) {
        return join(
                check(channel),
                new Joined((from, payload) -> handler.accept(Payload.read(channel, payload, type), from), null));
    }

    @Override
    public <Q, R> CompletionStage<Void> respond(String channel, Class<Q> type, BiFunction<Q, Member, R> responder) {
        BiFunction<Member, byte[], Answer> answer = (from, payload) -> {
            R answered = responder.apply(Payload.read(channel, payload, type), from);
            return new Answer(Payload.write(channel, answered, maxPacket), answered instanceof byte[]);
        };
        return join(
                check(channel),
                new Joined(
                        (from, payload) -> {
                            // Sent to all rather than asked: nobody waits for an answer.
                            Answer unused = answer.apply(from, payload);
                        },
                        answer));
    }

    private CompletionStage<Void> join(String channel, Joined one) {
        if (joined.putIfAbsent(channel, one) != null) {
            throw new IllegalStateException(
                    "channel: '" + channel + "' is joined already; leave it before joining with another handler");
        }
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletionStage<Void> leave(String channel) {
        joined.remove(check(channel));
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public Sent send(String channel, Object payload) {
        return send(channel, payload, Duration.ZERO);
    }

    @Override
    public Sent send(String channel, Object payload, Duration patience) {
        check(channel);
        byte[] bytes = Payload.write(channel, payload, maxPacket);
        boolean taken = send(channel, bytes, payload instanceof byte[]);
        if (!taken && !patience.isZero()) {
            taken = sendAgain(channel, bytes, payload instanceof byte[], patience);
        }
        int others = roster.peers().size();
        return taken ? new Sent(others, 0) : new Sent(0, others);
    }

    /** One at a time: a message with a lower number than one before it would be taken for a repetition. */
    private synchronized boolean send(String channel, byte[] payload, boolean raw) {
        byte[] packet = writer.message(channel, number + 1, payload, raw);
        refuseIfLarge(channel, payload, packet);
        number++;
        return outlet.send(packet);
    }

    private boolean sendAgain(String channel, byte[] payload, boolean raw, Duration patience) {
        long end = loop.clock().nanoTime() + patience.toNanos();
        boolean taken = false;
        while (!taken
                && loop.clock().nanoTime() - end < 0
                && !Thread.currentThread().isInterrupted()) {
            LockSupport.parkNanos(PAUSE_NANOS);
            taken = send(channel, payload, raw);
        }
        return taken;
    }

    private void refuseIfLarge(String channel, byte[] payload, byte[] packet) {
        if (packet.length > maxPacket) {
            throw new IllegalArgumentException("payload on channel " + channel + ": " + payload.length
                    + " bytes make a packet of " + packet.length + ", at most " + maxPacket
                    + " fit into one; send less, or in parts");
        }
    }

    @Override
    public <R> CompletionStage<R> request(
            String channel, Member member, Object payload, Class<R> answerType, Duration deadline) {
        check(channel);
        byte[] bytes = Payload.write(channel, payload, maxPacket);
        refuseIfLarge(
                channel,
                bytes,
                writer.exchanged(
                        Packet.REQUEST, member.id(), channel, Long.MAX_VALUE, bytes, payload instanceof byte[]));
        return requests.ask(channel, member, bytes, payload instanceof byte[], deadline)
                .thenApply(answer -> Payload.read(channel, answer, answerType));
    }

    private static String check(String channel) {
        if (channel.equals(ERROR)) {
            throw new IllegalArgumentException(
                    "channel: 'error' would end a node-discover that does not expect it; choose another name");
        }
        return ChannelName.check(channel);
    }

    // --- What comes in, on the event loop
    // ------------------------------------------------------------------------

    /** A message on a channel. */
    void heard(Packet packet, InetSocketAddress from) {
        Joined one = joined.get(packet.event());
        if (isNew(packet) && one != null) {
            Member sender = sender(packet, from);
            callbacks.execute(() -> one.hear.accept(sender, packet.data()));
        }
    }

    /** Whether it comes after all that were heard of its sender: what comes late or again is dropped. */
    private boolean isNew(Packet packet) {
        if (packet.number() == 0) {
            return true;
        }
        Long last = heard.get(packet.sender());
        if (last != null && packet.number() <= last) {
            return false;
        }
        heard.put(packet.sender(), packet.number());
        return true;
    }

    /** A question. */
    void asked(Packet packet) {
        Peer from = roster.peers().get(packet.sender());
        Joined one = joined.get(packet.channel());
        if (from != null) {
            callbacks.execute(() -> requests.answer(from, packet, one == null ? null : one.answer));
        }
    }

    /** An answer or a refusal. */
    void answered(Packet packet) {
        callbacks.execute(() -> requests.answered(packet));
    }

    /** Whoever has not said hello yet, or never does, is known by its message alone. */
    private Member sender(Packet packet, InetSocketAddress from) {
        Peer peer = roster.peers().get(packet.sender());
        return peer != null
                ? peer.member()
                : new Member(
                        packet.sender(),
                        packet.sender(),
                        packet.host(),
                        from.getAddress().getHostAddress(),
                        from.getPort(),
                        0,
                        false,
                        Map.of(),
                        List.of(),
                        Instant.EPOCH,
                        "unknown");
    }
}
