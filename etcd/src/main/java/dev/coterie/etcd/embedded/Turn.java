package dev.coterie.etcd.embedded;

import com.google.protobuf.ByteString;
import dev.coterie.etcd.state.EtcdError;
import dev.coterie.etcd.state.WatchStream;
import io.etcd.jetcd.api.KeyValue;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * A call that stands in line and is answered when it is its turn. A client that gives up loses its place. One whose lease
 * ends while it waits is told so; etcd 3.4 tells it, wrongly, that it is its turn.
 *
 * @param <R> the answer
 */
final class Turn<R> {

    private final Answers answers;
    private final Line line;
    private final ServerCallStreamObserver<R> to;
    /** Makes the answer from the place in line and its lease. */
    private final BiFunction<KeyValue, Long, R> answer;

    private long lease;
    private @Nullable KeyValue place;
    private @Nullable WatchStream changes;
    private boolean over;

    Turn(Answers answers, Line line, ServerCallStreamObserver<R> to, BiFunction<KeyValue, Long, R> answer) {
        this.answers = answers;
        this.line = line;
        this.to = to;
        this.answer = answer;
        to.setOnCancelHandler(() -> answers.whenAnswering(this::giveUp));
    }

    /**
     * Gets in line.
     *
     * @param given the caller's lease; 0 to get a new one
     * @param value what the key says
     * @param update whether a key that is there already has to say it too
     */
    void begin(long given, ByteString value, boolean update) {
        try {
            lease = line.lease(given);
            KeyValue joined = line.join(lease, value);
            if (update && !joined.getValue().equals(value)) {
                line.put(joined.getKey(), value, lease);
            }
            place = joined;
            changes = line.watch(() -> answers.soon(this::look));
            look();
        } catch (EtcdError refusal) {
            over = true;
            answers.send(() -> fail(Answers.status(refusal)));
        }
    }

    private void look() {
        if (over || place == null) {
            return;
        }
        KeyValue mine = place;
        if (!line.holds(mine)) {
            end();
            // The status and text that later versions of etcd give.
            answers.send(() -> fail(Status.UNKNOWN.withDescription("mutex: session is expired")));
        } else if (line.isFirst(mine)) {
            end();
            R response = answer.apply(mine, lease);
            answers.send(() -> {
                if (!to.isCancelled()) {
                    to.onNext(response);
                    to.onCompleted();
                }
            });
        }
    }

    private void giveUp() {
        if (!over && place != null) {
            end();
            line.leave(place.getKey(), place.getCreateRevision());
        }
    }

    private void end() {
        over = true;
        if (changes != null) {
            changes.close();
        }
    }

    private void fail(Status status) {
        if (!to.isCancelled()) {
            to.onError(status.asRuntimeException());
        }
    }
}
