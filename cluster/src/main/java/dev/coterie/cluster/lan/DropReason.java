package dev.coterie.cluster.lan;

/** Why a packet that came in was dropped. Packets are counted by it, and never logged one by one. */
public enum DropReason {
    /** It is not JSON, or not a packet. */
    MALFORMED,
    /** It ends too early. */
    TRUNCATED,
    /** It is larger than {@code maxPacket}. */
    OVERSIZED,
    /** It is not sealed with this group's key, not sealed in a group that has one, or sealed in one that has none. */
    WRONG_KEY,
    /** It was here before, or was sealed longer ago than packets may travel. */
    REPLAYED,
    /** More came than this node could take. */
    OVERFLOW
}
