package dev.coterie.etcd.embedded;

import com.google.protobuf.MessageLite;
import dev.coterie.etcd.state.EtcdError;
import dev.coterie.etcd.state.EtcdState;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Between the wire and the state: every request and every answer passes here, so this is where time is told to the state
 * and where a test has its way with the answers. Only on the event loop, which is also the one that reads from the wire.
 */
final class Answers {

    /** What etcd's gRPC server takes: a request of the largest size, and half a megabyte more. */
    private static final int MAX_MESSAGE = (3 << 19) + (512 << 10);

    private final EventLoop loop;
    private final EtcdState state;
    private final LongSupplier clock;
    /** Requests that came while nothing was answered. */
    private final Queue<Runnable> held = new ArrayDeque<>();
    /** Answers on their way, in the order in which they were given. */
    private final Queue<Late> late = new ArrayDeque<>();

    private boolean stopped;
    private Duration delay = Duration.ZERO;
    private int dropsBefore;
    private int dropsAfter;
    private long lastDue = System.nanoTime();
    private @Nullable Future<?> sender;
    private @Nullable Future<?> alarm;
    private long alarmAt;

    private record Late(long due, Runnable send) {}

    Answers(EventLoop loop, EtcdState state, LongSupplier clock) {
        this.loop = loop;
        this.state = state;
        this.clock = clock;
    }

    EtcdState state() {
        return state;
    }

    /** Answers a call that has one request and one answer. */
    <Q extends MessageLite, R> void one(Q request, StreamObserver<R> to, Function<Q, R> operation) {
        answer(request, to, operation, true);
    }

    /** Answers one request of many in a call. */
    <Q extends MessageLite, R> void oneOfMany(Q request, StreamObserver<R> to, Function<Q, R> operation) {
        answer(request, to, operation, false);
    }

    private <Q extends MessageLite, R> void answer(
            Q request, StreamObserver<R> to, Function<Q, R> operation, boolean last) {
        whenAnswering(() -> {
            if (dropsBefore > 0) {
                dropsBefore--;
                return;
            }
            Runnable answer = decide(request, to, operation, last);
            if (dropsAfter > 0) {
                dropsAfter--;
            } else {
                send(answer);
            }
        });
    }

    private <Q extends MessageLite, R> Runnable decide(
            Q request, StreamObserver<R> to, Function<Q, R> operation, boolean last) {
        try {
            requireSize(request.getSerializedSize());
            R response = operation.apply(request);
            return () -> deliver(to, () -> {
                to.onNext(response);
                if (last) {
                    to.onCompleted();
                }
            });
        } catch (EtcdError refusal) {
            return () -> deliver(to, () -> to.onError(status(refusal).asRuntimeException()));
        } catch (StatusRuntimeException refusal) {
            return () -> deliver(to, () -> to.onError(refusal));
        }
    }

    /** As gRPC has it. */
    static Status status(EtcdError refusal) {
        return Status.fromCode(Status.Code.valueOf(refusal.code().name())).withDescription(refusal.getMessage());
    }

    private static void requireSize(int size) {
        if (size > MAX_MESSAGE) {
            throw Status.RESOURCE_EXHAUSTED
                    .withDescription("grpc: received message larger than max (" + size + " vs. " + MAX_MESSAGE + ")")
                    .asRuntimeException();
        }
    }

    /** A client that has gone is not told; gRPC would throw. */
    private static void deliver(StreamObserver<?> to, Runnable message) {
        if (!(to instanceof ServerCallStreamObserver<?> call) || !call.isCancelled()) {
            message.run();
        }
    }

    /** Does something with the state now, or when there are answers again. Time has been told to the state before. */
    void whenAnswering(Runnable work) {
        if (stopped) {
            held.add(work);
        } else {
            advance();
            work.run();
            setAlarm();
        }
    }

    /** As {@link #whenAnswering}, after what goes on now. */
    void soon(Runnable work) {
        loop.execute(() -> whenAnswering(work));
    }

    /** Sends an answer when its time has come, after all that were given before it. */
    void send(Runnable answer) {
        if (late.isEmpty() && delay.isZero() && !stopped) {
            answer.run();
            return;
        }
        lastDue = Math.max(lastDue, System.nanoTime() + delay.toNanos());
        late.add(new Late(lastDue, answer));
        if (late.size() == 1) {
            sendDue();
        }
    }

    /** Sends what is due, and comes back for the rest. */
    private void sendDue() {
        while (!stopped && !late.isEmpty()) {
            long wait = late.element().due - System.nanoTime();
            if (wait > 0) {
                sender = loop.schedule(this::sendDue, wait, TimeUnit.NANOSECONDS);
                return;
            }
            late.remove().send.run();
        }
    }

    boolean isStopped() {
        return stopped;
    }

    void stop() {
        stopped = true;
    }

    /** Ends {@link #stop()}: what was held back is done now, in its order, after time has caught up. */
    void goOn() {
        stopped = false;
        if (sender != null) {
            sender.cancel(false);
        }
        sendDue();
        advance();
        while (!stopped && !held.isEmpty()) {
            held.remove().run();
        }
        setAlarm();
    }

    void delay(Duration time) {
        delay = time;
    }

    void dropBefore(int requests) {
        dropsBefore = requests;
    }

    void dropAfter(int requests) {
        dropsAfter = requests;
    }

    private void advance() {
        state.advance(clock.getAsLong());
    }

    /** Has the state told of the time when it next matters. */
    private void setAlarm() {
        long next = state.nextEvent().orElse(Long.MAX_VALUE);
        if (next == Long.MAX_VALUE || (alarm != null && alarmAt - next <= 0)) {
            return;
        }
        if (alarm != null) {
            alarm.cancel(false);
        }
        alarmAt = next;
        alarm = loop.schedule(this::alarmed, next - clock.getAsLong(), TimeUnit.NANOSECONDS);
    }

    private void alarmed() {
        alarm = null;
        if (!stopped) {
            advance();
            setAlarm();
        }
    }
}
