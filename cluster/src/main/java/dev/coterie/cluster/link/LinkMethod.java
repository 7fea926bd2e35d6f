package dev.coterie.cluster.link;

import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;

/** The one gRPC method: a stream of frames each way. Frames are bytes to gRPC, not messages of protobuf. */
final class LinkMethod {

    static final String SERVICE = "coterie.Link";

    static final MethodDescriptor<ByteBuffer, ByteBuffer> OPEN = MethodDescriptor.<ByteBuffer, ByteBuffer>newBuilder()
            .setType(MethodDescriptor.MethodType.BIDI_STREAMING)
            .setFullMethodName(MethodDescriptor.generateFullMethodName(SERVICE, "Open"))
            .setRequestMarshaller(new FrameMarshaller())
            .setResponseMarshaller(new FrameMarshaller())
            .build();

    private LinkMethod() {}

    private static final class FrameMarshaller implements MethodDescriptor.Marshaller<ByteBuffer> {

        @Override
        public InputStream stream(ByteBuffer frame) {
            return new FrameStream(frame);
        }

        @Override
        public ByteBuffer parse(InputStream stream) {
            try {
                byte[] bytes = new byte[stream.available()];
                if (stream.readNBytes(bytes, 0, bytes.length) < bytes.length) {
                    throw new EOFException("a frame is shorter than its length");
                }
                return ByteBuffer.wrap(bytes);
            } catch (IOException unexpected) {
                throw new UncheckedIOException(unexpected);
            }
        }
    }

    /** Lets gRPC copy a frame in one go. It does so before {@code sendMessage} returns, so the buffer is free again. */
    private static final class FrameStream extends ByteArrayInputStream implements KnownLength, Drainable {

        FrameStream(ByteBuffer frame) {
            super(frame.array(), frame.arrayOffset() + frame.position(), frame.remaining());
        }

        @Override
        public int drainTo(OutputStream target) throws IOException {
            int bytes = available();
            transferTo(target);
            return bytes;
        }
    }
}
