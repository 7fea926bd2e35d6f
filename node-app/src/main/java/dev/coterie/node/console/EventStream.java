package dev.coterie.node.console;

import dev.coterie.cluster.concurrent.EventLoop;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.json.JsonMapper;

/**
 * One browser's server-sent events. Filled on the console's loop, written on one of the server's threads. Whoever does
 * not read as fast as it is filled is cut off, and may come again and say how far it came.
 */
final class EventStream implements Answer.Body {

    private static final int MOST_QUEUED = 25_000;
    private static final long BEAT_SECONDS = 10;
    private static final String END = "";
    private static final JsonMapper JSON = new JsonMapper();

    private final BlockingQueue<String> queue = new ArrayBlockingQueue<>(MOST_QUEUED);
    private final EventLoop loop;
    private final Runnable closed;
    private volatile boolean ended;
    private Position position;

    /**
     * Creates it.
     *
     * @param closed called on the loop once nobody reads any more, perhaps more than once
     */
    EventStream(EventLoop loop, Position position, Runnable closed) {
        this.loop = loop;
        this.position = position;
        this.closed = closed;
    }

    Position position() {
        return position;
    }

    /** A record of the flight recorder. */
    void send(FlightRecord record) {
        position = position.withRecord(record);
        send("record", record);
    }

    /** Changes of keys up to a revision. */
    void sendKeys(long revision, Object changes) {
        position = position.withKeys(revision);
        send("keys", changes);
    }

    /** From here on it goes another way: what was known before counts no more. */
    void moveTo(Position now) {
        position = now;
    }

    /** Anything. */
    void send(String event, Object data) {
        String message = "event: " + event + "\nid: " + position + "\ndata: " + JSON.writeValueAsString(data) + "\n\n";
        if (!ended && !queue.offer(message)) {
            end();
        }
    }

    /** Ends it. Any thread. */
    void end() {
        ended = true;
        queue.clear();
        boolean unused = queue.offer(END);
        loop.execute(closed);
    }

    /** Whoever wanted it has gone before it began. */
    @Override
    public void abandon() {
        end();
    }

    /** Writes what comes, until it has ended or nobody reads. */
    @Override
    public void writeTo(OutputStream out) throws IOException {
        try {
            // At once, so that the other end knows that it is connected.
            write(out, "retry: 1000\n\n");
            while (!ended) {
                String next = queue.poll(BEAT_SECONDS, TimeUnit.SECONDS);
                write(out, next == null ? ": still here\n\n" : next);
            }
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        } finally {
            ended = true;
            loop.execute(closed);
        }
    }

    private void write(OutputStream out, String text) throws IOException {
        StringBuilder more = new StringBuilder(text);
        while (more.length() < 1 << 16 && !queue.isEmpty()) {
            more.append(queue.remove());
        }
        out.write(more.toString().getBytes(StandardCharsets.UTF_8));
        out.flush();
    }

    /** As an answer. */
    Answer answer() {
        return new Answer(200, "text/event-stream; charset=utf-8", Map.of(), this);
    }
}
