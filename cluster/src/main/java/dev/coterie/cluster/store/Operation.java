package dev.coterie.cluster.store;

import java.nio.charset.StandardCharsets;

/** One thing that a transaction does. */
public sealed interface Operation {

    /**
     * Writes a key.
     *
     * @param lease what the key hangs on from then on, or {@link Lease#NONE}
     */
    record Put(String key, byte[] value, long lease) implements Operation {}

    /** Deletes a key; does nothing if it is not there. */
    record Delete(String key) implements Operation {}

    /** Deletes all keys that begin with {@code prefix}. */
    record DeletePrefix(String prefix) implements Operation {}

    /** Reads, as the transaction sees it after the operations before this one. */
    record Read(Range range) implements Operation {}

    /** Writes a key that hangs on no lease. */
    static Operation put(String key, String value) {
        return put(key, value, Lease.NONE);
    }

    /** Writes a key that hangs on a lease. */
    static Operation put(String key, String value, long lease) {
        return new Put(key, value.getBytes(StandardCharsets.UTF_8), lease);
    }

    /** Deletes a key. */
    static Operation delete(String key) {
        return new Delete(key);
    }

    /** Reads a key. */
    static Operation read(String key) {
        return new Read(Range.key(key));
    }
}
