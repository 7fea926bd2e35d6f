package dev.coterie.etcd.embedded;

import com.google.protobuf.ByteString;
import dev.coterie.etcd.state.EtcdState;
import dev.coterie.etcd.state.WatchStream;
import io.etcd.jetcd.api.DeleteRangeRequest;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.LeaseGrantRequest;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeRequest.SortOrder;
import io.etcd.jetcd.api.RangeRequest.SortTarget;
import io.etcd.jetcd.api.WatchCreateRequest;
import io.etcd.jetcd.api.WatchRequest;
import java.util.Optional;

/**
 * Those who want a lock or a chair of one name, as etcd has them stand in line: a key for each below the name, on a lease,
 * and the oldest key is first. On the event loop.
 */
final class Line {

    private static final long OWN_LEASE_SECONDS = 60;

    private final EtcdState state;
    private final ByteString prefix;

    Line(EtcdState state, ByteString name) {
        this.state = state;
        this.prefix = name.concat(ByteString.copyFromUtf8("/"));
    }

    /** The lease to stand in line with: the one that was given, or a new one for who gave none. */
    long lease(long given) {
        return given != 0
                ? given
                : state.leaseGrant(LeaseGrantRequest.newBuilder()
                                .setTTL(OWN_LEASE_SECONDS)
                                .build())
                        .getID();
    }

    /** Joins the line, or finds the place that this lease has in it. */
    KeyValue join(long lease, ByteString value) {
        ByteString key = prefix.concat(ByteString.copyFromUtf8(Long.toHexString(lease)));
        if (find(key).isEmpty()) {
            put(key, value, lease);
        }
        return find(key).orElseThrow();
    }

    void put(ByteString key, ByteString value, long lease) {
        state.put(PutRequest.newBuilder()
                .setKey(key)
                .setValue(value)
                .setLease(lease)
                .build());
    }

    /** Whether this place is still held. */
    boolean holds(KeyValue place) {
        return holds(place.getKey(), place.getCreateRevision());
    }

    boolean holds(ByteString key, long revision) {
        return find(key).filter(now -> now.getCreateRevision() == revision).isPresent();
    }

    /** Gives a place up, if it is still held. */
    void leave(ByteString key, long revision) {
        if (holds(key, revision)) {
            state.deleteRange(DeleteRangeRequest.newBuilder().setKey(key).build());
        }
    }

    /** Who is first. */
    Optional<KeyValue> first() {
        return state
                .range(RangeRequest.newBuilder()
                        .setKey(prefix)
                        .setRangeEnd(end())
                        .setSortTarget(SortTarget.CREATE)
                        .setSortOrder(SortOrder.ASCEND)
                        .setLimit(1)
                        .build())
                .getKvsList()
                .stream()
                .findFirst();
    }

    boolean isFirst(KeyValue place) {
        return first().filter(first -> first.getKey().equals(place.getKey())).isPresent();
    }

    /** Calls back whenever somebody joins, leaves or says something new; not to be called back into the state. */
    WatchStream watch(Runnable changed) {
        WatchStream stream = state.watch(response -> changed.run());
        stream.request(WatchRequest.newBuilder()
                .setCreateRequest(WatchCreateRequest.newBuilder().setKey(prefix).setRangeEnd(end()))
                .build());
        return stream;
    }

    private ByteString end() {
        return prefix.substring(0, prefix.size() - 1).concat(ByteString.copyFromUtf8("0"));
    }

    private Optional<KeyValue> find(ByteString key) {
        return state.range(RangeRequest.newBuilder().setKey(key).build()).getKvsList().stream()
                .findFirst();
    }
}
