package dev.coterie.workers.supervisor;

import dev.coterie.workers.io.FrameSocket;
import dev.coterie.workers.io.SocketLoop;
import dev.coterie.workers.link.Json;
import dev.coterie.workers.link.Kind;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where workers call: a Unix-domain socket. A caller says first who it is; one that says nothing, or nothing that makes
 * sense, is shown out.
 */
final class Reception implements SocketLoop.Handler {

    private static final Logger log = LoggerFactory.getLogger(Reception.class);
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final SocketLoop loop;
    private final ServerSocketChannel server;
    private final Function<String, Optional<WorkerProcess>> workers;
    private final Ear ear;

    /**
     * Opens the socket.
     *
     * @param workers finds those that may call, by what they say they are
     */
    Reception(SocketLoop loop, Path path, Function<String, Optional<WorkerProcess>> workers, Ear ear)
            throws IOException {
        this.loop = loop;
        this.workers = workers;
        this.ear = ear;
        this.server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(path), 1024);
        loop.watch(server, SelectionKey.OP_ACCEPT, this);
    }

    /** Hears what workers say. */
    interface Ear {

        /** A worker has greeted. */
        void linked(WorkerProcess worker);

        /** A frame has come; an exception ends the link. */
        void frame(WorkerProcess worker, Kind kind, ByteBuffer content);

        /** The link has ended, for good. */
        void unlinked(WorkerProcess worker, String reason);
    }

    @Override
    public void ready(SelectionKey key) throws IOException {
        for (SocketChannel channel = server.accept(); channel != null; channel = server.accept()) {
            new Caller(channel);
        }
    }

    @Override
    public void broken(Exception reason) {
        log.warn("A worker's call could not be taken: {}", reason.toString());
    }

    private static Kind kind(byte letter) {
        return Arrays.stream(Kind.values())
                .filter(kind -> kind.is(letter))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("a frame of kind " + letter));
    }

    /** Somebody who calls, and later a worker's link. */
    private final class Caller implements FrameSocket.Listener {

        private final FrameSocket socket;
        private @Nullable WorkerProcess worker;

        Caller(SocketChannel channel) throws IOException {
            socket = new FrameSocket(loop, channel, this);
            loop.events().schedule(PATIENCE, () -> {
                if (worker == null) {
                    socket.close();
                }
            });
        }

        @Override
        public void frame(byte letter, ByteBuffer content) {
            try {
                Kind kind = kind(letter);
                if (worker == null) {
                    greet(kind, content);
                } else {
                    ear.frame(worker, kind, content);
                }
            } catch (IllegalArgumentException malformed) {
                socket.close();
                ended("it sent " + malformed.getMessage());
            }
        }

        private void greet(Kind kind, ByteBuffer content) {
            String id = kind == Kind.HELLO ? Json.text(Json.object(content), "id") : "";
            WorkerProcess known = workers.apply(id)
                    .filter(one -> !one.isLinked() && one.state() != WorkerState.GONE)
                    .orElseThrow(() -> new IllegalArgumentException("no hello of a worker that is expected"));
            worker = known;
            known.link = socket;
            socket.send(Kind.WELCOME.frame(Map.of("number", known.number(), "name", known.name())));
            ear.linked(known);
        }

        @Override
        public void ended(String reason) {
            if (worker == null) {
                log.warn("Somebody who is no worker called on the workers' socket: {}", reason);
            } else {
                worker.link = null;
                ear.unlinked(worker, reason);
            }
        }
    }
}
