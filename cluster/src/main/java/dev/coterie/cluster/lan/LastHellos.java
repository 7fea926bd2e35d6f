package dev.coterie.cluster.lan;

import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads packets. Most of those of a group at rest are hellos that say what the last one from there said, under another
 * number: they are compared, which is cheap, and not read again. On the event loop.
 */
final class LastHellos {

    private static final int MOST_SENDERS = 2 * Roster.MOST_MEMBERS;

    /** Larger ones are read every time: nobody is to fill the memory. */
    private static final int MOST_BYTES = 4096;

    /** So many digits fit into a long. */
    private static final int MOST_DIGITS = 18;

    private final Map<InetSocketAddress, Last> byAddress = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<InetSocketAddress, Last> eldest) {
            return size() > MOST_SENDERS;
        }
    };

    /** @param numberAt where its number begins; -1 if it has none */
    private record Last(byte[] bytes, int numberAt, Packet packet) {}

    /**
     * Reads a packet.
     *
     * @throws Unreadable if it is none
     */
    Packet read(byte[] bytes, int length, InetSocketAddress from) throws Unreadable {
        Last last = byAddress.get(from);
        Packet again = last == null ? null : again(last, bytes, length);
        if (again != null) {
            return again;
        }
        PacketReader reader = PacketReader.parse(bytes, length);
        Packet packet = reader.packet();
        if (packet.event().equals(Packet.HELLO) && length <= MOST_BYTES) {
            byAddress.put(from, new Last(Arrays.copyOf(bytes, length), reader.numberAt(), packet));
        }
        return packet;
    }

    /** The last one under its new number; null if it differs in more than that. */
    private static @Nullable Packet again(Last last, byte[] bytes, int length) {
        int at = last.numberAt < 0 ? last.bytes.length : last.numberAt;
        if (length < at || !Arrays.equals(bytes, 0, at, last.bytes, 0, at)) {
            return null;
        }
        int end = digitsEnd(bytes, at, length);
        int lastEnd = digitsEnd(last.bytes, at, last.bytes.length);
        if (!Arrays.equals(bytes, end, length, last.bytes, lastEnd, last.bytes.length)) {
            return null;
        }
        if (last.numberAt < 0) {
            return end == at ? last.packet : null;
        }
        boolean isNumber = end > at && end - at <= MOST_DIGITS && (bytes[at] != '0' || end == at + 1);
        return isNumber ? last.packet.numbered(number(bytes, at, end)) : null;
    }

    private static int digitsEnd(byte[] bytes, int from, int length) {
        int end = from;
        while (end < length && bytes[end] >= '0' && bytes[end] <= '9') {
            end++;
        }
        return end;
    }

    private static long number(byte[] bytes, int from, int end) {
        long number = 0;
        for (int i = from; i < end; i++) {
            number = 10 * number + (bytes[i] - '0');
        }
        return number;
    }
}
