package dev.coterie.etcd.embedded;

import io.grpc.stub.StreamObserver;
import java.util.function.Consumer;

/** Takes what comes from a stream and leaves its end alone. */
record Streaming<T>(Consumer<T> consumer) implements StreamObserver<T> {

    @Override
    public void onNext(T value) {
        consumer.accept(value);
    }

    @Override
    public void onError(Throwable failure) {}

    @Override
    public void onCompleted() {}
}
