package dev.coterie.cluster.link;

import java.nio.charset.StandardCharsets;

/**
 * The first thing said on a link.
 *
 * @param from the id of the node that opens it; at most 255 bytes of UTF-8
 * @param to the id of the node it wants; another node on the same address refuses it; at most 255 bytes of UTF-8
 * @param session which of the opener's sessions it is, of those of its process: the number of a later one is larger
 * @param about what the opener says of itself, opaque to the link; at most {@link #MAX_ABOUT} bytes
 */
public record Greeting(String from, String to, long session, byte[] about) {

    /** The most that an opener may say of itself, in bytes: 128 KiB. */
    public static final int MAX_ABOUT = 128 << 10;

    static final int MAX_ID = 255;

    /**
     * Checks what the components say of themselves.
     *
     * @throws IllegalArgumentException if one of them is too long
     */
    public Greeting {
        checkId("from", from);
        checkId("to", to);
        if (about.length > MAX_ABOUT) {
            throw new IllegalArgumentException("about must be at most " + MAX_ABOUT + " bytes (128 KiB), not "
                    + about.length + ": say less of this node");
        }
    }

    private static void checkId(String field, String id) {
        int bytes = id.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > MAX_ID) {
            throw new IllegalArgumentException(
                    field + " must be at most " + MAX_ID + " bytes of UTF-8, not " + bytes + ": shorten the node's id");
        }
    }
}
