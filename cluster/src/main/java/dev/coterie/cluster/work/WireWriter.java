package dev.coterie.cluster.work;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Writes what nodes and master tell each other, one thing after the other, as {@link WireReader} reads it. Numbers take
 * seven bits to a byte, the lowest first; texts and bytes are preceded by their length. One thread.
 */
final class WireWriter {

    private byte[] bytes = new byte[256];
    private int size;

    WireWriter verb(byte verb) {
        reserve(1);
        bytes[size++] = verb;
        return this;
    }

    /** A number from 0. */
    WireWriter number(long number) {
        reserve(10);
        long rest = number;
        while ((rest & ~0x7fL) != 0) {
            bytes[size++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        bytes[size++] = (byte) rest;
        return this;
    }

    /** A text of ASCII, such as an id or a type. */
    WireWriter name(String ascii) {
        return bytes(ascii.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Any text. */
    WireWriter text(String text) {
        return bytes(text.getBytes(StandardCharsets.UTF_8));
    }

    WireWriter bytes(byte[] value) {
        return bytes(value, 0, value.length);
    }

    WireWriter bytes(byte[] value, int from, int to) {
        int length = to - from;
        number(length);
        reserve(length);
        System.arraycopy(value, from, bytes, size, length);
        size += length;
        return this;
    }

    /** What another has written, as it stands. */
    WireWriter all(WireWriter other) {
        reserve(other.size);
        System.arraycopy(other.bytes, 0, bytes, size, other.size);
        size += other.size;
        return this;
    }

    int size() {
        return size;
    }

    /** What was written since the last time. */
    byte[] take() {
        byte[] taken = Arrays.copyOf(bytes, size);
        clear();
        return taken;
    }

    void clear() {
        size = 0;
        if (bytes.length > 1 << 18) {
            bytes = new byte[256];
        }
    }

    private void reserve(int more) {
        if (size + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(size + more, 2 * bytes.length));
        }
    }
}
