package dev.coterie.cluster.link;

import java.nio.charset.StandardCharsets;

/**
 * What travels on a link. Immutable; one message may be offered to many links.
 *
 * @param kind who it is for; 0..127, given out in {@link Kinds}
 * @param subject what it is about, such as a channel's name; at most {@link #MAX_SUBJECT} bytes of UTF-8
 * @param id ties an answer to its question; 0 if there is none
 * @param payload at most {@link #MAX_PAYLOAD} bytes, never changed by anyone once it is here
 */
public record Message(byte kind, String subject, long id, byte[] payload) {

    /** The largest payload, in bytes: 1 MiB. */
    public static final int MAX_PAYLOAD = 1 << 20;

    /** The longest subject, in bytes of UTF-8: 255. */
    public static final int MAX_SUBJECT = 255;

    private static final int MOST_BYTES_PER_CHAR = 3;

    /**
     * Checks what the components say of themselves.
     *
     * @throws IllegalArgumentException if one of them is out of bounds
     */
    public Message {
        if (kind < 0) {
            throw new IllegalArgumentException("kind must be within 0..127, not " + kind);
        }
        // The length in chars settles it for all but very long subjects, without encoding them.
        if (subject.length() > MAX_SUBJECT / MOST_BYTES_PER_CHAR
                && subject.getBytes(StandardCharsets.UTF_8).length > MAX_SUBJECT) {
            throw new IllegalArgumentException("subject must be at most " + MAX_SUBJECT
                    + " bytes of UTF-8; this one has " + subject.length() + " characters: shorten it");
        }
        if (payload.length > MAX_PAYLOAD) {
            throw new IllegalArgumentException("payload must be at most " + MAX_PAYLOAD + " bytes (1 MiB), not "
                    + payload.length + ": send it in parts");
        }
    }
}
