package dev.coterie.bench.agent;

import dev.coterie.bench.peer.Node;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicLong;
import org.HdrHistogram.Histogram;

/**
 * Sends messages from a node, and counts, times and answers those that come to it.
 *
 * <p>Byte 0 is the kind, 1 to 8 the time of sending, 9 the measurement's tag, 10 the length of the name to answer to, which
 * follows.
 */
final class Messages {

    private static final byte FLOOD = 0;
    private static final byte PING = 1;
    private static final byte PONG = 2;

    private static final String ALL = "*";

    private final String id;
    private final Node node;
    private final Output output;
    private final AtomicLong count = new AtomicLong();
    private final AtomicLong last = new AtomicLong();
    private final Histogram oneWay = new Histogram(3);
    private final Histogram roundTrip = new Histogram(3);
    private volatile byte tag;

    Messages(String id, Node node, Output output) {
        this.id = id;
        this.node = node;
        this.output = output;
    }

    void listen() throws Exception {
        node.onMessage(this::accept);
        output.emit("SINKING", id);
    }

    /** Begins another measurement: what comes late from an earlier one has another tag, and is not counted. */
    void reset(byte newTag) {
        tag = newTag;
        count.set(0);
        synchronized (oneWay) {
            oneWay.reset();
            roundTrip.reset();
        }
        output.emit("RESET", id);
    }

    void stat() {
        synchronized (oneWay) {
            output.emit("STAT", id, count.get(), last.get(), Output.quantiles(oneWay), Output.quantiles(roundTrip));
        }
    }

    private void accept(byte[] message) {
        long now = System.nanoTime();
        if (message[9] != tag) {
            return;
        }
        if (message[0] == FLOOD) {
            count.incrementAndGet();
            last.lazySet(now);
            return;
        }
        long sent = ByteBuffer.wrap(message).getLong(1);
        synchronized (oneWay) {
            (message[0] == PING ? oneWay : roundTrip).recordValue(Math.max(0, now - sent));
        }
        if (message[0] == PING && message[10] > 0) {
            answer(message);
        }
    }

    private void answer(byte[] message) {
        byte[] answer = message.clone();
        answer[0] = PONG;
        try {
            node.send(new String(message, 11, message[10], StandardCharsets.US_ASCII), answer);
            node.flush();
        } catch (Exception failure) {
            output.emit("ERROR", failure.toString().replaceAll("\\s+", "_"));
        }
    }

    private byte[] message(byte kind, int size, String answerTo) {
        byte[] message = new byte[size];
        byte[] name = answerTo.getBytes(StandardCharsets.US_ASCII);
        ByteBuffer.wrap(message)
                .put(kind)
                .putLong(System.nanoTime())
                .put(tag)
                .put((byte) name.length)
                .put(name);
        return message;
    }

    private void send(String to, byte[] message) throws Exception {
        if (to.equals(ALL)) {
            node.broadcast(message);
        } else {
            node.send(to, message);
        }
    }

    /** Sends as fast as the system lets one thread, until so many are sent or the time is over. */
    void flood(String to, int max, int millis, int size) throws Exception {
        long start = System.nanoTime();
        long end = start + millis * 1_000_000L;
        int sent = 0;
        while (sent < max && ((sent & 63) != 0 || System.nanoTime() < end)) {
            send(to, message(FLOOD, size, ""));
            sent++;
        }
        node.flush();
        output.emit("FLOODED", id, sent, start, System.nanoTime());
    }

    /** Sends at a light rate: to one node, asking for an answer, or to all, asking for none. */
    void ping(String to, int perSecond, int millis, int size) throws Exception {
        Pace pace = new Pace(perSecond);
        int total = (int) ((long) perSecond * millis / 1000);
        for (int i = 0; i < total; i++) {
            pace.await();
            send(to, message(PING, size, to.equals(ALL) ? "" : id));
            node.flush();
        }
        output.emit("PINGED", id, total);
    }
}
