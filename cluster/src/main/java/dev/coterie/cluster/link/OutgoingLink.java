package dev.coterie.cluster.link;

import dev.coterie.cluster.link.LinkException.Kind;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The sending end of a link: one connection, one stream on it, and when either ends, so does the link.
 *
 * <p>Any thread puts messages into the queue; the I/O thread alone takes them out, as many to a frame as wait, for as
 * long as gRPC is ready to take frames. Everything but the queue and {@code drainExpected} belongs to the I/O thread.
 */
final class OutgoingLink extends ClientCall.Listener<ByteBuffer> implements Link {

    /** gRPC takes frames until this many bytes wait in it: two full ones, so that the socket does not run dry. */
    private static final int READY_BELOW = 2 * FrameWriter.FULL;

    private enum State {
        OPENING,
        OPEN,
        CLOSED
    }

    private final IoThread io;
    private final ManagedChannel channel;
    private final ClientCall<ByteBuffer, ByteBuffer> call;
    private final String where;
    private final GrpcTransport.Limits limits;
    private final Transport.Listener listener;
    private final Consumer<OutgoingLink> onEnd;
    private final SendQueue queue;
    private final FrameWriter writer = new FrameWriter();

    /**
     * Whether {@link #drain} is sure to run after now, so that an offer need not see to it: it is under way, or gRPC
     * will call when it is ready, or, as at first, the link is still being opened.
     */
    private final AtomicBoolean drainExpected = new AtomicBoolean(true);

    private final Runnable drain = this::drain;

    private State state = State.OPENING;
    private boolean closing;
    private @Nullable LinkException ownCause;
    private @Nullable Future<?> timer;

    OutgoingLink(
            IoThread io,
            ManagedChannel channel,
            String where,
            GrpcTransport.Limits limits,
            Transport.Listener listener,
            Consumer<OutgoingLink> onEnd) {
        this.io = io;
        this.channel = channel;
        this.where = where;
        this.limits = limits;
        this.queue = new SendQueue(limits.queueBytes());
        this.listener = listener;
        this.onEnd = onEnd;
        this.call = channel.newCall(LinkMethod.OPEN, CallOptions.DEFAULT.withOnReadyThreshold(READY_BELOW));
    }

    /** Connects and greets. I/O thread. */
    void start(Greeting greeting) {
        Duration patience = limits.openPatience();
        timer = io.schedule(
                patience,
                () -> abandon(new LinkException(
                        Kind.SILENT, where + " did not take the link within " + patience.toMillis() + " ms")));
        call.start(this, new Metadata());
        call.request(1);
        call.sendMessage(Handshake.greeting(greeting));
    }

    @Override
    public boolean offer(Message message) {
        return queue.offer(message) && sent();
    }

    @Override
    public boolean offer(Message message, Duration patience) {
        return queue.offer(message, patience) && sent();
    }

    private boolean sent() {
        if (!drainExpected.get() && drainExpected.compareAndSet(false, true)) {
            io.execute(drain);
        }
        return true;
    }

    @Override
    public int queued() {
        return queue.size();
    }

    @Override
    public void close() {
        queue.close();
        io.execute(this::closeInOrder);
    }

    private void closeInOrder() {
        if (state == State.CLOSED || closing) {
            return;
        }
        closing = true;
        restartTimer(io.schedule(
                limits.linger(),
                () -> abandon(new LinkException(
                        Kind.CLOSED, "closed here; " + where + " did not take all that was queued in time"))));
        if (state == State.OPEN) {
            drain();
        }
    }

    @Override
    public void onMessage(ByteBuffer frame) {
        if (state != State.OPENING) {
            return;
        }
        try {
            Handshake.readWelcome(frame);
        } catch (LinkException wrong) {
            abandon(wrong);
            return;
        }
        state = State.OPEN;
        if (!closing) {
            restartTimer(null);
        }
        listener.opened();
        drain();
    }

    @Override
    public void onReady() {
        if (state == State.OPEN) {
            drain();
        }
    }

    private void drain() {
        while (state == State.OPEN && call.isReady()) {
            ByteBuffer frame = writer.next(queue);
            if (frame != null) {
                call.sendMessage(frame);
                writer.shrink();
                queue.release(writer.taken());
            } else if (restsWithNothingToSend()) {
                return;
            }
        }
    }

    /** False if a message came in while this was being found out. */
    private boolean restsWithNothingToSend() {
        drainExpected.set(false);
        if (!queue.isEmpty() && drainExpected.compareAndSet(false, true)) {
            return false;
        }
        if (closing) {
            call.halfClose();
        }
        return true;
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
        io.runOrExecute(() -> end(status));
    }

    /** Breaks off; the rest happens when gRPC confirms it. */
    private void abandon(LinkException cause) {
        if (state != State.CLOSED && ownCause == null) {
            ownCause = cause;
            call.cancel(cause.getMessage(), cause);
        }
    }

    /** What gRPC says, or would say, of the end. I/O thread. */
    void end(Status status) {
        if (state == State.CLOSED) {
            return;
        }
        boolean wasOpen = state == State.OPEN;
        state = State.CLOSED;
        restartTimer(null);
        queue.close();
        queue.clear();
        channel.shutdownNow();
        onEnd.accept(this);
        listener.closed(cause(status, wasOpen));
    }

    private LinkException cause(Status status, boolean wasOpen) {
        if (ownCause != null) {
            return ownCause;
        }
        return closing && status.isOk()
                ? new LinkException(Kind.CLOSED, "closed here")
                : Endings.cause(status, wasOpen, where);
    }

    private void restartTimer(@Nullable Future<?> next) {
        if (timer != null) {
            timer.cancel(false);
        }
        timer = next;
    }
}
