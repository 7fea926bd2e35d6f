package dev.coterie.etcd.embedded;

import dev.coterie.etcd.state.WatchListener;
import dev.coterie.etcd.state.WatchStream;
import io.etcd.jetcd.api.WatchGrpc;
import io.etcd.jetcd.api.WatchRequest;
import io.etcd.jetcd.api.WatchResponse;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** etcd's service for watches. */
final class WatchService extends WatchGrpc.WatchImplBase {

    private final Answers answers;
    private final Set<Call> calls = new LinkedHashSet<>();

    WatchService(Answers answers) {
        this.answers = answers;
    }

    @Override
    public StreamObserver<WatchRequest> watch(StreamObserver<WatchResponse> to) {
        Call call = new Call((ServerCallStreamObserver<WatchResponse>) to);
        calls.add(call);
        return call;
    }

    /** Ends all streams as if the connection had broken. */
    void cut() {
        List.copyOf(calls).forEach(call -> call.fail(Status.UNAVAILABLE.withDescription("watch cut by the test")));
    }

    /** Has all streams tell what they could not while nothing was answered. */
    void catchUp() {
        List.copyOf(calls).forEach(call -> call.stream.ready());
    }

    /** One client's stream. */
    private final class Call implements StreamObserver<WatchRequest>, WatchListener {

        private final ServerCallStreamObserver<WatchResponse> to;
        private final WatchStream stream;
        private boolean ended;

        Call(ServerCallStreamObserver<WatchResponse> to) {
            this.to = to;
            this.stream = answers.state().watch(this);
            to.setOnReadyHandler(() -> {
                if (!answers.isStopped()) {
                    stream.ready();
                }
            });
            to.setOnCancelHandler(this::close);
        }

        @Override
        public void onNext(WatchRequest request) {
            answers.whenAnswering(() -> stream.request(request));
        }

        @Override
        public void onError(Throwable gone) {
            close();
        }

        @Override
        public void onCompleted() {
            answers.whenAnswering(() -> {
                close();
                answers.send(() -> {
                    if (!ended && !to.isCancelled()) {
                        ended = true;
                        to.onCompleted();
                    }
                });
            });
        }

        @Override
        public void onResponse(WatchResponse response) {
            answers.send(() -> {
                if (!ended && !to.isCancelled()) {
                    to.onNext(response);
                }
            });
        }

        @Override
        public boolean isReady() {
            return !answers.isStopped() && to.isReady();
        }

        private void fail(Status status) {
            close();
            if (!ended && !to.isCancelled()) {
                ended = true;
                to.onError(status.asRuntimeException());
            }
        }

        private void close() {
            stream.close();
            calls.remove(this);
        }
    }
}
