package dev.coterie.etcd.state;

import com.google.protobuf.ByteString;
import java.util.Comparator;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The keys that a request is about.
 *
 * @param from the first one
 * @param to the first one that is not meant; empty if there is no end; null if {@code from} alone is meant
 */
record KeyRange(ByteString from, @Nullable ByteString to) {

    /** Keys are ordered by their bytes, taken as unsigned. */
    static final Comparator<ByteString> ORDER = KeyRange::compare;

    private static final ByteString ZERO = ByteString.copyFrom(new byte[1]);

    /** As requests say it: an empty end for one key, one zero byte for no end. */
    static KeyRange of(ByteString key, ByteString rangeEnd) {
        if (rangeEnd.isEmpty()) {
            return new KeyRange(key, null);
        }
        return new KeyRange(key, rangeEnd.equals(ZERO) ? ByteString.EMPTY : rangeEnd);
    }

    /** The key alone. */
    static KeyRange of(ByteString key) {
        return new KeyRange(key, null);
    }

    boolean isOneKey() {
        return to == null;
    }

    /** Whether it ends before it begins. */
    boolean isEmpty() {
        return to != null && !to.isEmpty() && compare(from, to) >= 0;
    }

    boolean contains(ByteString key) {
        if (to == null) {
            return key.equals(from);
        }
        return compare(from, key) <= 0 && (to.isEmpty() || compare(key, to) < 0);
    }

    /** The part of a map that has these keys; a view. */
    <V> NavigableMap<ByteString, V> in(NavigableMap<ByteString, V> map) {
        if (isEmpty()) {
            return new TreeMap<>();
        }
        if (to == null) {
            return map.subMap(from, true, from, true);
        }
        return to.isEmpty() ? map.tailMap(from, true) : map.subMap(from, true, to, false);
    }

    private static int compare(ByteString a, ByteString b) {
        int common = Math.min(a.size(), b.size());
        for (int i = 0; i < common; i++) {
            int difference = (a.byteAt(i) & 0xff) - (b.byteAt(i) & 0xff);
            if (difference != 0) {
                return difference;
            }
        }
        return a.size() - b.size();
    }
}
