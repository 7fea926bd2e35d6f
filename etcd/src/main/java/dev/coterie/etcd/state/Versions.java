package dev.coterie.etcd.state;

import io.etcd.jetcd.api.KeyValue;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What one key was at each revision that still can be read. */
final class Versions {

    private final List<Version> versions = new ArrayList<>(1);

    /** A write; null for a deletion. */
    private record Version(long revision, @Nullable KeyValue keyValue) {}

    /** Adds a write at a revision that is not before the last one; null for a deletion. */
    void add(long revision, @Nullable KeyValue keyValue) {
        versions.add(new Version(revision, keyValue));
    }

    /** What the key is now; null if it does not exist. */
    @Nullable
    KeyValue now() {
        return versions.isEmpty() ? null : versions.get(versions.size() - 1).keyValue;
    }

    /** What the key was right after a revision; null if it did not exist. */
    @Nullable
    KeyValue at(long revision) {
        int index = indexAt(revision);
        return index < 0 ? null : versions.get(index).keyValue;
    }

    /** Forgets what is not needed to read at a revision or later. */
    void compact(long revision) {
        int index = indexAt(revision);
        if (index >= 0 && versions.get(index).keyValue == null) {
            index++;
        }
        if (index > 0) {
            versions.subList(0, index).clear();
        }
    }

    /** Whether the key does not exist and nothing is known of it. */
    boolean isEmpty() {
        return versions.isEmpty();
    }

    /** The last version written at or before a revision; one revision can write a key twice. -1 if there is none. */
    private int indexAt(long revision) {
        int low = 0;
        int high = versions.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (versions.get(middle).revision <= revision) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low - 1;
    }
}
