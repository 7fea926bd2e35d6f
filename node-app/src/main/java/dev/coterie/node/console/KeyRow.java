package dev.coterie.node.console;

import dev.coterie.cluster.store.Entry;
import dev.coterie.cluster.store.Lease;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * A key as it is shown.
 *
 * @param text the value as UTF-8; null if it is not that
 * @param base64 the value if it is no text; else null
 * @param lease in hexadecimal, as etcdctl shows it; null if the key hangs on none
 * @param left seconds that the lease has left; null if it hangs on none, or the lease is gone by now
 */
record KeyRow(
        String key,
        int size,
        @Nullable String text,
        @Nullable String base64,
        long created,
        long modified,
        long version,
        @Nullable String lease,
        @Nullable Long left,
        @Nullable Long granted) {

    /**
     * A key in a list.
     *
     * @param preview the beginning of its value, if that is text
     */
    record Brief(
            String key,
            int size,
            @Nullable String preview,
            long created,
            long modified,
            long version,
            @Nullable String lease) {}

    private static final int PREVIEW = 120;

    static KeyRow of(Entry entry, @Nullable Long left, @Nullable Long granted) {
        String text = text(entry.value());
        return new KeyRow(
                entry.key(),
                entry.value().length,
                text,
                text == null ? Base64.getEncoder().encodeToString(entry.value()) : null,
                entry.createRevision(),
                entry.modRevision(),
                entry.version(),
                lease(entry.lease()),
                left,
                granted);
    }

    static Brief brief(Entry entry) {
        String text = text(entry.value());
        return new Brief(
                entry.key(),
                entry.value().length,
                text == null ? null : beginning(text),
                entry.createRevision(),
                entry.modRevision(),
                entry.version(),
                lease(entry.lease()));
    }

    /** Not cut within a character of two halves. */
    private static String beginning(String text) {
        if (text.length() <= PREVIEW) {
            return text;
        }
        return text.substring(0, Character.isHighSurrogate(text.charAt(PREVIEW - 1)) ? PREVIEW - 1 : PREVIEW);
    }

    private static @Nullable String lease(long lease) {
        return lease == Lease.NONE ? null : Long.toHexString(lease);
    }

    private static @Nullable String text(byte[] value) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(value))
                    .toString();
        } catch (CharacterCodingException binary) {
            return null;
        }
    }
}
