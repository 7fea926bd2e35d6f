package dev.coterie.etcd.embedded;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.DeleteRangeRequest;
import io.etcd.jetcd.api.lock.LockGrpc;
import io.etcd.jetcd.api.lock.LockRequest;
import io.etcd.jetcd.api.lock.LockResponse;
import io.etcd.jetcd.api.lock.UnlockRequest;
import io.etcd.jetcd.api.lock.UnlockResponse;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;

/** etcd's service for locks. */
final class LockService extends LockGrpc.LockImplBase {

    private final Answers answers;

    LockService(Answers answers) {
        this.answers = answers;
    }

    @Override
    public void lock(LockRequest request, StreamObserver<LockResponse> to) {
        Turn<LockResponse> turn = new Turn<>(
                answers,
                new Line(answers.state(), request.getName()),
                (ServerCallStreamObserver<LockResponse>) to,
                (place, lease) -> LockResponse.newBuilder()
                        .setHeader(answers.state().header())
                        .setKey(place.getKey())
                        .build());
        answers.whenAnswering(() -> turn.begin(request.getLease(), ByteString.EMPTY, false));
    }

    /** Whoever knows the key can unlock it: etcd asks no questions. */
    @Override
    public void unlock(UnlockRequest request, StreamObserver<UnlockResponse> to) {
        answers.one(
                request,
                to,
                same -> UnlockResponse.newBuilder()
                        .setHeader(answers.state()
                                .deleteRange(DeleteRangeRequest.newBuilder()
                                        .setKey(same.getKey())
                                        .build())
                                .getHeader())
                        .build());
    }
}
