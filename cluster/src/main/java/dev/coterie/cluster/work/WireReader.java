package dev.coterie.cluster.work;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Reads what {@link WireWriter} has written; trusts no byte. */
final class WireReader {

    private final byte[] bytes;
    private int at;

    WireReader(byte[] bytes) {
        this.bytes = bytes;
    }

    boolean hasMore() {
        return at < bytes.length;
    }

    byte verb() {
        need(1);
        return bytes[at++];
    }

    long number() {
        long number = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            need(1);
            byte next = bytes[at++];
            number |= (next & 0x7fL) << shift;
            if (next >= 0) {
                return number;
            }
        }
        throw new IllegalArgumentException("a number is longer than 64 bits");
    }

    int smallNumber() {
        long number = number();
        if (number < 0 || number > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("a number is out of range: " + number);
        }
        return (int) number;
    }

    String name() {
        int length = length();
        at += length;
        return new String(bytes, at - length, length, StandardCharsets.ISO_8859_1);
    }

    String text() {
        int length = length();
        at += length;
        return new String(bytes, at - length, length, StandardCharsets.UTF_8);
    }

    byte[] bytes() {
        int length = length();
        at += length;
        return Arrays.copyOfRange(bytes, at - length, at);
    }

    private int length() {
        int length = smallNumber();
        need(length);
        return length;
    }

    private void need(int more) {
        if (bytes.length - at < more) {
            throw new IllegalArgumentException("it ends in the middle");
        }
    }
}
