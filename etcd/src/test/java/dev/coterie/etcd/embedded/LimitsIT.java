package dev.coterie.etcd.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.LeaseGrantRequest;
import io.etcd.jetcd.api.LeaseGrpc;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.WatchCreateRequest;
import io.etcd.jetcd.api.WatchProgressRequest;
import io.etcd.jetcd.api.WatchRequest;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/** Where etcd's limits are, the embedded one's are too. */
@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LimitsIT {

    private static final int MEGABYTE = 1 << 20;

    private final BothEtcds etcds = new BothEtcds(true);

    @AfterAll
    void stop() {
        etcds.close();
    }

    @Test
    void a_request_has_at_most_one_and_a_half_megabytes() {
        for (int size : new int[] {MEGABYTE * 3 / 2 - 80, MEGABYTE * 3 / 2, MEGABYTE * 2 - 80, MEGABYTE * 2}) {
            etcds.same(KVGrpc.getPutMethod(), put("large", size));
        }
        assertThat(etcds.same(KVGrpc.getPutMethod(), put("large", MEGABYTE * 3 / 2)))
                .isEqualTo("INVALID_ARGUMENT: etcdserver: request is too large");
        assertThat(etcds.same(KVGrpc.getPutMethod(), put("large", MEGABYTE * 2)))
                .startsWith("RESOURCE_EXHAUSTED: grpc: received message larger than max");
    }

    @Test
    void a_transaction_that_only_reads_may_be_larger_than_one_that_writes() {
        TxnRequest.Builder txn = TxnRequest.newBuilder();
        for (int i = 0; i < 16; i++) {
            txn.addSuccess(RequestOp.newBuilder()
                    .setRequestRange(RangeRequest.newBuilder()
                            .setKey(ByteString.copyFrom(new byte[MEGABYTE / 10]))
                            .setCountOnly(true)));
        }
        assertThat(etcds.same(KVGrpc.getTxnMethod(), txn.build())).contains("succeeded: true");
        txn.addSuccess(RequestOp.newBuilder().setRequestPut(put("small", 1)));
        assertThat(etcds.same(KVGrpc.getTxnMethod(), txn.build())).contains("request is too large");
    }

    @Test
    void a_watch_tells_each_revision_in_a_response_of_its_own() {
        etcds.watch(WatchRequest.newBuilder()
                .setCreateRequest(WatchCreateRequest.newBuilder()
                        .setKey(ByteString.copyFromUtf8("each/"))
                        .setRangeEnd(ByteString.copyFromUtf8("each0"))
                        .setPrevKv(true))
                .build());
        for (int i = 0; i < 20; i++) {
            etcds.same(KVGrpc.getPutMethod(), put("each/" + i % 3, i));
            etcds.same(
                    KVGrpc.getTxnMethod(),
                    TxnRequest.newBuilder()
                            .addSuccess(RequestOp.newBuilder().setRequestPut(put("each/" + i % 3, 0)))
                            .addSuccess(RequestOp.newBuilder().setRequestPut(put("each/last", i)))
                            .build());
        }
        int before = etcds.responses();
        etcds.compareWatches();

        assertThat(etcds.responses() - before).isEqualTo(40);
    }

    @Test
    void progress_is_told_to_whoever_asks() {
        WatchRequest progress = WatchRequest.newBuilder()
                .setProgressRequest(WatchProgressRequest.getDefaultInstance())
                .build();
        int before = etcds.responses();
        etcds.watch(progress);
        etcds.same(KVGrpc.getPutMethod(), put("progress", 1));
        etcds.watch(progress);

        // Each with the mark behind it.
        assertThat(etcds.responses() - before).isEqualTo(4);
    }

    @Test
    void what_a_watch_missed_comes_in_pieces_if_it_can_take_them() {
        long first = etcds.embedded().revision() + 1;
        for (int i = 0; i < 5; i++) {
            etcds.same(KVGrpc.getPutMethod(), put("piece", MEGABYTE));
        }
        WatchCreateRequest watch = WatchCreateRequest.newBuilder()
                .setKey(ByteString.copyFromUtf8("piece"))
                .setStartRevision(first)
                .setUnknownFields(RandomRequests.number(8, 1))
                .build();
        int before = etcds.responses();
        etcds.watch(WatchRequest.newBuilder().setCreateRequest(watch).build());
        etcds.same(KVGrpc.getPutMethod(), put("piece", 1));
        etcds.compareWatches();

        // Created, five pieces of one event, the mark behind the request, and the event that followed.
        assertThat(etcds.responses() - before).isEqualTo(8);
    }

    @Test
    void much_that_a_watch_missed_comes_a_thousand_revisions_at_a_time() {
        long first = etcds.embedded().revision() + 1;
        for (int i = 0; i < 1200; i++) {
            etcds.same(KVGrpc.getPutMethod(), put("many", 1));
        }
        WatchCreateRequest watch = WatchCreateRequest.newBuilder()
                .setKey(ByteString.copyFromUtf8("many"))
                .setStartRevision(first)
                .build();
        etcds.watch(WatchRequest.newBuilder().setCreateRequest(watch).build());
        etcds.same(KVGrpc.getPutMethod(), put("many", 1));
        etcds.compareWatches();
    }

    @Test
    void a_lease_that_ends_takes_its_keys_along_in_one_revision() {
        etcds.same(
                LeaseGrpc.getLeaseGrantMethod(),
                LeaseGrantRequest.newBuilder().setID(77).setTTL(-1).build());
        etcds.watch(WatchRequest.newBuilder()
                .setCreateRequest(WatchCreateRequest.newBuilder()
                        .setKey(ByteString.copyFromUtf8("leased/"))
                        .setRangeEnd(ByteString.copyFromUtf8("leased0"))
                        .setPrevKv(true))
                .build());
        for (String key : new String[] {"leased/b", "leased/a", "leased/c"}) {
            etcds.same(
                    KVGrpc.getPutMethod(),
                    PutRequest.newBuilder()
                            .setKey(ByteString.copyFromUtf8(key))
                            .setLease(77)
                            .build());
        }
        etcds.compareWatches();
        int before = etcds.responses();

        etcds.embedded().advance(Duration.ofSeconds(2));
        etcds.awaitOurs();
        etcds.compareWatches();

        assertThat(etcds.responses() - before).isEqualTo(1);
        assertThat(etcds.same(
                        KVGrpc.getPutMethod(),
                        put("leased/d", 1).toBuilder().setLease(77).build()))
                .isEqualTo("NOT_FOUND: etcdserver: requested lease not found");
    }

    private static PutRequest put(String key, int size) {
        return PutRequest.newBuilder()
                .setKey(ByteString.copyFromUtf8(key))
                .setValue(ByteString.copyFrom(new byte[size]))
                .build();
    }
}
