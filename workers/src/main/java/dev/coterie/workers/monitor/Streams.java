package dev.coterie.workers.monitor;

import com.sun.net.httpserver.HttpExchange;
import dev.coterie.cluster.concurrent.Clock;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers that go on: each has a thread of its own, so that a client that does not read holds up nobody else. */
final class Streams implements AutoCloseable {

    /** How many there may be at a time. */
    static final int MOST = 16;

    private static final Logger log = LoggerFactory.getLogger(Streams.class);
    private static final int STACK = 256 * 1024;
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long SILENCE_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final long LONGEST_NANOS = TimeUnit.HOURS.toNanos(1);

    private final Clock clock;
    private final Semaphore free = new Semaphore(MOST);
    private volatile boolean closed;

    Streams(Clock clock) {
        this.clock = clock;
    }

    /** Whether there may be one more; if so, it must be started. */
    boolean reserve() {
        return free.tryAcquire();
    }

    /** Takes an exchange over, whose headers are ready to be sent. */
    void start(HttpExchange exchange, Answer.Feed feed) {
        Thread thread = new Thread(null, () -> run(exchange, feed), "coterie-stream", STACK);
        thread.setDaemon(true);
        thread.start();
    }

    private void run(HttpExchange exchange, Answer.Feed feed) {
        try (exchange;
                feed) {
            exchange.sendResponseHeaders(200, 0);
            OutputStream out = exchange.getResponseBody();
            out.flush();
            pump(out, feed);
            out.close();
        } catch (IOException gone) {
            log.debug("A client that followed something is gone", gone);
        } finally {
            free.release();
        }
    }

    /** For an hour; whoever wants more asks again, as browsers do by themselves. */
    private void pump(OutputStream out, Answer.Feed feed) throws IOException {
        long start = clock.nanoTime();
        long said = start;
        while (!closed && clock.nanoTime() - start < LONGEST_NANOS) {
            if (feed.writeTo(out)) {
                said = clock.nanoTime();
            } else if (clock.nanoTime() - said > SILENCE_NANOS) {
                out.write(feed.comment().getBytes(StandardCharsets.US_ASCII));
                said = clock.nanoTime();
            } else {
                LockSupport.parkNanos(PAUSE_NANOS);
                continue;
            }
            out.flush();
        }
    }

    /** Ends all, soon. */
    @Override
    public void close() {
        closed = true;
    }
}
