package dev.coterie.cluster.lan;

import dev.coterie.cluster.concurrent.EventLoop;
import dev.coterie.cluster.concurrent.EventLoop.Scheduled;
import dev.coterie.cluster.discovery.Member;
import dev.coterie.cluster.discovery.RequestFailed;
import dev.coterie.cluster.discovery.RequestFailed.Reason;
import dev.coterie.cluster.lan.LanChannels.Answer;
import dev.coterie.cluster.lan.LanChannels.Outlet;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** Questions to single nodes of our own, and their answers, each one packet. */
final class LanRequests {

    /** More than this many without an answer are refused. */
    private static final int MOST_WAITING = 65_536;

    private final EventLoop loop;
    private final EventLoop callbacks;
    private final Roster roster;
    private final PacketWriter writer;
    private final Outlet outlet;
    private final int maxPacket;
    private final AtomicLong lastId = new AtomicLong();

    /** Filled by any thread that asks, emptied on the callback loop. */
    private final Map<Long, Waiting> waiting = new ConcurrentHashMap<>();

    private record Waiting(CompletableFuture<byte[]> answer, String member, Scheduled timeout) {}

    LanRequests(EventLoop loop, EventLoop callbacks, Roster roster, PacketWriter writer, Outlet outlet, int maxPacket) {
        this.loop = loop;
        this.callbacks = callbacks;
        this.roster = roster;
        this.writer = writer;
        this.outlet = outlet;
        this.maxPacket = maxPacket;
    }

    /** Asks a node. Any thread; the stage completes on the callback loop. */
    CompletableFuture<byte[]> ask(String channel, Member member, byte[] payload, boolean raw, Duration deadline) {
        Peer peer = roster.peers().get(member.id());
        String objection = peer == null
                ? member.name() + " is gone; nothing was sent"
                : peer.plain()
                        ? member.name() + " is a node-discover, which answers no requests; send it a message"
                        : waiting.size() >= MOST_WAITING
                                ? MOST_WAITING + " requests wait for their answers already; ask more slowly"
                                : "";
        if (peer == null || !objection.isEmpty()) {
            return CompletableFuture.failedFuture(new RequestFailed(Reason.NOT_SENT, objection));
        }
        CompletableFuture<byte[]> answer = new CompletableFuture<>();
        long id = lastId.incrementAndGet();
        String late =
                member.name() + " did not answer on channel " + channel + " within " + deadline.toMillis() + " ms";
        Scheduled timeout = loop.schedule(deadline, () -> callbacks.execute(() -> fail(id, Reason.UNKNOWN, late)));
        waiting.put(id, new Waiting(answer, member.id(), timeout));
        if (!outlet.send(writer.exchanged(Packet.REQUEST, member.id(), channel, id, payload, raw), peer)) {
            callbacks.execute(() -> fail(id, Reason.NOT_SENT, "the network did not take it; nothing was sent"));
        }
        return answer;
    }

    /** Answers a question. On the callback loop. */
    void answer(Peer from, Packet question, @Nullable BiFunction<Member, byte[], Answer> responder) {
        if (responder == null) {
            refuse(from, question, Reason.NO_RESPONDER, "nobody answers on channel " + question.channel());
            return;
        }
        // The refusal stands ready before the responder runs: whatever it throws, the asker hears of it.
        byte[][] packet = {null};
        String[] problem = {"the responder failed"};
        callbacks.attempt(() -> packet[0] = answered(from, question, responder, problem));
        if (packet[0] == null) {
            refuse(from, question, Reason.FAILED, problem[0]);
        } else if (packet[0].length > maxPacket) {
            refuse(from, question, Reason.FAILED, "the answer is too large for one packet");
        } else {
            outlet.send(packet[0], from);
        }
    }

    private byte[] answered(
            Peer from, Packet question, BiFunction<Member, byte[], Answer> responder, String[] problem) {
        try {
            Answer answer = responder.apply(from.member(), question.data());
            return writer.exchanged(
                    Packet.ANSWER,
                    question.sender(),
                    question.channel(),
                    question.id(),
                    answer.payload(),
                    answer.raw());
        } catch (RuntimeException thrown) {
            problem[0] = "the responder failed: " + thrown;
            throw thrown;
        }
    }

    private void refuse(Peer to, Packet question, Reason reason, String text) {
        // Escaped as JSON, a character may take six bytes; 200 fit in any packet.
        String bounded = text.length() > 200 ? text.substring(0, 200) : text;
        byte[] refusal = (reason.name() + " " + bounded).getBytes(StandardCharsets.UTF_8);
        outlet.send(
                writer.exchanged(Packet.REFUSAL, question.sender(), question.channel(), question.id(), refusal, true),
                to);
    }

    /** An answer or a refusal has come. On the callback loop. */
    void answered(Packet packet) {
        Waiting one = take(packet);
        if (one == null) {
            return;
        }
        if (packet.event().equals(Packet.ANSWER)) {
            one.answer.complete(packet.data());
            return;
        }
        String text = new String(packet.data(), StandardCharsets.UTF_8);
        Reason reason = text.startsWith(Reason.NO_RESPONDER.name()) ? Reason.NO_RESPONDER : Reason.FAILED;
        one.answer.completeExceptionally(
                new RequestFailed(reason, packet.sender() + ": " + text.substring(text.indexOf(' ') + 1)));
    }

    /** What still waits fails. */
    void close() {
        List.copyOf(waiting.keySet()).forEach(id -> fail(id, Reason.UNKNOWN, "this node has left"));
    }

    /** Only the node that was asked can answer. */
    private @Nullable Waiting take(Packet packet) {
        Waiting one = waiting.get(packet.id());
        if (one == null || !one.member.equals(packet.sender()) || !waiting.remove(packet.id(), one)) {
            return null;
        }
        one.timeout.cancel();
        return one;
    }

    private void fail(long id, Reason reason, String message) {
        Waiting one = waiting.remove(id);
        if (one != null) {
            one.timeout.cancel();
            one.answer.completeExceptionally(new RequestFailed(reason, message));
        }
    }
}
