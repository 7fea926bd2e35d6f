package dev.coterie.cluster.store;

import java.nio.charset.StandardCharsets;

/**
 * A key as it stands in the store.
 *
 * @param value never changed by the reader
 * @param createRevision the revision at which the key came into being
 * @param modRevision the revision of its last write
 * @param version how often it was written since it came into being, from 1
 * @param lease the lease it hangs on, or {@link Lease#NONE}
 */
public record Entry(String key, byte[] value, long createRevision, long modRevision, long version, long lease) {

    /** The value as UTF-8. */
    public String text() {
        return new String(value, StandardCharsets.UTF_8);
    }
}
