package dev.coterie.cluster.link;

import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;

/** The two gRPC methods: a link, and a single question. What they carry is bytes to gRPC, not messages of protobuf. */
final class LinkMethod {

    static final String SERVICE = "coterie.Link";

    /** A stream of frames each way. */
    static final MethodDescriptor<ByteBuffer, ByteBuffer> OPEN = method("Open", MethodType.BIDI_STREAMING);

    /** One question and its answer, from whoever is no member. */
    static final MethodDescriptor<ByteBuffer, ByteBuffer> ASK = method("Ask", MethodType.UNARY);

    private LinkMethod() {}

    private static MethodDescriptor<ByteBuffer, ByteBuffer> method(String name, MethodType type) {
        return MethodDescriptor.<ByteBuffer, ByteBuffer>newBuilder()
                .setType(type)
                .setFullMethodName(MethodDescriptor.generateFullMethodName(SERVICE, name))
                .setRequestMarshaller(new FrameMarshaller())
                .setResponseMarshaller(new FrameMarshaller())
                .build();
    }

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
