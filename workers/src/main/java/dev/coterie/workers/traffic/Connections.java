package dev.coterie.workers.traffic;

import dev.coterie.cluster.concurrent.Clock;
import dev.coterie.workers.io.SocketLoop;
import dev.coterie.workers.link.Datum;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * TCP connections whose data are cut into pieces for workers. One whose next piece finds its worker's queue full is not
 * read from until there is room. On the supervisor's loop only.
 */
final class Connections {

    private final SocketLoop loop;
    private final Framing framing;
    private final Router router;
    private final Consumer<String> warnings;
    private final Map<Long, Connection> open = new HashMap<>();
    private final Set<Connection> paused = new LinkedHashSet<>();
    private long made;
    private long received;
    private long replies;
    private long repliesDropped;
    private long slow;
    private boolean stopped;

    Connections(SocketLoop loop, Framing framing, Router router, Consumer<String> warnings) {
        this.loop = loop;
        this.framing = framing;
        this.router = router;
        this.warnings = warnings;
    }

    /**
     * Takes a connected socket over.
     *
     * @param ended told when it has ended
     */
    Connection add(SocketChannel channel, Consumer<String> ended) throws IOException {
        Connection connection = new Connection(this, ++made, channel, new Framer(framing), ended);
        open.put(connection.id(), connection);
        return connection;
    }

    SocketLoop loop() {
        return loop;
    }

    Clock clock() {
        return loop.events().clock();
    }

    /** Whether a piece was accepted; if not, the connection waits for {@link #resume()}. */
    boolean offer(Connection connection, Datum piece) {
        if (router.offer(piece)) {
            received++;
            return true;
        }
        paused.add(connection);
        return false;
    }

    void flush() {
        router.flush();
    }

    void ended(Connection connection) {
        open.remove(connection.id());
        paused.remove(connection);
    }

    /** Somebody does not read the answers, and much waits already. */
    void tooSlow(Connection connection) {
        if (slow++ == 0) {
            warnings.accept("a connection from " + connection.remote()
                    + " was closed: it does not read its answers; further ones are counted only");
        }
    }

    boolean isStopped() {
        return stopped;
    }

    void resume() {
        if (!paused.isEmpty()) {
            List<Connection> waiting = List.copyOf(paused);
            paused.clear();
            waiting.forEach(Connection::goOn);
            flush();
        }
    }

    void settled(Datum piece) {
        Connection connection = open.get(piece.connection());
        if (connection != null) {
            connection.settled();
        }
    }

    void reply(Datum answer) {
        Connection connection = open.get(answer.connection());
        if (connection == null) {
            repliesDropped++;
        } else {
            replies++;
            connection.send(answer.bytes());
        }
    }

    /** Ends those that were silent since then. */
    void endIdle(long since) {
        for (Connection connection : List.copyOf(open.values())) {
            if (connection.heard() - since < 0) {
                connection.close("it was silent for too long");
            }
        }
    }

    /** Reads nothing more. */
    void stop() {
        stopped = true;
        open.values().forEach(Connection::stop);
    }

    void close() {
        List.copyOf(open.values()).forEach(connection -> connection.close("the balancer ends"));
    }

    Map<String, Long> counts() {
        return Map.of(
                "connections", made,
                "connectionsOpen", (long) open.size(),
                "received", received,
                "replies", replies,
                "repliesDropped", repliesDropped,
                "slowClosed", slow);
    }
}
