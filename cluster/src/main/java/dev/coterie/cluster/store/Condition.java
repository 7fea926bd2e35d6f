package dev.coterie.cluster.store;

import java.nio.charset.StandardCharsets;

/**
 * Something about one key, or all that begin alike, that must hold for a transaction to do what it is for. A
 * key that is not there has create revision, modification revision and version 0, and equals no value.
 */
public sealed interface Condition {

    /** The key that is looked at, or what the keys begin with. */
    String key();

    /** {@code key}'s create revision is {@code revision}. */
    record Created(String key, long revision) implements Condition {}

    /** {@code key}'s modification revision is {@code revision}. */
    record Modified(String key, long revision) implements Condition {}

    /** {@code key} is there. */
    record Present(String key) implements Condition {}

    /** {@code key} has {@code value}. */
    record Valued(String key, byte[] value) implements Condition {}

    /** No key that begins with {@code key} hangs on {@code lease}. */
    record NoneOn(String key, long lease) implements Condition {}

    /** The key is not there. */
    static Condition absent(String key) {
        return new Created(key, 0);
    }

    /** The key is there. */
    static Condition present(String key) {
        return new Present(key);
    }

    /** The key was not written since {@code entry} was read. */
    static Condition unchanged(Entry entry) {
        return new Modified(entry.key(), entry.modRevision());
    }

    /** The key has this value, as UTF-8. */
    static Condition valued(String key, String value) {
        return new Valued(key, value.getBytes(StandardCharsets.UTF_8));
    }
}
