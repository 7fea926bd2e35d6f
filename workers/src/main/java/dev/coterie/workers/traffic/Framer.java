package dev.coterie.workers.traffic;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Cuts the data of one connection into pieces. One thread at a time. */
final class Framer {

    private static final int HEADER = 4;

    private final Framing framing;
    private byte[] rest = new byte[0];

    Framer(Framing framing) {
        this.framing = framing;
    }

    /**
     * Takes what has arrived.
     *
     * @return the pieces that are whole now
     * @throws IllegalArgumentException if a piece is longer than it may be
     */
    List<byte[]> feed(ByteBuffer arrived) {
        byte[] all = new byte[rest.length + arrived.remaining()];
        System.arraycopy(rest, 0, all, 0, rest.length);
        arrived.get(all, rest.length, arrived.remaining());
        List<byte[]> pieces = new ArrayList<>();
        int used = switch (framing) {
            case RAW -> raw(all, pieces);
            case LINES -> lines(all, rest.length, pieces);
            case LENGTH -> lengths(all, pieces);
        };
        rest = java.util.Arrays.copyOfRange(all, used, all.length);
        if (rest.length > Framing.MOST_BYTES + HEADER) {
            throw new IllegalArgumentException("a piece of more than " + Framing.MOST_BYTES + " bytes");
        }
        return pieces;
    }

    private static int raw(byte[] all, List<byte[]> pieces) {
        if (all.length > 0) {
            pieces.add(all);
        }
        return all.length;
    }

    private static int lines(byte[] all, int searched, List<byte[]> pieces) {
        int start = 0;
        for (int at = searched; at < all.length; at++) {
            if (all[at] == '\n') {
                int end = at > start && all[at - 1] == '\r' ? at - 1 : at;
                pieces.add(java.util.Arrays.copyOfRange(all, start, end));
                start = at + 1;
            }
        }
        return start;
    }

    private static int lengths(byte[] all, List<byte[]> pieces) {
        ByteBuffer buffer = ByteBuffer.wrap(all);
        while (buffer.remaining() >= HEADER) {
            int length = buffer.getInt(buffer.position());
            if (length < 0 || length > Framing.MOST_BYTES) {
                throw new IllegalArgumentException(
                        "a length of " + length + "; 0 to " + Framing.MOST_BYTES + " will do");
            }
            if (buffer.remaining() < HEADER + length) {
                break;
            }
            byte[] piece = new byte[length];
            buffer.getInt();
            buffer.get(piece);
            pieces.add(piece);
        }
        return buffer.position();
    }

    /** The connection has ended: the last piece, if it is one without its end. A length that was not reached is none. */
    Optional<byte[]> end() {
        return framing == Framing.LINES && rest.length > 0 ? Optional.of(rest) : Optional.empty();
    }
}
