package dev.coterie.etcd.embedded;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.CompactionRequest;
import io.etcd.jetcd.api.DeleteRangeRequest;
import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.LeaseGrantRequest;
import io.etcd.jetcd.api.LeaseGrpc;
import io.etcd.jetcd.api.LeaseRevokeRequest;
import io.etcd.jetcd.api.LeaseTimeToLiveRequest;
import io.etcd.jetcd.api.LeaseTimeToLiveResponse;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.WatchCancelRequest;
import io.etcd.jetcd.api.WatchCreateRequest;
import io.etcd.jetcd.api.WatchRequest;
import java.util.List;
import java.util.stream.Collectors;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A long random sequence of requests, decided by a seed, is put to a real etcd and to the embedded one; every answer, every
 * error, every watch event and every revision must be the same. {@code -Dcoterie.contract.seed=N} repeats a run,
 * {@code -Dcoterie.contract.operations=N} makes it longer.
 */
@Timeout(1800)
class ContractIT {

    private static final Logger log = LoggerFactory.getLogger(ContractIT.class);

    @Test
    void a_real_etcd_and_the_embedded_one_give_the_same_answers() {
        long seed = Long.getLong("coterie.contract.seed", System.nanoTime());
        int operations = Integer.getInteger("coterie.contract.operations", 4000);
        log.info("contract: seed {}, {} operations", seed, operations);
        try (BothEtcds etcds = etcds()) {
            Steps steps = new Steps(etcds, new RandomRequests(seed));
            try {
                for (int i = 0; i < operations; i++) {
                    steps.next();
                }
                etcds.compareWatches();
            } catch (AssertionError | ConditionTimeoutException difference) {
                throw new AssertionError(
                        "seed " + seed + "; the last requests:\n" + etcds.lately() + "\n" + difference.getMessage(),
                        difference);
            }
            log.info(
                    "contract: {} operations and {} watch events compared up to revision {}",
                    operations,
                    etcds.events(),
                    etcds.embedded().revision());
        }
    }

    /** The two that are compared. */
    BothEtcds etcds() {
        return new BothEtcds(false);
    }

    /** One request after the other. */
    private record Steps(BothEtcds etcds, RandomRequests requests) {

        void next() {
            switch (requests.upTo(99)) {
                case 0 -> compact();
                case 1, 2, 3 -> grant();
                case 4 -> etcds.same(LeaseGrpc.getLeaseRevokeMethod(), revoke(requests.lease()));
                case 5 -> keepAlive(requests.lease());
                case 6 -> timeToLive(requests.lease());
                case 7 -> leases();
                case 8, 9 -> watch();
                case 10 ->
                    etcds.watch(WatchRequest.newBuilder()
                            .setCancelRequest(WatchCancelRequest.newBuilder().setWatchId(requests.upTo(12)))
                            .build());
                case 11 -> etcds.compareWatches();
                default -> keys();
            }
            requests.revision(etcds.embedded().revision());
        }

        private void keys() {
            if (requests.oneIn(4)) {
                etcds.same(KVGrpc.getTxnMethod(), requests.txn());
            } else if (requests.oneIn(3)) {
                etcds.same(KVGrpc.getRangeMethod(), requests.range());
            } else if (requests.oneIn(4)) {
                etcds.same(KVGrpc.getDeleteRangeMethod(), requests.delete());
            } else {
                etcds.same(KVGrpc.getPutMethod(), requests.put());
            }
        }

        /** Watches on a real etcd run behind its writes; a compaction must not take away what they still need. */
        private void compact() {
            etcds.compareWatches();
            etcds.same(
                    KVGrpc.getCompactMethod(),
                    CompactionRequest.newBuilder()
                            .setRevision(requests.revision())
                            .setPhysical(true)
                            .build());
        }

        private void grant() {
            if (requests.oneIn(5)) {
                grantAnyId();
                return;
            }
            long ttl = requests.oneIn(8) ? 9_000_000_000L + requests.upTo(1) : 100_000 + requests.upTo(1000);
            etcds.same(
                    LeaseGrpc.getLeaseGrantMethod(),
                    LeaseGrantRequest.newBuilder()
                            .setID(requests.oneIn(10) ? -requests.lease() : requests.lease())
                            .setTTL(ttl)
                            .build());
        }

        /** The server chooses the id, and no two choose the same. */
        private void grantAnyId() {
            etcds.both("grant and revoke", client -> {
                long id = client.ask(
                                LeaseGrpc.getLeaseGrantMethod(),
                                LeaseGrantRequest.newBuilder().setTTL(100_000).build())
                        .getID();
                return (id > 0) + client.say(LeaseGrpc.getLeaseRevokeMethod(), revoke(id));
            });
        }

        private static LeaseRevokeRequest revoke(long id) {
            return LeaseRevokeRequest.newBuilder().setID(id).build();
        }

        private void keepAlive(long lease) {
            etcds.both("keep alive", client -> RawClient.text(client.keepAlive(lease)));
        }

        /** The keys come in no order; on a real clock some seconds may have passed. */
        private void timeToLive(long lease) {
            LeaseTimeToLiveRequest request = LeaseTimeToLiveRequest.newBuilder()
                    .setID(lease)
                    .setKeys(true)
                    .build();
            etcds.both("time to live", client -> {
                LeaseTimeToLiveResponse response = client.ask(LeaseGrpc.getLeaseTimeToLiveMethod(), request);
                List<ByteString> keys = response.getKeysList().stream()
                        .sorted(ByteString.unsignedLexicographicalComparator())
                        .toList();
                boolean recent = response.getGrantedTTL() - response.getTTL() < 1800;
                return RawClient.text(response.toBuilder()
                        .clearKeys()
                        .addAllKeys(keys)
                        .setTTL(recent ? response.getGrantedTTL() : response.getTTL())
                        .build());
            });
        }

        private void leases() {
            etcds.both(
                    "leases",
                    client -> client
                            .ask(LeaseService.LEASES, LeaseRevokeRequest.getDefaultInstance())
                            .getUnknownFields()
                            .getField(2)
                            .getLengthDelimitedList()
                            .stream()
                            .map(ByteString::toStringUtf8)
                            .sorted()
                            .collect(Collectors.joining(", ")));
        }

        /**
         * A watch that starts in the past is behind for a while on a real etcd. A write that it sees shows that it has
         * caught up, so that what follows finds it in the same state.
         */
        private void watch() {
            // Not from below zero: asked for that before its first compaction, etcd 3.4 never tells the watch anything.
            long start = requests.oneIn(2) ? 0 : Math.max(0, requests.revision());
            WatchCreateRequest request = requests.watch(start);
            etcds.watch(WatchRequest.newBuilder().setCreateRequest(request).build());
            if (etcds.lastCreated().getCanceled() || start == 0) {
                return;
            }
            ByteString key = request.getKey().isEmpty() ? ByteString.copyFrom(new byte[1]) : request.getKey();
            etcds.same(
                    KVGrpc.getPutMethod(), PutRequest.newBuilder().setKey(key).build());
            etcds.same(
                    KVGrpc.getDeleteRangeMethod(),
                    DeleteRangeRequest.newBuilder().setKey(key).build());
            etcds.compareWatches();
        }
    }
}
