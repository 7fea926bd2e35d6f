package dev.coterie.etcd.embedded;

import dev.coterie.etcd.EtcdException;
import dev.coterie.etcd.state.EtcdError;
import dev.coterie.etcd.state.EtcdState;
import io.etcd.jetcd.api.CompactionRequest;
import io.etcd.jetcd.api.LeaseRevokeRequest;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An etcd inside this JVM, on a loopback port, for development and tests: every client of etcd 3.4 can use it.
 *
 * <pre>{@code
 * try (EmbeddedEtcd etcd = EmbeddedEtcd.start()) {
 *     etcd.endpoint();                                    // http://127.0.0.1:41877
 * }
 * }</pre>
 *
 * <p>It holds everything in memory and is gone when the JVM ends; it is a single server and protects nothing. Never use it
 * for data that matters.
 *
 * <p>A test can have things go wrong: let time pass, end leases, compact, cut watches, delay answers, drop them, or give
 * none at all. Such methods have taken effect when they return. Any thread.
 */
public final class EmbeddedEtcd implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(EmbeddedEtcd.class);
    private static final Duration CONTROL_DEADLINE = Duration.ofSeconds(10);

    /** Larger than etcd's own limit, so that a request beyond that one can be refused in etcd's words. */
    private static final int MAX_INBOUND = 64 << 20;

    private final EventLoopGroup group;
    private final EventLoop loop;
    private final AtomicLong ahead = new AtomicLong();
    private final Answers answers;
    private final WatchService watches;
    private final Server server;
    private final int port;

    private EmbeddedEtcd(int wantedPort, LongSupplier time) {
        group = new MultiThreadIoEventLoopGroup(
                1, new DefaultThreadFactory("embedded-etcd", true), NioIoHandler.newFactory());
        loop = group.next();
        LongSupplier clock = () -> time.getAsLong() + ahead.get();
        answers = new Answers(loop, new EtcdState(clock.getAsLong()), clock);
        watches = new WatchService(answers);
        server = server(wantedPort);
        try {
            port = server.start().getPort();
        } catch (IOException failure) {
            endThread();
            throw new EtcdException(
                    EtcdException.Kind.PORT_TAKEN,
                    "port " + wantedPort
                            + " on 127.0.0.1 is taken by another process; end that one or choose another port",
                    failure);
        }
        log.info(
                "Embedded etcd at {}: one process, everything in memory and gone when this JVM ends; for development "
                        + "and tests only",
                endpoint());
    }

    /** One thread reads from the wire, decides, and writes to the wire, so nothing here needs a lock. */
    private Server server(int port) {
        return NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
                .bossEventLoopGroup(group)
                .workerEventLoopGroup(group)
                .channelType(NioServerSocketChannel.class)
                .directExecutor()
                .maxInboundMessageSize(MAX_INBOUND)
                // As etcd has it; gRPC's own five minutes would break the connection of a client made for etcd.
                .permitKeepAliveTime(5, TimeUnit.SECONDS)
                .addService(new KvService(answers))
                .addService(new LeaseService(answers).complete())
                .addService(watches)
                .addService(new MaintenanceService(answers))
                .addService(new ClusterService(answers, this::endpoint))
                .addService(new AuthService(answers))
                .addService(new LockService(answers))
                .addService(new ElectionService(answers))
                .build();
    }

    /** Starts one on a free port. */
    public static EmbeddedEtcd start() {
        return with().start();
    }

    /** Says how it should be started, differently from {@link #start()}. */
    public static Options with() {
        return new Options();
    }

    /** Where it listens, as {@code http://127.0.0.1:<port>}. */
    public String endpoint() {
        return "http://127.0.0.1:" + port;
    }

    /** As {@link #endpoint()}, for clients that want a list. */
    public List<String> endpoints() {
        return List.of(endpoint());
    }

    /** Lets time pass at once: leases that end by then are gone, and their keys with them. */
    public void advance(Duration time) {
        ahead.addAndGet(time.toNanos());
        control(() -> answers.whenAnswering(() -> {}));
    }

    /**
     * Ends a lease as if its time had run out.
     *
     * @throws IllegalArgumentException if there is no such lease
     */
    public void expire(long lease) {
        control(() -> {
            try {
                answers.state()
                        .leaseRevoke(
                                LeaseRevokeRequest.newBuilder().setID(lease).build());
            } catch (EtcdError notThere) {
                throw new IllegalArgumentException("lease " + Long.toHexString(lease) + " is not there", notThere);
            }
        });
    }

    /** Forgets everything that happened before the last revision, which stays readable. */
    public void compact() {
        control(() -> answers.state()
                .compact(CompactionRequest.newBuilder()
                        .setRevision(answers.state().revision())
                        .build()));
    }

    /** The last revision that changed something. */
    public long revision() {
        AtomicLong revision = new AtomicLong();
        control(() -> revision.set(answers.state().revision()));
        return revision.get();
    }

    /** Ends all streams of watches with UNAVAILABLE, as a connection that breaks does. */
    public void cutWatches() {
        control(watches::cut);
    }

    /** Sends every answer and every watch event that much later from now on; zero ends it. Their order stays. */
    public void delayAnswers(Duration time) {
        control(() -> answers.delay(time));
    }

    /**
     * Loses requests on their way here: the next ones are neither carried out nor answered. Watches are not concerned.
     *
     * @param count how many; 0 ends it
     */
    public void loseRequests(int count) {
        control(() -> answers.dropBefore(count));
    }

    /**
     * Loses answers on their way back: the next requests are carried out and not answered. Watches are not concerned.
     *
     * @param count how many; 0 ends it
     */
    public void loseAnswers(int count) {
        control(() -> answers.dropAfter(count));
    }

    /** Does nothing any more, with connections left open, as a frozen process. Requests wait; leases do not end. */
    public void stopAnswering() {
        control(answers::stop);
    }

    /** Ends {@link #stopAnswering()}: leases whose time is up are gone, and what waited is carried out in its order. */
    public void answerAgain() {
        control(() -> {
            answers.goOn();
            watches.catchUp();
        });
    }

    /** Ends it and all its connections; its data are gone. A second call does nothing. */
    @Override
    public void close() {
        server.shutdownNow();
        try {
            server.awaitTermination(5, TimeUnit.SECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        endThread();
    }

    private void endThread() {
        if (!group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(3, TimeUnit.SECONDS)) {
            log.warn("The thread of {} did not end within 3 s", this);
        }
    }

    @Override
    public String toString() {
        return "embedded etcd at " + endpoint();
    }

    private void control(Runnable action) {
        if (loop.inEventLoop()) {
            action.run();
            return;
        }
        try {
            loop.submit(action).get(CONTROL_DEADLINE.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException failure) {
            if (failure.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException(failure);
        } catch (TimeoutException failure) {
            throw new IllegalStateException(this + " did nothing for " + CONTROL_DEADLINE, failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", interrupted);
        }
    }

    /** How an embedded etcd is to be started. */
    public static final class Options {

        private int port;
        private LongSupplier clock = System::nanoTime;

        private Options() {}

        /** The port on 127.0.0.1; a free one unless said. */
        public Options port(int number) {
            if (number < 1 || number > 65_535) {
                throw new IllegalArgumentException("port: must be 1 to 65535, not " + number);
            }
            port = number;
            return this;
        }

        /** Has time stand still but for {@link EmbeddedEtcd#advance}: no lease ends unless the test says so. */
        public Options stoppedClock() {
            clock = () -> 0;
            return this;
        }

        /**
         * Starts it.
         *
         * @throws EtcdException if the port is taken
         */
        public EmbeddedEtcd start() {
            return new EmbeddedEtcd(port, clock);
        }
    }
}
