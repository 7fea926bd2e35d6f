package dev.coterie.cluster.link;

import dev.coterie.cluster.concurrent.Clock;
import dev.coterie.cluster.link.LinkException.Kind;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCalls;
import io.netty.util.NetUtil;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Links as gRPC streams over TCP, one connection for each, all served by one I/O thread.
 *
 * <p>A frame carries all messages that wait, up to 32 KiB or 1,024 of them. A receiver that has four frames undealt with
 * gets no more; then up to 1 MiB fills on the way, then the sender's queue of {@link #QUEUE_BYTES}, and then
 * {@link Link#offer(Message)} answers false. A link that is not open within {@link #OPEN_PATIENCE} has failed as
 * {@link LinkException.Kind#SILENT}; one that is open and falls silent stays open, as that is for liveness to find.
 */
public final class GrpcTransport implements Transport {

    /**
     * What a link's queue holds: 8 MiB, of which a message takes its payload and subject but at least 512 bytes, which
     * makes 16,384 small messages.
     */
    public static final int QUEUE_BYTES = 8 << 20;

    /**
     * How long a link may take to open, from connecting to the other node's welcome: 5 s, since the first link of a JVM
     * that has just started on a busy machine was seen to need three.
     */
    public static final Duration OPEN_PATIENCE = Duration.ofSeconds(5);

    private static final Logger log = LoggerFactory.getLogger(GrpcTransport.class);

    /** What may be on its way to a receiver that does not read: as much as the largest message, to be efficient. */
    private static final int FLOW_CONTROL_WINDOW = 1 << 20;

    /** A connection on which there is no link, and none has been for so long, is closed. */
    private static final Duration IDLE = Duration.ofSeconds(10);

    /** How long a closing link goes on sending what is queued. */
    private static final Duration LINGER = Duration.ofSeconds(1);

    /** What closing takes beyond that, when the other ends answer. */
    private static final Duration CLOSE_MARGIN = Duration.ofMillis(500);

    private static final Status TRANSPORT_CLOSED = Status.OK.withDescription("this transport is closed");

    private static final Duration CLOSE_HARD = Duration.ofSeconds(1);

    private final String address;
    private final int port;
    private final Limits limits;
    private final IoThread io = new IoThread();
    private final AtomicLong malformed = new AtomicLong();
    private final AtomicBoolean closed = new AtomicBoolean();
    private final CountDownLatch noneOutgoing = new CountDownLatch(1);

    // These three on the I/O thread.
    private final Set<OutgoingLink> outgoing = new HashSet<>();
    private final Set<IncomingLink> incoming = new HashSet<>();
    private boolean ending;

    private volatile @Nullable Server server;

    /**
     * What tests set otherwise.
     *
     * @param queueBytes what a link's queue holds
     * @param openPatience how long a link may take to open
     * @param linger how long a closing link goes on sending
     */
    record Limits(int queueBytes, Duration openPatience, Duration linger) {}

    /**
     * Creates a transport that neither listens nor is connected.
     *
     * @param address the IP address to listen on, and no other
     * @param port the TCP port to listen on; 0 for any free one
     */
    public GrpcTransport(String address, int port) {
        this(address, port, new Limits(QUEUE_BYTES, OPEN_PATIENCE, LINGER));
    }

    GrpcTransport(String address, int port, Limits limits) {
        if (port < 0 || port > 65535) {
            throw new IllegalArgumentException("port must be within 0..65535, not " + port);
        }
        this.address = address;
        this.port = port;
        this.limits = limits;
    }

    @Override
    public int listen(Acceptor acceptor) {
        if (server != null) {
            throw new IllegalStateException("this transport listens already");
        }
        InetAddress local = localAddress();
        Server created = NettyServerBuilder.forAddress(new InetSocketAddress(local, port))
                .bossEventLoopGroup(io.group())
                .workerEventLoopGroup(io.group())
                .channelType(io.serverSocket())
                .directExecutor()
                .flowControlWindow(FLOW_CONTROL_WINDOW)
                .maxInboundMessageSize(Math.max(FrameWriter.MOST_BYTES, Handshake.MOST_BYTES))
                .maxConcurrentCallsPerConnection(1)
                .handshakeTimeout(limits.openPatience().toMillis(), TimeUnit.MILLISECONDS)
                .maxConnectionIdle(IDLE.toMillis(), TimeUnit.MILLISECONDS)
                .addService(ServerServiceDefinition.builder(LinkMethod.SERVICE)
                        .addMethod(LinkMethod.OPEN, (call, headers) -> incoming(call, acceptor))
                        .addMethod(
                                LinkMethod.ASK,
                                ServerCalls.asyncUnaryCall(
                                        (question, asker) -> Questions.answer(acceptor, question, asker)))
                        .build())
                .build();
        try {
            server = created.start();
        } catch (IOException failed) {
            created.shutdownNow();
            throw notListening(local, failed);
        }
        return created.getPort();
    }

    private IncomingLink incoming(ServerCall<ByteBuffer, ByteBuffer> call, Acceptor acceptor) {
        IncomingLink link = new IncomingLink(io, call, acceptor, limits.openPatience(), this::incomingEnded);
        incoming.add(link);
        return link;
    }

    private void incomingEnded(IncomingLink link, LinkException cause) {
        incoming.remove(link);
        if (cause.kind() == Kind.MALFORMED) {
            malformed.incrementAndGet();
            log.warn("A link was closed because of what came on it: {}", cause.getMessage());
        }
    }

    private InetAddress localAddress() {
        try {
            return InetAddress.getByName(address);
        } catch (UnknownHostException unknown) {
            throw notLocal(unknown);
        }
    }

    /** The system's texts for the two cases differ between platforms; trying another port tells them apart. */
    private LinkException notListening(InetAddress local, IOException failed) {
        try (ServerSocket other = new ServerSocket(0, 1, local)) {
            log.debug("Port {} could be listened on instead", other.getLocalPort());
        } catch (IOException notThereEither) {
            return notLocal(failed);
        }
        return new LinkException(
                Kind.PORT_TAKEN,
                "port " + port + " on " + address + " is taken by another process: end that one or choose another port",
                failed);
    }

    private LinkException notLocal(IOException failed) {
        return new LinkException(
                Kind.NOT_LOCAL,
                "address " + address + " is not one of this machine's: choose one that `ip address` shows here",
                failed);
    }

    @Override
    public Link open(String host, int toPort, Greeting greeting, Listener listener) {
        ManagedChannel channel = channel(host, toPort);
        OutgoingLink link = new OutgoingLink(io, channel, host + ":" + toPort, limits, listener, this::outgoingEnded);
        if (!io.execute(() -> start(link, greeting))) {
            link.end(TRANSPORT_CLOSED);
        }
        return link;
    }

    private void start(OutgoingLink link, Greeting greeting) {
        if (ending) {
            link.end(TRANSPORT_CLOSED);
        } else {
            outgoing.add(link);
            link.start(greeting);
        }
    }

    /**
     * Asks the node that listens there one question, without a link; neither end need be a member of anything.
     *
     * @param host a name or an IP address
     * @param deadline how long to wait for the answer
     * @return the answer; fails with a {@link LinkException}
     */
    public CompletableFuture<byte[]> ask(String host, int toPort, byte[] question, Duration deadline) {
        return Questions.ask(channel(host, toPort), host + ":" + toPort, question, deadline);
    }

    private ManagedChannel channel(String host, int toPort) {
        return builder(host, toPort)
                .eventLoopGroup(io.group())
                .channelType(io.socket())
                .directExecutor()
                .maxInboundMessageSize(FrameWriter.MOST_BYTES)
                .usePlaintext()
                .proxyDetector(target -> null)
                .disableRetry()
                .disableServiceConfigLookUp()
                .build();
    }

    /** An IP address goes past gRPC's name resolution and the threads that takes. */
    private static NettyChannelBuilder builder(String host, int port) {
        InetAddress literal = NetUtil.createInetAddressFromIpAddressString(host);
        return literal == null
                ? NettyChannelBuilder.forAddress(host, port)
                : NettyChannelBuilder.forAddress(new InetSocketAddress(literal, port));
    }

    /** How many links were closed because the other end sent what is not allowed. Any thread. */
    public long malformed() {
        return malformed.get();
    }

    /** As {@link Transport#close()}: 2.5 s at most. Any thread but the I/O thread. */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        long deadline =
                Clock.system().nanoTime() + limits.linger().plus(CLOSE_MARGIN).toNanos();
        io.execute(this::endLinks);
        try {
            noneOutgoing.await(deadline - Clock.system().nanoTime(), TimeUnit.NANOSECONDS);
            Server listening = server;
            if (listening != null) {
                listening.awaitTermination(deadline - Clock.system().nanoTime(), TimeUnit.NANOSECONDS);
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        Server listening = server;
        if (listening != null) {
            listening.shutdownNow();
        }
        io.close(CLOSE_HARD);
    }

    private void endLinks() {
        ending = true;
        Server listening = server;
        if (listening != null) {
            listening.shutdown();
        }
        for (IncomingLink link : List.copyOf(incoming)) {
            link.end(new LinkException(Kind.CLOSED, "this node has closed its links"));
        }
        outgoing.forEach(OutgoingLink::close);
        if (outgoing.isEmpty()) {
            noneOutgoing.countDown();
        }
    }

    private void outgoingEnded(OutgoingLink link) {
        outgoing.remove(link);
        if (ending && outgoing.isEmpty()) {
            noneOutgoing.countDown();
        }
    }
}
