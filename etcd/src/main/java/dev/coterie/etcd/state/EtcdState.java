package dev.coterie.etcd.state;

import io.etcd.jetcd.api.AlarmRequest;
import io.etcd.jetcd.api.AlarmResponse;
import io.etcd.jetcd.api.CompactionRequest;
import io.etcd.jetcd.api.CompactionResponse;
import io.etcd.jetcd.api.DeleteRangeRequest;
import io.etcd.jetcd.api.DeleteRangeResponse;
import io.etcd.jetcd.api.Event;
import io.etcd.jetcd.api.LeaseGrantRequest;
import io.etcd.jetcd.api.LeaseGrantResponse;
import io.etcd.jetcd.api.LeaseKeepAliveRequest;
import io.etcd.jetcd.api.LeaseKeepAliveResponse;
import io.etcd.jetcd.api.LeaseRevokeRequest;
import io.etcd.jetcd.api.LeaseRevokeResponse;
import io.etcd.jetcd.api.LeaseTimeToLiveRequest;
import io.etcd.jetcd.api.LeaseTimeToLiveResponse;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.PutResponse;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.ResponseHeader;
import io.etcd.jetcd.api.StatusResponse;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import java.util.List;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a single etcd 3.4 does, as a state machine: keys with their history, transactions, leases, watches, compaction.
 * Requests and answers are etcd's own messages. No network, no disk, no clock, no threads: the same calls in the same
 * order give the same answers.
 *
 * <p>Time is what {@link #advance} was last told. Watches are told of a change before the call that makes it returns.
 * Requests that etcd would refuse fail with an {@link EtcdError}. One thread at a time.
 */
public final class EtcdState {

    /** The version of etcd whose behaviour and texts these are. */
    public static final String VERSION = "3.4.23";

    /** Ids that say at a glance that this is no real cluster. */
    private static final long CLUSTER = 0x00c0_7e71_e000_0000L;

    private static final long MEMBER = 0x00c0_7e71_e000_0001L;
    private static final long TERM = 2;

    private final KeySpace keys = new KeySpace();
    private final Leases leases = new Leases();
    private final Transactions transactions = new Transactions(keys, leases);
    private final Alarms alarms = new Alarms();
    private final WatchHub watches = new WatchHub(keys, this::header);
    private long now;
    /** How many requests were decided, as etcd counts them in its log. */
    private long index = 4;

    /**
     * An empty store.
     *
     * @param now the time, in nanoseconds from any origin
     */
    public EtcdState(long now) {
        this.now = now;
    }

    /**
     * Lets time pass: leases that have ended by then are revoked, in the order in which they end.
     *
     * @param nanos the time, from the same origin as before; an earlier one is ignored
     */
    public void advance(long nanos) {
        now = Math.max(now, nanos);
        for (Leases.Lease ended = leases.expired(now); ended != null; ended = leases.expired(now)) {
            revoke(ended);
        }
        watches.advance(now);
    }

    /** When time will have something to do next, unless requests change that: what to call {@link #advance} with. */
    public OptionalLong nextEvent() {
        OptionalLong expiry = leases.nextExpiry();
        OptionalLong tick = watches.nextTick();
        return expiry.isPresent() && tick.isPresent()
                ? OptionalLong.of(Math.min(expiry.getAsLong(), tick.getAsLong()))
                : expiry.isPresent() ? expiry : tick;
    }

    /** Reads keys, now or as they were. */
    public RangeResponse range(RangeRequest request) {
        Rules.check(request);
        RangeResponse response = Reading.range(keys, request, keys.revision());
        return response.toBuilder().setHeader(header()).build();
    }

    /** Writes a key. */
    public PutResponse put(PutRequest request) {
        Rules.check(request);
        Rules.checkSize(request);
        alarms.requireSpace();
        leases.require(request.getLease());
        transactions.check(request);
        PutResponse response = write(writing -> transactions.put(writing, request));
        return response.toBuilder().setHeader(header()).build();
    }

    /** Deletes keys. */
    public DeleteRangeResponse deleteRange(DeleteRangeRequest request) {
        Rules.check(request);
        Rules.checkSize(request);
        DeleteRangeResponse response = write(writing -> transactions.delete(writing, request));
        return response.toBuilder().setHeader(header()).build();
    }

    /** Decides a transaction. */
    public TxnResponse txn(TxnRequest request) {
        Rules.check(request);
        if (!Rules.onlyReads(request)) {
            Rules.checkSize(request);
            if (takesSpace(request)) {
                alarms.requireSpace();
            }
        }
        Queue<Boolean> decisions = transactions.decide(request);
        transactions.check(request, decisions);
        TxnResponse response = write(writing -> transactions.apply(writing, request, decisions));
        return response.toBuilder().setHeader(header()).build();
    }

    private static boolean takesSpace(TxnRequest request) {
        return request.getSuccessList().stream().anyMatch(RequestOp::hasRequestPut)
                || request.getFailureList().stream().anyMatch(RequestOp::hasRequestPut);
    }

    /** Forgets what happened before a revision. */
    public CompactionResponse compact(CompactionRequest request) {
        index++;
        keys.compact(request.getRevision());
        return CompactionResponse.newBuilder().setHeader(header()).build();
    }

    /** Grants a lease. */
    public LeaseGrantResponse leaseGrant(LeaseGrantRequest request) {
        index++;
        alarms.requireSpace();
        Leases.Lease lease = leases.grant(request.getID(), request.getTTL(), now);
        return LeaseGrantResponse.newBuilder()
                .setHeader(header())
                .setID(lease.id())
                .setTTL(lease.ttlSeconds())
                .build();
    }

    /** Ends a lease; its keys vanish in one revision. */
    public LeaseRevokeResponse leaseRevoke(LeaseRevokeRequest request) {
        revoke(lease(request.getID()));
        return LeaseRevokeResponse.newBuilder().setHeader(header()).build();
    }

    /** Starts a lease's time anew; a time to live of 0 is the answer if there is no such lease. */
    public LeaseKeepAliveResponse leaseKeepAlive(LeaseKeepAliveRequest request) {
        Leases.Lease lease = leases.find(request.getID());
        if (lease != null) {
            leases.refresh(lease, now);
        }
        return LeaseKeepAliveResponse.newBuilder()
                .setHeader(header())
                .setID(request.getID())
                .setTTL(lease == null ? 0 : lease.ttlSeconds())
                .build();
    }

    /** Tells how long a lease has to live, in whole seconds; -1 if there is no such lease. */
    public LeaseTimeToLiveResponse leaseTimeToLive(LeaseTimeToLiveRequest request) {
        LeaseTimeToLiveResponse.Builder response =
                LeaseTimeToLiveResponse.newBuilder().setHeader(header()).setID(request.getID());
        Leases.Lease lease = leases.find(request.getID());
        if (lease == null) {
            return response.setTTL(-1).build();
        }
        response.setTTL(TimeUnit.NANOSECONDS.toSeconds(lease.expiry() - now)).setGrantedTTL(lease.ttlSeconds());
        if (request.getKeys()) {
            response.addAllKeys(lease.keys());
        }
        return response.build();
    }

    /**
     * Lists the leases, the one that ends first in front.
     *
     * @return on the wire the same as etcd's LeaseLeasesResponse, for which jetcd has no class
     */
    public LeaseRevokeResponse leaseLeases() {
        return Extensions.leases(
                header(), leases.all().stream().map(Leases.Lease::id).toList());
    }

    /** Lists, raises or clears alarms. */
    public AlarmResponse alarm(AlarmRequest request) {
        index++;
        return alarms.answer(request).toBuilder().setHeader(header()).build();
    }

    /** Says how it is. */
    public StatusResponse status() {
        return StatusResponse.newBuilder()
                .setHeader(header())
                .setVersion(VERSION)
                .setDbSize(keys.bytes())
                .setDbSizeInUse(keys.bytes())
                .setLeader(MEMBER)
                .setRaftIndex(index)
                .setRaftAppliedIndex(index)
                .setRaftTerm(TERM)
                .addAllErrors(alarms.asErrors())
                .build();
    }

    /** Opens a stream of watches. */
    public WatchStream watch(WatchListener listener) {
        return watches.open(listener, now);
    }

    /** The last revision that changed something. */
    public long revision() {
        return keys.revision();
    }

    /** The header of an answer that is given now. */
    public ResponseHeader header() {
        return header(keys.revision());
    }

    private ResponseHeader header(long revision) {
        return ResponseHeader.newBuilder()
                .setClusterId(CLUSTER)
                .setMemberId(MEMBER)
                .setRevision(revision)
                .setRaftTerm(TERM)
                .build();
    }

    private Leases.Lease lease(long id) {
        Leases.@Nullable Lease lease = leases.find(id);
        if (lease == null) {
            throw EtcdError.leaseNotFound();
        }
        return lease;
    }

    private void revoke(Leases.Lease lease) {
        write(writing -> {
            lease.keys().forEach(key -> writing.delete(KeyRange.of(key)));
            leases.remove(lease);
            return lease;
        });
    }

    private <T> T write(Function<KeySpace.Writing, T> action) {
        index++;
        KeySpace.Writing writing = keys.write();
        T result = action.apply(writing);
        List<Event> events = writing.finish();
        if (!events.isEmpty()) {
            watches.changed(events);
        }
        return result;
    }
}
