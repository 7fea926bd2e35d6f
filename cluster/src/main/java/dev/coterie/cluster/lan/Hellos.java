package dev.coterie.cluster.lan;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** Reads hellos. Most say what the last one of their sender said, and are that one again. On the event loop. */
final class Hellos {

    private static final int MOST_SENDERS = 2 * Roster.MOST_MEMBERS;

    private final Map<String, Read> last = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Read> eldest) {
            return size() > MOST_SENDERS;
        }
    };

    private record Read(byte[] data, Hello hello) {}

    /**
     * What a packet says.
     *
     * @throws Unreadable if it is no hello
     */
    Hello read(Packet packet) throws Unreadable {
        Read before = last.get(packet.sender());
        if (before != null && Arrays.equals(before.data, packet.data())) {
            return before.hello;
        }
        Hello hello = Hello.read(packet.data());
        last.put(packet.sender(), new Read(packet.data(), hello));
        return hello;
    }
}
