package dev.coterie.cluster.discovery;

import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;

/**
 * Named channels between the nodes: whoever has joined hears what is sent.
 *
 * <p>Messages of one sender on one channel arrive in order, each at most once; a message on its way when a node dies or
 * a link breaks is lost. The sender need not have joined and does not hear itself. A payload of type {@code byte[]}
 * travels untouched; anything else travels as JSON and is read as the type the receiver named.
 *
 * <p>Handlers run on the one callback thread, together with the events, in order. All methods: any thread.
 */
public interface Channels {

    /** The largest payload, in bytes: 1 MiB. */
    int MAX_PAYLOAD = 1 << 20;

    /**
     * Hears a channel from now on, across lost sessions, until {@link #leave}.
     *
     * @param channel 1 to 64 of {@code A-Z a-z 0-9 . _ -}, not beginning with a dot, none of the reserved {@code
     *     promotion demotion added removed master hello}
     * @param type what payloads are read as
     * @param handler gets the payload and its sender
     * @return completes when every node that asks the store from then on will send here
     * @throws IllegalArgumentException if the name is malformed or reserved
     * @throws IllegalStateException if this node has joined the channel already
     */
    <T> CompletionStage<Void> join(String channel, Class<T> type, BiConsumer<T, Member> handler);

    /**
     * Hears a channel and answers the requests on it.
     *
     * @param responder turns a request into its answer; if it throws, the asker is told the message
     * @return as {@link #join}
     * @throws IllegalArgumentException as {@link #join}
     * @throws IllegalStateException as {@link #join}
     */
    <Q, R> CompletionStage<Void> respond(String channel, Class<Q> type, BiFunction<Q, Member, R> responder);

    /**
     * Hears the channel no more. Does nothing if it was not joined.
     *
     * @return completes when no node that asks the store from then on will send here
     */
    CompletionStage<Void> leave(String channel);

    /**
     * Sends to all others that have joined. Does not wait: a receiver whose queue is full misses the message.
     *
     * @return how many receivers the message was queued for, and how many miss it
     * @throws IllegalArgumentException if the name is malformed or reserved, or the payload is larger than {@link
     *     #MAX_PAYLOAD} or cannot become JSON
     */
    Sent send(String channel, Object payload);

    /**
     * As {@link #send(String, Object)}, but waits for room in full queues.
     *
     * @param patience how long to wait at most; after it, receivers without room miss the message
     */
    Sent send(String channel, Object payload, Duration patience);

    /**
     * Asks one member on a channel to which it responds.
     *
     * @param answerType what the answer is read as
     * @param deadline how long to wait for the answer
     * @return the answer; or fails with {@link RequestFailed}
     * @throws IllegalArgumentException as {@link #send(String, Object)}
     */
    <R> CompletionStage<R> request(
            String channel, Member member, Object payload, Class<R> answerType, Duration deadline);

    /**
     * What became of a message on this side.
     *
     * @param queued receivers whose queue took it
     * @param missed receivers whose queue was full
     */
    record Sent(int queued, int missed) {}
}
