package dev.coterie.cluster.store;

import dev.coterie.cluster.concurrent.EventLoop;
import dev.coterie.cluster.meter.Meter;
import dev.coterie.cluster.meter.Meter.Count;
import dev.coterie.cluster.meter.Meter.Time;
import dev.coterie.cluster.store.StoreException.Kind;
import io.etcd.jetcd.api.CompactionRequest;
import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.LeaseGrantRequest;
import io.etcd.jetcd.api.LeaseGrpc;
import io.etcd.jetcd.api.LeaseKeepAliveRequest;
import io.etcd.jetcd.api.LeaseRevokeRequest;
import io.etcd.jetcd.api.LeaseTimeToLiveRequest;
import io.etcd.jetcd.api.MaintenanceGrpc;
import io.etcd.jetcd.api.StatusRequest;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ClientStreamTracer;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * etcd, over one gRPC channel that this class owns: a deadline on every call, no retry behind the caller's back, one
 * watch stream for all watches, reconnection within half a second. Speaks etcd's v3 API as jetcd generates it; jetcd's
 * ready-made client hides exactly these.
 */
public final class EtcdStore implements KeyValueStore {

    /** gRPC's own wait between attempts to connect grows to two minutes; this is how often it is reset. */
    private static final Duration RECONNECT = Duration.ofMillis(250);

    /** A request is 1.5 MB at most; one watch answer can carry all changes of a revision, or many revisions. */
    private static final int MAX_ANSWER = 64 << 20;

    private static final boolean EPOLL = Epoll.isAvailable();

    private final EventLoop loop;
    private final Duration deadline;
    private final Meter meter;

    /** Its own, of one thread: gRPC's shared ones live on after the last channel, and a JVM that exits waits for them. */
    private final MultiThreadIoEventLoopGroup io = new MultiThreadIoEventLoopGroup(
            1,
            new DefaultThreadFactory("coterie-etcd", true),
            EPOLL ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());

    private final ManagedChannel channel;
    private final EtcdWatches watches;
    private volatile boolean closed;

    /**
     * Connects when first needed.
     *
     * @param endpoints where etcd's members answer, {@code http://host:port}
     * @param deadline of each call
     * @param loop on which watches tell what they see
     */
    public EtcdStore(List<URI> endpoints, Duration deadline, EventLoop loop) {
        this(endpoints, deadline, loop, Meter.NONE);
    }

    /** As {@link #EtcdStore(List, Duration, EventLoop)}, telling a meter of each call. */
    public EtcdStore(List<URI> endpoints, Duration deadline, EventLoop loop, Meter meter) {
        this.loop = loop;
        this.meter = meter;
        this.deadline = deadline;
        this.channel = NettyChannelBuilder.forTarget(EndpointResolver.target(endpoints))
                .defaultLoadBalancingPolicy("round_robin")
                .usePlaintext()
                .eventLoopGroup(io)
                .channelType(EPOLL ? EpollSocketChannel.class : NioSocketChannel.class)
                .directExecutor()
                .disableRetry()
                .maxInboundMessageSize(MAX_ANSWER)
                .withOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, 2000)
                .keepAliveTime(10, TimeUnit.SECONDS)
                .keepAliveTimeout(3, TimeUnit.SECONDS)
                .build();
        this.watches = new EtcdWatches(channel, loop);
        keepReconnecting();
    }

    @Override
    public CompletableFuture<Page> range(Range range) {
        return call(KVGrpc.getRangeMethod(), EtcdMessages.range(range), "range " + range.from(), false)
                .thenApply(response -> EtcdMessages.page(response, range.revision()));
    }

    @Override
    public CompletableFuture<Transaction.Result> commit(Transaction transaction) {
        return call(KVGrpc.getTxnMethod(), EtcdMessages.transaction(transaction), "transaction", true)
                .thenApply(EtcdMessages::result);
    }

    @Override
    public CompletableFuture<Lease> grant(long id, Duration ttl) {
        LeaseGrantRequest request =
                LeaseGrantRequest.newBuilder().setID(id).setTTL(ttl.toSeconds()).build();
        return call(LeaseGrpc.getLeaseGrantMethod(), request, "grant of a lease", true)
                .thenApply(response -> new Lease(response.getID(), Duration.ofSeconds(response.getTTL())));
    }

    @Override
    public CompletableFuture<Lease> refresh(long lease) {
        LeaseKeepAliveRequest request =
                LeaseKeepAliveRequest.newBuilder().setID(lease).build();
        // A stream of one question and one answer, ended by us: left open it would stay with the server for ever.
        return call(LeaseGrpc.getLeaseKeepAliveMethod(), request, "refresh of a lease", false)
                .thenApply(response -> {
                    if (response.getTTL() <= 0) {
                        throw new StoreException(Kind.LEASE_NOT_FOUND, "etcd: lease " + lease + " is gone");
                    }
                    return new Lease(lease, Duration.ofSeconds(response.getTTL()));
                });
    }

    @Override
    public CompletableFuture<TimeLeft> timeLeft(long lease) {
        LeaseTimeToLiveRequest request =
                LeaseTimeToLiveRequest.newBuilder().setID(lease).build();
        return call(LeaseGrpc.getLeaseTimeToLiveMethod(), request, "time to live of a lease", false)
                .thenApply(EtcdMessages::timeLeft);
    }

    @Override
    public CompletableFuture<Void> revoke(long lease) {
        LeaseRevokeRequest request =
                LeaseRevokeRequest.newBuilder().setID(lease).build();
        return call(LeaseGrpc.getLeaseRevokeMethod(), request, "revocation of a lease", true)
                .handle((response, failure) -> {
                    if (failure instanceof StoreException refused && refused.kind() != Kind.LEASE_NOT_FOUND) {
                        throw refused;
                    }
                    return null;
                });
    }

    @Override
    public Watch watch(String prefix, long revision, WatchListener listener) {
        return watches.open(prefix, revision, listener);
    }

    @Override
    public CompletableFuture<Void> compact(long revision) {
        CompactionRequest request =
                CompactionRequest.newBuilder().setRevision(revision).build();
        return call(KVGrpc.getCompactMethod(), request, "compaction", true).thenApply(response -> null);
    }

    @Override
    public CompletableFuture<Space> space() {
        return status().thenApply(EtcdStatus::space);
    }

    /** What the member of etcd that answers says of itself; of which one, is known only if there is one endpoint. */
    public CompletableFuture<EtcdStatus> status() {
        return call(MaintenanceGrpc.getStatusMethod(), StatusRequest.getDefaultInstance(), "status", false)
                .thenApply(EtcdMessages::status);
    }

    @Override
    public void close() {
        closed = true;
        channel.shutdownNow();
        try {
            channel.awaitTermination(3, TimeUnit.SECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        io.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(1, TimeUnit.SECONDS);
    }

    private void keepReconnecting() {
        ConnectivityState state = channel.getState(false);
        if (closed || state == ConnectivityState.SHUTDOWN) {
            return;
        }
        if (state == ConnectivityState.TRANSIENT_FAILURE) {
            channel.resetConnectBackoff();
        }
        loop.schedule(RECONNECT, this::keepReconnecting);
    }

    private <Q, A> CompletableFuture<A> call(MethodDescriptor<Q, A> method, Q request, String what, boolean writes) {
        CompletableFuture<A> answer = new CompletableFuture<>();
        if (closed) {
            answer.completeExceptionally(new StoreException(Kind.CLOSED, "etcd: " + what + ": the store is closed"));
            return answer;
        }
        measure(method, answer);
        SentTracer sent = new SentTracer();
        ClientCall<Q, A> call = channel.newCall(
                method,
                CallOptions.DEFAULT
                        .withDeadlineAfter(deadline.toNanos(), TimeUnit.NANOSECONDS)
                        .withStreamTracerFactory(sent));
        call.start(new Answer<>(answer, what, writes ? sent : null), new Metadata());
        call.request(2);
        call.sendMessage(request);
        call.halfClose();
        return answer;
    }

    private void measure(MethodDescriptor<?, ?> method, CompletableFuture<?> answer) {
        if (meter == Meter.NONE) {
            return;
        }
        long begun = loop.clock().nanoTime();
        var unused = answer.whenComplete((done, failure) -> {
            kind(method).ifPresent(kind -> meter.time(kind, loop.clock().nanoTime() - begun));
            if (failure != null) {
                meter.count(Count.ETCD_FAILED, 1);
                if (method == LeaseGrpc.getLeaseKeepAliveMethod()) {
                    meter.count(Count.REFRESH_FAILED, 1);
                }
            }
        });
    }

    private static Optional<Time> kind(MethodDescriptor<?, ?> method) {
        if (method == KVGrpc.getRangeMethod()) {
            return Optional.of(Time.ETCD_READ);
        } else if (method == KVGrpc.getTxnMethod()) {
            return Optional.of(Time.ETCD_TRANSACTION);
        }
        return "etcdserverpb.Lease".equals(method.getServiceName()) ? Optional.of(Time.ETCD_LEASE) : Optional.empty();
    }

    /** Completes a future with the one answer of a call. */
    private final class Answer<A> extends ClientCall.Listener<A> {

        private final CompletableFuture<A> future;
        private final String what;
        private final @Nullable SentTracer sent;
        private @Nullable A message;

        Answer(CompletableFuture<A> future, String what, @Nullable SentTracer sent) {
            this.future = future;
            this.what = what;
            this.sent = sent;
        }

        @Override
        public void onMessage(A received) {
            message = received;
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            if (message != null) {
                future.complete(message);
            } else if (closed) {
                future.completeExceptionally(
                        new StoreException(Kind.CLOSED, "etcd: " + what + ": the store was closed"));
            } else {
                Status cause = status.isOk() ? Status.UNAVAILABLE.withDescription("no answer") : status;
                future.completeExceptionally(EtcdErrors.of(what, cause, sent != null && sent.hasLeft()));
            }
        }
    }

    /** Knows whether a request has left this process: one that has not certainly did nothing. */
    private static final class SentTracer extends ClientStreamTracer.Factory {

        private volatile boolean left;

        boolean hasLeft() {
            return left;
        }

        @Override
        public ClientStreamTracer newClientStreamTracer(ClientStreamTracer.StreamInfo info, Metadata headers) {
            return new ClientStreamTracer() {
                @Override
                public void outboundHeaders() {
                    left = true;
                }
            };
        }
    }
}
