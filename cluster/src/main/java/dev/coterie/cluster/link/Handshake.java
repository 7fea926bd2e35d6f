package dev.coterie.cluster.link;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The first frame in each direction.
 *
 * <p>The opener says: version (1 byte), length and id of the node it is (1, n), length and id of the node it wants (1, n),
 * the number of its session (8), length of what it says of itself and that (4, n). The acceptor answers with its version (1 byte).
 */
final class Handshake {

    /** The version of the protocol: of the greeting and of all that follows it. */
    static final byte VERSION = 2;

    /** No greeting is larger than this, in bytes. */
    static final int MOST_BYTES = 1 + 2 * (1 + Greeting.MAX_ID) + 8 + 4 + Greeting.MAX_ABOUT;

    private Handshake() {}

    static ByteBuffer greeting(Greeting greeting) {
        byte[] from = greeting.from().getBytes(StandardCharsets.UTF_8);
        byte[] to = greeting.to().getBytes(StandardCharsets.UTF_8);
        byte[] about = greeting.about();
        return ByteBuffer.allocate(1 + 1 + from.length + 1 + to.length + 8 + 4 + about.length)
                .put(VERSION)
                .put((byte) from.length)
                .put(from)
                .put((byte) to.length)
                .put(to)
                .putLong(greeting.session())
                .putInt(about.length)
                .put(about)
                .flip();
    }

    /**
     * Reads a greeting.
     *
     * @throws LinkException of kind {@link LinkException.Kind#REJECTED} if it is of another version, {@link
     *     LinkException.Kind#MALFORMED} if it is none
     */
    static Greeting readGreeting(ByteBuffer frame) {
        try {
            byte version = frame.get();
            if (version != VERSION) {
                throw new LinkException(
                        LinkException.Kind.REJECTED,
                        "this node speaks version " + VERSION + " of the link protocol, not " + version
                                + ": run the same release on all nodes");
            }
            String from = text(frame, Byte.toUnsignedInt(frame.get()));
            String to = text(frame, Byte.toUnsignedInt(frame.get()));
            long session = frame.getLong();
            int length = frame.getInt();
            if (length != frame.remaining() || length > Greeting.MAX_ABOUT) {
                throw malformed("a greeting's last part is said to have " + length + " bytes and has "
                        + frame.remaining() + "; " + Greeting.MAX_ABOUT + " are allowed");
            }
            byte[] about = new byte[length];
            frame.get(about);
            return new Greeting(from, to, session, about);
        } catch (BufferUnderflowException tooShort) {
            throw malformed("a greeting is cut off");
        }
    }

    static ByteBuffer welcome() {
        return ByteBuffer.wrap(new byte[] {VERSION});
    }

    /**
     * Checks a welcome.
     *
     * @throws LinkException of kind {@link LinkException.Kind#MALFORMED}
     */
    static void readWelcome(ByteBuffer frame) {
        if (frame.remaining() != 1 || frame.get() != VERSION) {
            throw malformed("the answer to the greeting is not a welcome of version " + VERSION);
        }
    }

    private static String text(ByteBuffer frame, int length) {
        byte[] bytes = new byte[length];
        frame.get(bytes);
        String text = new String(bytes, StandardCharsets.UTF_8);
        if (text.getBytes(StandardCharsets.UTF_8).length != length) {
            throw malformed("a node's id is not UTF-8");
        }
        return text;
    }

    private static LinkException malformed(String what) {
        return new LinkException(LinkException.Kind.MALFORMED, what);
    }
}
