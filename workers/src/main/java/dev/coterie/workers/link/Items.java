package dev.coterie.workers.link;

import dev.coterie.workers.io.FrameSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Consumer;

/**
 * Data in a frame, one after another: connection (8 bytes), length of the address (1 byte: 4 or 16), address, port (2
 * bytes), length (4 bytes), and the bytes. All numbers are big-endian.
 */
public final class Items {

    private static final int FIXED = 8 + 1 + 2 + 4;

    private Items() {}

    /** How many bytes a datum takes in a frame. */
    public static int size(Datum datum) {
        return FIXED + datum.remote().getAddress().getAddress().length + datum.bytes().length;
    }

    /** A frame with these data. Their sizes must fit into one: {@link FrameSocket#MOST_BYTES} less one. */
    public static ByteBuffer frame(Kind kind, List<Datum> data) {
        int length = 1;
        for (Datum datum : data) {
            length += size(datum);
        }
        ByteBuffer frame = ByteBuffer.allocate(4 + length).putInt(length).put((byte) kind.letter());
        for (Datum datum : data) {
            byte[] address = datum.remote().getAddress().getAddress();
            frame.putLong(datum.connection())
                    .put((byte) address.length)
                    .put(address)
                    .putShort((short) datum.remote().getPort())
                    .putInt(datum.bytes().length)
                    .put(datum.bytes());
        }
        return frame.flip();
    }

    /**
     * Reads the data of a frame.
     *
     * @throws IllegalArgumentException if it is malformed; the data before the fault have been given to the consumer
     */
    public static void read(ByteBuffer content, Consumer<Datum> consumer) {
        while (content.hasRemaining()) {
            consumer.accept(next(content));
        }
    }

    private static Datum next(ByteBuffer content) {
        try {
            long connection = content.getLong();
            byte[] address = new byte[content.get() == 4 ? 4 : 16];
            content.get(address);
            int port = Short.toUnsignedInt(content.getShort());
            int length = content.getInt();
            if (length < 0 || length > content.remaining()) {
                throw new IllegalArgumentException(
                        "an item of " + length + " bytes in a frame that has " + content.remaining() + " left");
            }
            byte[] bytes = new byte[length];
            content.get(bytes);
            return new Datum(connection, new InetSocketAddress(InetAddress.getByAddress(address), port), bytes);
        } catch (java.nio.BufferUnderflowException cut) {
            throw new IllegalArgumentException("an item is cut off at the end of its frame", cut);
        } catch (UnknownHostException impossible) {
            throw new IllegalArgumentException(impossible);
        }
    }
}
