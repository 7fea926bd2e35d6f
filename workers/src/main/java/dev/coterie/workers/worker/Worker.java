package dev.coterie.workers.worker;

import dev.coterie.cluster.concurrent.EventLoop;
import dev.coterie.workers.io.FrameSocket;
import dev.coterie.workers.io.SocketLoop;
import dev.coterie.workers.link.Datum;
import dev.coterie.workers.link.Items;
import dev.coterie.workers.link.Json;
import dev.coterie.workers.link.Kind;
import dev.coterie.workers.link.Notification;
import dev.coterie.workers.link.Variables;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * A worker's side of the link to its supervisor.
 *
 * <pre>
 * Worker worker = Worker.connect();
 * worker.onData(datum -&gt; worker.reply(datum, datum.bytes()));
 * worker.run();
 * </pre>
 *
 * <p>Callbacks come one at a time, in order, on the link's own thread, which also says that the worker is alive: one that
 * does not return makes the worker look dead, and it is replaced. Methods: any thread.
 */
public final class Worker implements AutoCloseable {

    private static final int LONGEST_DATAGRAM = 65_527;
    private static final long HEARTBEAT_MILLIS = 60_000;

    private final SocketLoop sockets = new SocketLoop("coterie-worker");
    private final EventLoop loop = sockets.events();
    private final Map<String, String> environment;
    private final FrameSocket link;
    private final Answers answers;
    private final Replies replies;
    private final AtomicLong connections = new AtomicLong();
    private final CompletableFuture<Void> end = new CompletableFuture<>();

    // The rest is the loop's.
    private Consumer<Datum> data = datum -> {};
    private Consumer<Notification> notifications = notification -> {};
    private Runnable drain = () -> {};
    private boolean inData;
    private long received;
    private long connectionsSaid;
    private long receivedSaid;
    private boolean draining;

    private Worker(Map<String, String> environment) throws IOException {
        this.environment = environment;
        String path = environment.get(Variables.SOCKET);
        if (path == null) {
            sockets.close();
            throw new IllegalStateException(
                    Variables.SOCKET + " is not set: this process was not started by a supervisor");
        }
        SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(path));
        link = CompletableFuture.supplyAsync(() -> link(channel), loop).join();
        answers = new Answers(loop, link);
        replies = new Replies(link);
        String id = environment.getOrDefault(Variables.ID, "");
        send(Kind.HELLO.frame(Map.of("id", id, "pid", ProcessHandle.current().pid())));
        loop.execute(this::beat);
        loop.schedule(Duration.ofSeconds(1), this::watchCounts);
    }

    private FrameSocket link(SocketChannel channel) {
        try {
            return new FrameSocket(sockets, channel, new Ear());
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Whether this process was started as a worker. */
    public static boolean isWorker() {
        return System.getenv(Variables.SOCKET) != null;
    }

    /**
     * Greets the supervisor that has started this process.
     *
     * @throws IllegalStateException if none has
     * @throws UncheckedIOException if it cannot be reached
     */
    public static Worker connect() {
        try {
            return new Worker(System.getenv());
        } catch (IOException failure) {
            throw new UncheckedIOException("the supervisor cannot be reached: " + failure.getMessage(), failure);
        }
    }

    /** Its number, from 1. */
    public int number() {
        return Integer.parseInt(environment.getOrDefault(Variables.NUMBER, "0"));
    }

    /** Its name. */
    public String name() {
        return environment.getOrDefault(Variables.NAME, "");
    }

    /** The port that the supervisor wants it to serve on, if it says. */
    public Optional<Integer> port() {
        return Optional.ofNullable(environment.get(Variables.PORT)).map(Integer::valueOf);
    }

    /** Works on each datum. Before {@link #listening}. When it returns, the datum is done, and not given to another. */
    public void onData(Consumer<Datum> handler) {
        loop.execute(() -> data = handler);
    }

    /** Hears what all workers are told. */
    public void onNotification(Consumer<Notification> handler) {
        loop.execute(() -> notifications = handler);
    }

    /** Finishes what goes on: called once, when the worker is told to end. When it returns, {@link #run} does too. */
    public void onDrain(Runnable handler) {
        loop.execute(() -> drain = handler);
    }

    /** Hears answers of a type that this worker has not asked for just now: later changes, and what others had sent to it. */
    public void onAnswer(String type, Consumer<Map<String, Object>> handler) {
        loop.execute(() -> answers.on(type, handler));
    }

    /** Says that it is ready. */
    public void listening() {
        listening(0);
    }

    /** Says that it is ready, and serves on a TCP port. */
    public void listening(int port) {
        send(Kind.LISTENING.frame(Map.of("port", port)));
    }

    /** Says that it is ready, works until told to end, and closes. */
    public void run() {
        listening();
        awaitEnd();
        close();
    }

    /** Waits until it was told to end and has drained, or the supervisor is gone. */
    public void awaitEnd() {
        end.join();
    }

    /** Counts a connection, for the supervisor to recycle this worker when it has taken enough of them. */
    public void countConnection() {
        connections.incrementAndGet();
    }

    /**
     * Answers whoever sent a datum. While 64 MiB wait to be sent, replies are dropped, and the log says so.
     *
     * @throws IllegalArgumentException if a datagram is answered with more than a datagram takes
     */
    public void reply(Datum to, byte[] bytes) {
        if (to.connection() == 0 && bytes.length > LONGEST_DATAGRAM) {
            throw new IllegalArgumentException("a reply of " + bytes.length + " bytes to a datagram will not do; "
                    + LONGEST_DATAGRAM + " are possible");
        }
        Datum reply = new Datum(to.connection(), to.remote(), bytes);
        if (loop.inLoop()) {
            add(reply);
        } else {
            loop.execute(() -> add(reply));
        }
    }

    private void add(Datum reply) {
        replies.add(reply);
        if (!inData) {
            replies.flush();
        }
    }

    /** Asks the supervisor. Fails with {@link DelegationFailed} if there is no answer in time. */
    public CompletableFuture<Map<String, Object>> delegate(Delegation question) {
        CompletableFuture<Map<String, Object>> answer = new CompletableFuture<>();
        loop.execute(() -> answers.ask(question, answer));
        return answer;
    }

    /** Asks the supervisor to do something, and does not wait for anything. */
    public void delegate(String delegate, Map<String, Object> fields) {
        send(Kind.DELEGATE.frame(Map.of("delegate", delegate, "data", fields)));
    }

    private void send(ByteBuffer frame) {
        loop.execute(() -> link.send(frame));
    }

    private void beat() {
        sayAlive();
        String millis = environment.getOrDefault(Variables.HEARTBEAT, "" + HEARTBEAT_MILLIS);
        loop.schedule(Duration.ofMillis(Long.parseLong(millis)), this::beat);
    }

    private void sayAlive() {
        connectionsSaid = connections.get();
        receivedSaid = received;
        Runtime runtime = Runtime.getRuntime();
        long memory = runtime.totalMemory() - runtime.freeMemory();
        link.send(Kind.HEARTBEAT.frame(Map.of("connections", connectionsSaid, "received", received, "memory", memory)));
    }

    /** The supervisor counts too, so it hears of changes sooner. */
    private void watchCounts() {
        if (connections.get() != connectionsSaid || received != receivedSaid) {
            sayAlive();
        }
        loop.schedule(Duration.ofSeconds(1), this::watchCounts);
    }

    private void work(ByteBuffer content) {
        inData = true;
        try {
            Items.read(content, datum -> {
                received++;
                loop.attempt(() -> data.accept(datum));
            });
        } finally {
            inData = false;
            replies.flush();
            link.send(Kind.DONE.frame());
        }
    }

    private void drain() {
        if (!draining) {
            draining = true;
            loop.attempt(drain);
            sayAlive();
            finish();
        }
    }

    /** Once all that was to be sent is sent. */
    private void finish() {
        if (link.waiting() == 0) {
            end.complete(null);
        } else {
            loop.schedule(Duration.ofMillis(5), this::finish);
        }
    }

    /** Ends the link. */
    @Override
    public void close() {
        sockets.close();
        end.complete(null);
    }

    /** What the supervisor says. */
    private final class Ear implements FrameSocket.Listener {

        @Override
        public void frame(byte letter, ByteBuffer content) {
            if (Kind.DATA.is(letter)) {
                work(content);
            } else if (Kind.NOTIFICATION.is(letter)) {
                notifications.accept(Notification.of(Json.object(content)));
            } else if (Kind.ANSWER.is(letter)) {
                answers.answered(Json.object(content));
            } else if (Kind.DRAIN.is(letter)) {
                drain();
            }
        }

        @Override
        public void ended(String reason) {
            drain();
        }
    }
}
