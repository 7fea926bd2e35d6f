package dev.coterie.cluster.link;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/** Single questions to a node and their answers, in gRPC's words. */
final class Questions {

    private Questions() {}

    /** Asks over a channel of its own, which is closed with the answer. */
    static CompletableFuture<byte[]> ask(ManagedChannel channel, String where, byte[] question, Duration deadline) {
        CallOptions options = CallOptions.DEFAULT.withDeadlineAfter(deadline.toNanos(), TimeUnit.NANOSECONDS);
        CompletableFuture<byte[]> answer = new CompletableFuture<>();
        ClientCalls.asyncUnaryCall(
                channel.newCall(LinkMethod.ASK, options), ByteBuffer.wrap(question), new StreamObserver<>() {
                    @Override
                    public void onNext(ByteBuffer bytes) {
                        answer.complete(bytes(bytes));
                    }

                    @Override
                    public void onError(Throwable failure) {
                        answer.completeExceptionally(Endings.cause(Status.fromThrowable(failure), false, where));
                    }

                    @Override
                    public void onCompleted() {}
                });
        return answer.whenComplete((given, failure) -> channel.shutdownNow());
    }

    /** Answers one. On the I/O thread; the answer may come on any. */
    static void answer(Transport.Acceptor acceptor, ByteBuffer question, StreamObserver<ByteBuffer> asker) {
        // Else answering somebody who waits no longer would throw.
        ((ServerCallStreamObserver<ByteBuffer>) asker).setOnCancelHandler(() -> {});
        var unused = acceptor.asked(bytes(question)).whenComplete((answer, failure) -> {
            if (failure == null) {
                asker.onNext(ByteBuffer.wrap(answer));
                asker.onCompleted();
            } else {
                asker.onError(new StatusRuntimeException(status(failure)));
            }
        });
    }

    private static Status status(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        return cause instanceof LinkException known
                ? Endings.status(known)
                : Status.UNKNOWN.withDescription("" + cause);
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }
}
