package dev.coterie.cluster.channel;

import dev.coterie.cluster.concurrent.EventLoop;
import dev.coterie.cluster.discovery.ChannelName;
import dev.coterie.cluster.discovery.Channels;
import dev.coterie.cluster.discovery.Member;
import dev.coterie.cluster.discovery.Payload;
import dev.coterie.cluster.link.Kinds;
import dev.coterie.cluster.link.Links;
import dev.coterie.cluster.link.Message;
import dev.coterie.cluster.link.Peer;
import dev.coterie.cluster.meter.Meter;
import dev.coterie.cluster.meter.Meter.Count;
import dev.coterie.cluster.session.Session;
import dev.coterie.cluster.session.SessionKey;
import dev.coterie.cluster.store.Change;
import dev.coterie.cluster.store.KeyValueStore;
import dev.coterie.cluster.store.Mirror;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Channels whose members stand in the store and whose messages travel on links.
 *
 * <p>A sender looks up an immutable picture of who has joined, made on the event loop whenever that changes, and offers
 * one message to each one's link from its own thread.
 */
public final class LinkChannels implements Channels, AutoCloseable {

    /** Where those who have joined are, below the prefix: {@code channels/<channel>/<node>}. */
    public static final String DIRECTORY = "channels/";

    private static final Peer[] NOBODY = {};

    private final EventLoop loop;
    private final EventLoop callbacks;
    private final Session session;
    private final Links links;
    private final Meter meter;
    private final String directory;
    private final Mirror mirror;
    private final Requests requests;

    /** What this node has joined. Changed by any thread that joins or leaves, read on the callback loop. */
    private final Map<String, Joined> joined = new ConcurrentHashMap<>();

    /** The others that have joined, by channel. */
    private volatile Map<String, Peer[]> receivers = Map.of();

    /** Prepares it; {@link #start} starts it. */
    public LinkChannels(
            KeyValueStore store,
            EventLoop loop,
            EventLoop callbacks,
            String prefix,
            Duration reread,
            Session session,
            Links links,
            Meter meter) {
        this.loop = loop;
        this.callbacks = callbacks;
        this.session = session;
        this.links = links;
        this.meter = meter;
        this.directory = prefix + DIRECTORY;
        this.mirror = new Mirror(store, loop, directory, reread, this::changed);
        this.requests = new Requests(loop, callbacks, links);
        links.on(Kinds.CHANNEL, this::heard);
        links.on(Kinds.REQUEST, this::asked);
        links.on(Kinds.ANSWER, requests::answered);
        links.on(Kinds.REFUSAL, requests::refused);
    }

    /** A channel this node has joined, as a key of its session. */
    private final class Joined implements SessionKey {

        private final String channel;
        private final BiConsumer<Member, byte[]> hear;
        private final @Nullable BiFunction<Member, byte[], byte[]> answer;

        Joined(String channel, BiConsumer<Member, byte[]> hear, @Nullable BiFunction<Member, byte[], byte[]> answer) {
            this.channel = channel;
            this.hear = hear;
            this.answer = answer;
        }

        @Override
        public String key(String nodeId) {
            return directory + channel + "/" + nodeId;
        }

        @Override
        public byte[] value(String nodeId) {
            return new byte[0];
        }
    }

    /** Begins to follow who has joined. On the loop. */
    public void start() {
        mirror.start();
    }

    /** The members have changed, and with them the peers. On the loop. */
    public void reconsider() {
        Map<String, List<Peer>> byChannel = new HashMap<>();
        for (String key : mirror.entries().keySet()) {
            int slash = key.indexOf('/', directory.length());
            if (slash > 0) {
                links.peer(key.substring(slash + 1))
                        .ifPresent(peer -> byChannel
                                .computeIfAbsent(key.substring(directory.length(), slash), none -> new ArrayList<>())
                                .add(peer));
            }
        }
        Map<String, Peer[]> now = new HashMap<>();
        byChannel.forEach((channel, peers) -> now.put(channel, peers.toArray(NOBODY)));
        receivers = Map.copyOf(now);
    }

    @Override
    public <T> CompletionStage<Void> join(String channel, Class<T> type, BiConsumer<T, Member> handler) {
        return join(new Joined(
                ChannelName.check(channel),
                (from, payload) -> handler.accept(Payload.read(channel, payload, type), from),
                null));
    }

    @Override
    public <Q, R> CompletionStage<Void> respond(String channel, Class<Q> type, BiFunction<Q, Member, R> responder) {
        BiFunction<Member, byte[], byte[]> answer = (from, payload) ->
                Payload.write(channel, responder.apply(Payload.read(channel, payload, type), from), MAX_PAYLOAD);
        return join(new Joined(
                ChannelName.check(channel),
                (from, payload) -> {
                    // Sent to all rather than asked: nobody waits for an answer.
                    byte[] unused = answer.apply(from, payload);
                },
                answer));
    }

    private CompletionStage<Void> join(Joined one) {
        if (joined.putIfAbsent(one.channel, one) != null) {
            throw new IllegalStateException(
                    "channel: '" + one.channel + "' is joined already; leave it before joining with another handler");
        }
        CompletableFuture<Void> done = onLoop(() -> session.keep(one));
        loop.then(done, kept -> {}, failure -> joined.remove(one.channel, one));
        return done;
    }

    @Override
    public CompletionStage<Void> leave(String channel) {
        Joined one = joined.remove(ChannelName.check(channel));
        return one == null ? CompletableFuture.completedFuture(null) : onLoop(() -> session.drop(one));
    }

    @Override
    public Sent send(String channel, Object payload) {
        return send(channel, payload, Duration.ZERO);
    }

    @Override
    public Sent send(String channel, Object payload, Duration patience) {
        Peer[] to = receivers.get(channel);
        if (to == null) {
            ChannelName.check(channel);
            to = NOBODY;
        }
        Message message = new Message(Kinds.CHANNEL, channel, 0, Payload.write(channel, payload, MAX_PAYLOAD));
        int queued = 0;
        for (Peer peer : to) {
            queued += peer.offer(message) || (!patience.isZero() && peer.offer(message, patience)) ? 1 : 0;
        }
        meter.count(Count.MESSAGE_SENT, queued);
        meter.count(Count.MESSAGE_MISSED, to.length - queued);
        return new Sent(queued, to.length - queued);
    }

    /**
     * Tells everybody who has joined a channel, this node's application included, what the cluster has to say there.
     *
     * @param self as whom
     */
    public void tell(Member self, String channel, Object payload) {
        Joined here = joined.get(channel);
        if (here != null) {
            byte[] bytes = Payload.write(channel, payload, MAX_PAYLOAD);
            callbacks.execute(() -> here.hear.accept(self, bytes));
        }
        if (receivers.containsKey(channel)) {
            send(channel, payload);
        }
    }

    /** Whether anybody has joined a channel, this node included. Any thread. */
    public boolean anybodyHears(String channel) {
        return receivers.containsKey(channel) || joined.containsKey(channel);
    }

    @Override
    public <R> CompletionStage<R> request(
            String channel, Member member, Object payload, Class<R> answerType, Duration deadline) {
        ChannelName.check(channel);
        return requests.ask(channel, member, Payload.write(channel, payload, MAX_PAYLOAD), deadline)
                .thenApply(answer -> Payload.read(channel, answer, answerType));
    }

    /** Follows no more; requests on their way fail. On the loop. */
    @Override
    public void close() {
        mirror.close();
        requests.close();
    }

    private void changed(long revision, List<Change> changes) {
        reconsider();
    }

    private void heard(Member from, Message message) {
        Joined one = joined.get(message.subject());
        if (one != null) {
            meter.count(Count.MESSAGE_RECEIVED, 1);
            one.hear.accept(from, message.payload());
        }
    }

    private void asked(Member from, Message message) {
        Joined one = joined.get(message.subject());
        requests.answer(from, message, one == null ? null : one.answer);
    }

    private CompletableFuture<Void> onLoop(Supplier<CompletableFuture<Void>> action) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        loop.execute(() -> loop.then(action.get(), done::complete, done::completeExceptionally));
        return done;
    }
}
