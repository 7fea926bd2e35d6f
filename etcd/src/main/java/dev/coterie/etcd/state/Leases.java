package dev.coterie.etcd.state;

import com.google.protobuf.ByteString;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.OptionalLong;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The leases, when they end, and which keys hang on them. */
final class Leases {

    /** What an etcd with its default timings raises a shorter one to: an election has to fit in. */
    static final long SHORTEST_SECONDS = 2;

    static final long LONGEST_SECONDS = 9_000_000_000L;

    /** Where ids begin that the client leaves to the server. */
    private static final long FIRST_OWN_ID = 0x694d_0000_0000_0001L;

    private final Map<Long, Lease> leases = new HashMap<>();
    private final Map<ByteString, Lease> leaseOfKey = new HashMap<>();
    private final NavigableSet<Lease> byExpiry =
            new TreeSet<>(Comparator.comparingLong(Lease::expiry).thenComparingLong(Lease::id));
    private long nextId = FIRST_OWN_ID;

    static final class Lease {
        private final long id;
        private final long ttlSeconds;
        private final SortedSet<ByteString> keys = new TreeSet<>(KeyRange.ORDER);
        private long expiry;

        private Lease(long id, long ttlSeconds) {
            this.id = id;
            this.ttlSeconds = ttlSeconds;
        }

        long id() {
            return id;
        }

        long ttlSeconds() {
            return ttlSeconds;
        }

        /** The point in time, in nanoseconds, at which it ends. */
        long expiry() {
            return expiry;
        }

        Collection<ByteString> keys() {
            return keys;
        }
    }

    Lease grant(long wantedId, long wantedSeconds, long now) {
        if (wantedSeconds > LONGEST_SECONDS) {
            throw EtcdError.leaseTtlTooLarge();
        }
        long id = wantedId == 0 ? ownId() : wantedId;
        if (leases.containsKey(id)) {
            throw EtcdError.leaseExists();
        }
        Lease lease = new Lease(id, Math.max(SHORTEST_SECONDS, wantedSeconds));
        leases.put(id, lease);
        refresh(lease, now);
        return lease;
    }

    private long ownId() {
        while (leases.containsKey(nextId)) {
            nextId++;
        }
        return nextId++;
    }

    @Nullable
    Lease find(long id) {
        return leases.get(id);
    }

    /** Throws if a key cannot hang on it. 0 stands for no lease, on which every key can hang. */
    void require(long id) {
        if (id != 0 && !leases.containsKey(id)) {
            throw EtcdError.leaseNotFound();
        }
    }

    /** Starts its time anew. */
    void refresh(Lease lease, long now) {
        byExpiry.remove(lease);
        long nanos = TimeUnit.SECONDS.toNanos(lease.ttlSeconds);
        // A lease of centuries ends when the clock does.
        lease.expiry = now > Long.MAX_VALUE - nanos ? Long.MAX_VALUE : now + nanos;
        byExpiry.add(lease);
    }

    /** Forgets it; its keys hang on none. */
    void remove(Lease lease) {
        leases.remove(lease.id);
        byExpiry.remove(lease);
        lease.keys.forEach(leaseOfKey::remove);
    }

    /** Notes what a key hangs on from now on; 0 for no lease. */
    void attach(ByteString key, long id) {
        Lease before = leaseOfKey.remove(key);
        if (before != null) {
            before.keys.remove(key);
        }
        Lease lease = leases.get(id);
        if (lease != null) {
            lease.keys.add(key);
            leaseOfKey.put(key, lease);
        }
    }

    /** One that has ended by now; null if there is none. */
    @Nullable
    Lease expired(long now) {
        return byExpiry.isEmpty() || byExpiry.first().expiry > now ? null : byExpiry.first();
    }

    /** When the next one ends. */
    OptionalLong nextExpiry() {
        return byExpiry.isEmpty() ? OptionalLong.empty() : OptionalLong.of(byExpiry.first().expiry);
    }

    /** All, the one that ends first in front. */
    List<Lease> all() {
        return List.copyOf(byExpiry);
    }
}
