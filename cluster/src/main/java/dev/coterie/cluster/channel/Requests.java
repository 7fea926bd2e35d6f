package dev.coterie.cluster.channel;

import dev.coterie.cluster.concurrent.EventLoop;
import dev.coterie.cluster.concurrent.EventLoop.Scheduled;
import dev.coterie.cluster.discovery.Member;
import dev.coterie.cluster.discovery.RequestFailed;
import dev.coterie.cluster.discovery.RequestFailed.Reason;
import dev.coterie.cluster.link.Kinds;
import dev.coterie.cluster.link.Links;
import dev.coterie.cluster.link.Message;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** Questions to single members, and their answers, tied together by a number. */
final class Requests {

    /** More than this many without an answer are refused. */
    private static final int MOST_WAITING = 65_536;

    private final EventLoop loop;
    private final EventLoop callbacks;
    private final Links links;
    private final AtomicLong lastId = new AtomicLong();

    /** Filled by any thread that asks, emptied on the callback loop and on the event loop. */
    private final Map<Long, Waiting> waiting = new ConcurrentHashMap<>();

    private record Waiting(CompletableFuture<byte[]> answer, String member, Scheduled timeout) {}

    Requests(EventLoop loop, EventLoop callbacks, Links links) {
        this.loop = loop;
        this.callbacks = callbacks;
        this.links = links;
    }

    /** Asks a member. Any thread; the stage completes on the callback loop. */
    CompletableFuture<byte[]> ask(String channel, Member member, byte[] payload, Duration deadline) {
        CompletableFuture<byte[]> answer = new CompletableFuture<>();
        if (waiting.size() >= MOST_WAITING) {
            answer.completeExceptionally(new RequestFailed(
                    Reason.NOT_SENT, MOST_WAITING + " requests wait for their answers already; ask more slowly"));
            return answer;
        }
        long id = lastId.incrementAndGet();
        Scheduled timeout = loop.schedule(
                deadline,
                () -> callbacks.execute(() -> fail(
                        id,
                        Reason.UNKNOWN,
                        member.name() + " did not answer on channel " + channel + " within " + deadline.toMillis()
                                + " ms")));
        waiting.put(id, new Waiting(answer, member.id(), timeout));
        boolean queued = links.peer(member.id())
                .filter(peer -> peer.offer(new Message(Kinds.REQUEST, channel, id, payload)))
                .isPresent();
        if (!queued) {
            callbacks.execute(() ->
                    fail(id, Reason.NOT_SENT, member.name() + " is gone, or its queue is full; nothing was sent"));
        }
        return answer;
    }

    /** Answers a question. On the callback loop. */
    void answer(Member from, Message question, @Nullable BiFunction<Member, byte[], byte[]> responder) {
        if (responder == null) {
            reply(from, refusal(question, Reason.NO_RESPONDER, "nobody answers on channel " + question.subject()));
            return;
        }
        // The refusal stands ready before the responder runs: whatever it throws, the asker hears of it.
        boolean[] answered = {false};
        String[] problem = {"the responder failed"};
        callbacks.attempt(() -> {
            byte[] answer = run(responder, from, question, problem);
            answered[0] = true;
            reply(from, new Message(Kinds.ANSWER, question.subject(), question.id(), answer));
        });
        if (!answered[0]) {
            reply(from, refusal(question, Reason.FAILED, problem[0]));
        }
    }

    private static byte[] run(
            BiFunction<Member, byte[], byte[]> responder, Member from, Message question, String[] problem) {
        try {
            return responder.apply(from, question.payload());
        } catch (RuntimeException thrown) {
            problem[0] = "the responder failed: " + thrown;
            throw thrown;
        }
    }

    /** An answer has come. On the callback loop. */
    void answered(Member from, Message message) {
        Waiting one = take(from, message.id());
        if (one != null) {
            one.answer.complete(message.payload());
        }
    }

    /** A refusal has come. On the callback loop. */
    void refused(Member from, Message message) {
        Waiting one = take(from, message.id());
        if (one != null) {
            String text = new String(message.payload(), StandardCharsets.UTF_8);
            boolean nobody = text.startsWith(Reason.NO_RESPONDER.name());
            one.answer.completeExceptionally(new RequestFailed(
                    nobody ? Reason.NO_RESPONDER : Reason.FAILED,
                    from.name() + ": " + text.substring(text.indexOf(' ') + 1)));
        }
    }

    /** What still waits fails. */
    void close() {
        List.copyOf(waiting.keySet()).forEach(id -> fail(id, Reason.UNKNOWN, "this node has left"));
    }

    private static Message refusal(Message question, Reason reason, String text) {
        String bounded = text.length() > 1000 ? text.substring(0, 1000) : text;
        byte[] payload = (reason.name() + " " + bounded).getBytes(StandardCharsets.UTF_8);
        return new Message(Kinds.REFUSAL, question.subject(), question.id(), payload);
    }

    /** Only the member that was asked can answer. */
    private @Nullable Waiting take(Member from, long id) {
        Waiting one = waiting.get(id);
        if (one == null || !one.member.equals(from.id()) || !waiting.remove(id, one)) {
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

    private void reply(Member to, Message message) {
        // If it cannot be queued the asker's deadline tells it.
        var unused = links.peer(to.id()).map(peer -> peer.offer(message));
    }
}
