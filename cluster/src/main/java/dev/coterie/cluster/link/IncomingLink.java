package dev.coterie.cluster.link;

import dev.coterie.cluster.link.LinkException.Kind;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The receiving end of a link. On the I/O thread, but for {@link #dealtWith}, which any thread runs.
 *
 * <p>While {@link #WINDOW} frames are not dealt with, no further one is asked for: gRPC's flow control then holds the
 * other end back.
 */
final class IncomingLink extends ServerCall.Listener<ByteBuffer> {

    /** How many frames may be with the receiver, not dealt with. */
    static final int WINDOW = 4;

    private final IoThread io;
    private final ServerCall<ByteBuffer, ByteBuffer> call;
    private final Transport.Acceptor acceptor;
    private final BiConsumer<IncomingLink, LinkException> onEnd;
    private final Future<?> timer;
    private final FrameReader reader = new FrameReader();
    private final AtomicInteger pending = new AtomicInteger();
    private final Runnable dealtWith = this::dealtWith;

    private Transport.@Nullable Receiver receiver;
    private boolean ended;

    IncomingLink(
            IoThread io,
            ServerCall<ByteBuffer, ByteBuffer> call,
            Transport.Acceptor acceptor,
            Duration patience,
            BiConsumer<IncomingLink, LinkException> onEnd) {
        this.io = io;
        this.call = call;
        this.acceptor = acceptor;
        this.onEnd = onEnd;
        this.timer = io.schedule(
                patience,
                () -> end(new LinkException(Kind.SILENT, "no greeting within " + patience.toMillis() + " ms")));
        call.request(1);
    }

    @Override
    public void onMessage(ByteBuffer frame) {
        if (ended) {
            return;
        }
        if (receiver == null) {
            greeted(frame);
        } else {
            received(receiver, frame);
        }
    }

    private void greeted(ByteBuffer frame) {
        try {
            receiver = acceptor.accept(Handshake.readGreeting(frame));
        } catch (LinkException refused) {
            end(refused);
            return;
        }
        timer.cancel(false);
        call.sendHeaders(new Metadata());
        call.sendMessage(Handshake.welcome());
        call.request(1);
    }

    private void received(Transport.Receiver to, ByteBuffer frame) {
        List<Message> messages;
        try {
            messages = reader.read(frame);
        } catch (LinkException malformed) {
            end(malformed);
            return;
        }
        boolean room = pending.incrementAndGet() < WINDOW;
        to.received(messages, dealtWith);
        if (room) {
            call.request(1);
        }
    }

    private void dealtWith() {
        // Only the full window costs a way to the I/O thread: otherwise the next frame was asked for already.
        if (pending.getAndDecrement() == WINDOW) {
            io.runOrExecute(this::requestMore);
        }
    }

    private void requestMore() {
        if (!ended) {
            call.request(1);
        }
    }

    @Override
    public void onHalfClose() {
        end(new LinkException(Kind.CLOSED, "the other end has closed the link"));
    }

    @Override
    public void onCancel() {
        gone(new LinkException(Kind.BROKEN, "the link broke: its connection is gone or the other end broke it off"));
    }

    /** Of links that have ended already, or of one whose receiver has thrown: then gRPC has closed it. */
    @Override
    public void onComplete() {
        gone(new LinkException(Kind.BROKEN, "the link broke: what came on it could not be handled here"));
    }

    /** Ends the link and tells both sides why. */
    void end(LinkException cause) {
        if (!ended) {
            call.close(Endings.status(cause), new Metadata());
            gone(cause);
        }
    }

    private void gone(LinkException cause) {
        if (ended) {
            return;
        }
        ended = true;
        timer.cancel(false);
        onEnd.accept(this, cause);
        if (receiver != null) {
            receiver.closed(cause);
        }
    }
}
