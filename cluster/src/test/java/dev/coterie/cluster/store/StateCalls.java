package dev.coterie.cluster.store;

import dev.coterie.cluster.store.StoreException.Kind;
import dev.coterie.etcd.state.EtcdError;
import dev.coterie.etcd.state.EtcdState;
import io.etcd.jetcd.api.CompactionRequest;
import io.etcd.jetcd.api.Event;
import io.etcd.jetcd.api.LeaseGrantRequest;
import io.etcd.jetcd.api.LeaseKeepAliveRequest;
import io.etcd.jetcd.api.LeaseRevokeRequest;
import io.etcd.jetcd.api.LeaseTimeToLiveRequest;
import io.etcd.jetcd.api.WatchRequest;
import io.grpc.Status;
import java.time.Duration;
import java.util.List;

/** The store's calls, made on etcd's state machine directly, with the messages that {@link EtcdStore} would send. */
public final class StateCalls {

    private StateCalls() {}

    /** As {@link KeyValueStore#range}. */
    public static KeyValueStore.Page range(EtcdState state, Range range) {
        return EtcdMessages.page(state.range(EtcdMessages.range(range)), range.revision());
    }

    /** As {@link KeyValueStore#commit}. */
    public static Transaction.Result commit(EtcdState state, Transaction transaction) {
        return EtcdMessages.result(state.txn(EtcdMessages.transaction(transaction)));
    }

    /** As {@link KeyValueStore#grant}. */
    public static Lease grant(EtcdState state, long id, Duration ttl) {
        var granted = state.leaseGrant(
                LeaseGrantRequest.newBuilder().setID(id).setTTL(ttl.toSeconds()).build());
        return new Lease(granted.getID(), Duration.ofSeconds(granted.getTTL()));
    }

    /** As {@link KeyValueStore#refresh}. */
    public static Lease refresh(EtcdState state, long id) {
        var refreshed = state.leaseKeepAlive(
                LeaseKeepAliveRequest.newBuilder().setID(id).build());
        if (refreshed.getTTL() <= 0) {
            throw new StoreException(Kind.LEASE_NOT_FOUND, "lease " + id + " is gone");
        }
        return new Lease(id, Duration.ofSeconds(refreshed.getTTL()));
    }

    /** As {@link KeyValueStore#timeLeft}. */
    public static KeyValueStore.TimeLeft timeLeft(EtcdState state, long id) {
        return EtcdMessages.timeLeft(state.leaseTimeToLive(
                LeaseTimeToLiveRequest.newBuilder().setID(id).build()));
    }

    /** As {@link KeyValueStore#revoke}. */
    public static Void revoke(EtcdState state, long id) {
        try {
            state.leaseRevoke(LeaseRevokeRequest.newBuilder().setID(id).build());
        } catch (EtcdError gone) {
            if (gone.code() != EtcdError.Code.NOT_FOUND) {
                throw gone;
            }
        }
        return null;
    }

    /** As {@link KeyValueStore#compact}. */
    public static Void compact(EtcdState state, long revision) {
        state.compact(CompactionRequest.newBuilder().setRevision(revision).build());
        return null;
    }

    /** As {@link KeyValueStore#space}. */
    public static KeyValueStore.Space space(EtcdState state) {
        return EtcdMessages.space(state.status());
    }

    /** What opens a watch. */
    public static WatchRequest watch(String prefix, long revision) {
        return EtcdMessages.watch(prefix, revision);
    }

    /** What a watch has told. */
    public static List<Change> changes(List<Event> events) {
        return events.stream().map(EtcdMessages::change).toList();
    }

    /** What a refusal means. */
    public static StoreException failure(String call, EtcdError error) {
        Status status =
                Status.fromCode(Status.Code.valueOf(error.code().name())).withDescription(error.getMessage());
        return EtcdErrors.of(call, status, false);
    }
}
