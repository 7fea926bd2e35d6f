package dev.coterie.etcd.embedded;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.etcd.jetcd.api.LeaseGrpc;
import io.etcd.jetcd.api.LeaseKeepAliveRequest;
import io.etcd.jetcd.api.LeaseKeepAliveResponse;
import io.etcd.jetcd.api.ResponseHeader;
import io.etcd.jetcd.api.WatchGrpc;
import io.etcd.jetcd.api.WatchRequest;
import io.etcd.jetcd.api.WatchResponse;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.StreamObserver;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** etcd's API with nothing in between; answers are given as text in which two servers can be compared. */
final class RawClient implements AutoCloseable {

    private final ManagedChannel channel;

    RawClient(String endpoint) {
        URI uri = URI.create(endpoint);
        channel = NettyChannelBuilder.forAddress(uri.getHost(), uri.getPort())
                .usePlaintext()
                .directExecutor()
                .maxInboundMessageSize(64 << 20)
                .build();
    }

    /** An answer, or the error, as text without what differs from cluster to cluster. */
    <Q extends Message, R extends Message> String say(MethodDescriptor<Q, R> method, Q request) {
        try {
            return text(ask(method, request));
        } catch (StatusRuntimeException failure) {
            return failure.getStatus().getCode() + ": " + failure.getStatus().getDescription();
        }
    }

    /** As {@link #say}, with little patience. */
    <Q extends Message, R extends Message> String sayWithin(Duration time, MethodDescriptor<Q, R> method, Q request) {
        try {
            return text(ask(time, method, request));
        } catch (StatusRuntimeException failure) {
            return failure.getStatus().getCode() + "";
        }
    }

    <Q, R> R ask(MethodDescriptor<Q, R> method, Q request) {
        return ask(Duration.ofSeconds(20), method, request);
    }

    /** Sends a request, and does not wait for the answer. */
    <Q, R> Future<R> start(MethodDescriptor<Q, R> method, Q request) {
        return ClientCalls.futureUnaryCall(channel.newCall(method, CallOptions.DEFAULT), request);
    }

    private <Q, R> R ask(Duration time, MethodDescriptor<Q, R> method, Q request) {
        CallOptions options = CallOptions.DEFAULT.withDeadlineAfter(time.toMillis(), TimeUnit.MILLISECONDS);
        return ClientCalls.blockingUnaryCall(channel, method, options, request);
    }

    LeaseKeepAliveResponse keepAlive(long lease) {
        CompletableFuture<LeaseKeepAliveResponse> answer = new CompletableFuture<>();
        StreamObserver<LeaseKeepAliveRequest> requests = LeaseGrpc.newStub(channel)
                .leaseKeepAlive(new StreamObserver<>() {
                    @Override
                    public void onNext(LeaseKeepAliveResponse response) {
                        answer.complete(response);
                    }

                    @Override
                    public void onError(Throwable failure) {
                        answer.completeExceptionally(failure);
                    }

                    @Override
                    public void onCompleted() {}
                });
        requests.onNext(LeaseKeepAliveRequest.newBuilder().setID(lease).build());
        LeaseKeepAliveResponse response = answer.orTimeout(10, TimeUnit.SECONDS).join();
        requests.onCompleted();
        return response;
    }

    /** Opens a stream of watches. */
    Watching watch() {
        Watching watching = slowWatch();
        watching.readAll();
        return watching;
    }

    /** Opens a stream of watches that reads nothing yet. */
    Watching slowWatch() {
        return new Watching(WatchGrpc.newStub(channel));
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }

    static String text(Message message) {
        return anonymous(message).toString();
    }

    /** The same without the ids and the term in its header. */
    static Message anonymous(Message message) {
        FieldDescriptor field = message.getDescriptorForType().findFieldByName("header");
        if (field == null || !message.hasField(field)) {
            return message;
        }
        ResponseHeader header = ((ResponseHeader) message.getField(field))
                .toBuilder().clearClusterId().clearMemberId().clearRaftTerm().build();
        return message.toBuilder().setField(field, header).build();
    }

    /** One stream, and all that came from it. */
    static final class Watching implements ClientResponseObserver<WatchRequest, WatchResponse> {

        private final List<WatchResponse> responses = new ArrayList<>();
        private final ClientCallStreamObserver<WatchRequest> requests;
        private String end = "";

        Watching(WatchGrpc.WatchStub stub) {
            requests = (ClientCallStreamObserver<WatchRequest>) stub.watch(this);
        }

        @Override
        public void beforeStart(ClientCallStreamObserver<WatchRequest> call) {
            call.disableAutoRequestWithInitial(0);
        }

        /** Takes whatever comes from now on. */
        void readAll() {
            requests.request(Integer.MAX_VALUE);
        }

        void send(WatchRequest request) {
            requests.onNext(request);
        }

        synchronized List<WatchResponse> responses() {
            return List.copyOf(responses);
        }

        synchronized void forget(int count) {
            responses.subList(0, count).clear();
        }

        synchronized String end() {
            return end;
        }

        @Override
        public synchronized void onNext(WatchResponse response) {
            responses.add((WatchResponse) anonymous(response));
        }

        @Override
        public synchronized void onError(Throwable failure) {
            end = failure.toString();
        }

        @Override
        public synchronized void onCompleted() {
            end = "completed";
        }
    }
}
