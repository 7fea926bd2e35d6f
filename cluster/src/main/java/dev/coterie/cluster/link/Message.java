package dev.coterie.cluster.link;

/**
 * What travels on a link.
 *
 * @param kind who it is for; 0..127, given out in {@link Kinds}
 * @param subject what it is about, such as a channel's name; at most 255 bytes of UTF-8
 * @param id ties an answer to its question; 0 if there is none
 * @param payload at most {@link #MAX_PAYLOAD} bytes, never changed by anyone once it is here
 */
public record Message(byte kind, String subject, long id, byte[] payload) {

    /** The largest payload, in bytes: 1 MiB. */
    public static final int MAX_PAYLOAD = 1 << 20;
}
