package dev.coterie.cluster.lan;

import dev.coterie.cluster.discovery.Payload;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads packets. Most of a group at rest are hellos that say what the last one from there said, under another number, and
 * most others are messages on the channel of the last one, with another text: what was read before is compared, which is
 * cheap, and not read again. On the event loop.
 */
final class LastPackets {

    private static final int MOST_SENDERS = 2 * Roster.MOST_MEMBERS;

    /** Larger ones are read every time: nobody is to fill the memory. */
    private static final int MOST_BYTES = 4096;

    /** So many digits fit into a long. */
    private static final int MOST_DIGITS = 18;

    /** Between the number of a message and its payload. */
    private static final byte[] DATA = ",\"data\":".getBytes(StandardCharsets.US_ASCII);

    private static final byte[] NOTHING = {};

    private final Map<InetSocketAddress, Sender> byAddress = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<InetSocketAddress, Sender> eldest) {
            return size() > MOST_SENDERS;
        }
    };

    private static final class Sender {
        private @Nullable Last hello;
        private @Nullable Last message;
    }

    /**
     * What came last.
     *
     * @param bytes of a hello all, of a message those before its number
     * @param numberAt where the number begins; -1 if there is none
     */
    private record Last(byte[] bytes, int numberAt, Packet packet) {

        /** Whether another begins in the same way. */
        boolean begins(byte[] others, int length) {
            int same = numberAt < 0 ? bytes.length : numberAt;
            return length >= same && Arrays.equals(others, 0, same, bytes, 0, same);
        }
    }

    /**
     * Reads a packet.
     *
     * @throws Unreadable if it is none
     */
    Packet read(byte[] bytes, int length, InetSocketAddress from) throws Unreadable {
        Sender sender = byAddress.get(from);
        Packet known = sender == null ? null : known(sender, bytes, length);
        return known != null ? known : readAnew(bytes, length, from, sender);
    }

    private static @Nullable Packet known(Sender sender, byte[] bytes, int length) {
        if (sender.message != null && sender.message.begins(bytes, length)) {
            return message(sender.message, bytes, length);
        }
        return sender.hello != null && sender.hello.begins(bytes, length) ? hello(sender.hello, bytes, length) : null;
    }

    private Packet readAnew(byte[] bytes, int length, InetSocketAddress from, @Nullable Sender sender)
            throws Unreadable {
        PacketReader reader = PacketReader.parse(bytes, length);
        Packet packet = reader.packet();
        boolean hello = packet.event().equals(Packet.HELLO);
        if (hello ? length <= MOST_BYTES : reader.endsWithNumberAndData() && reader.numberAt() <= MOST_BYTES) {
            Sender one = sender == null ? new Sender() : sender;
            if (hello) {
                one.hello = new Last(Arrays.copyOf(bytes, length), reader.numberAt(), packet);
            } else {
                // Not its payload: it may be large.
                one.message =
                        new Last(Arrays.copyOf(bytes, reader.numberAt()), reader.numberAt(), packet.with(0, NOTHING));
            }
            byAddress.put(from, one);
        }
        return packet;
    }

    /** The last hello under its new number; null if it differs in more than that. */
    private static @Nullable Packet hello(Last last, byte[] bytes, int length) {
        if (last.numberAt < 0) {
            return length == last.bytes.length ? last.packet : null;
        }
        int end = digitsEnd(bytes, last.numberAt, length);
        int lastEnd = digitsEnd(last.bytes, last.numberAt, last.bytes.length);
        return isNumber(bytes, last.numberAt, end)
                        && Arrays.equals(bytes, end, length, last.bytes, lastEnd, last.bytes.length)
                ? last.packet.with(number(bytes, last.numberAt, end), last.packet.data())
                : null;
    }

    /** A message like the last one, with another number and text; null if it is not so simple. */
    private static @Nullable Packet message(Last last, byte[] bytes, int length) {
        int end = digitsEnd(bytes, last.numberAt, length);
        int data = end + DATA.length;
        boolean simple = data < length
                && bytes[length - 1] == '}'
                && isNumber(bytes, last.numberAt, end)
                && Arrays.equals(bytes, end, data, DATA, 0, DATA.length)
                && Payload.isPlainText(bytes, data, length - 1);
        return simple
                ? last.packet.with(number(bytes, last.numberAt, end), Arrays.copyOfRange(bytes, data, length - 1))
                : null;
    }

    private static int digitsEnd(byte[] bytes, int from, int length) {
        int end = from;
        while (end < length && bytes[end] >= '0' && bytes[end] <= '9') {
            end++;
        }
        return end;
    }

    private static boolean isNumber(byte[] bytes, int from, int end) {
        return end > from && end - from <= MOST_DIGITS && (bytes[from] != '0' || end == from + 1);
    }

    private static long number(byte[] bytes, int from, int end) {
        long number = 0;
        for (int i = from; i < end; i++) {
            number = 10 * number + (bytes[i] - '0');
        }
        return number;
    }
}
