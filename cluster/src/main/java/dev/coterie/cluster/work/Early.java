package dev.coterie.cluster.work;

import dev.coterie.cluster.discovery.Member;
import java.util.ArrayDeque;
import java.util.function.BiConsumer;

/** What nodes say to a master before it can hear them, in order: as much as comes within a moment. On the loop. */
final class Early {

    private static final int MOST_BYTES = 8 << 20;
    private static final int MOST = 10_000;

    private final ArrayDeque<Said> said = new ArrayDeque<>();
    private int bytes;

    private record Said(Member from, byte[] message) {}

    /** Keeps a message; false if there is no room for it. */
    boolean add(Member from, byte[] message) {
        if (said.size() == MOST || bytes + message.length > MOST_BYTES) {
            return false;
        }
        said.add(new Said(from, message));
        bytes += message.length;
        return true;
    }

    /** Hands all out, and is empty then. */
    void take(BiConsumer<Member, byte[]> hear) {
        ArrayDeque<Said> all = new ArrayDeque<>(said);
        clear();
        all.forEach(one -> hear.accept(one.from, one.message));
    }

    void clear() {
        said.clear();
        bytes = 0;
    }
}
