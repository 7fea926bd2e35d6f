package dev.coterie.cluster.store;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import dev.coterie.cluster.store.StoreException.Kind;
import io.etcd.jetcd.api.Compare;
import io.etcd.jetcd.api.Compare.CompareResult;
import io.etcd.jetcd.api.Compare.CompareTarget;
import io.etcd.jetcd.api.DeleteRangeRequest;
import io.etcd.jetcd.api.Event;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.LeaseTimeToLiveResponse;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.ResponseOp;
import io.etcd.jetcd.api.StatusResponse;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import io.etcd.jetcd.api.WatchCreateRequest;
import io.etcd.jetcd.api.WatchRequest;
import java.time.Duration;
import java.util.List;

/** Turns what Coterie says into etcd's messages, and back. */
final class EtcdMessages {

    /** A part of etcd's comparison that jetcd's definitions leave out: what a key hangs on, by etcd's own numbers. */
    private static final int TARGET_LEASE = 4;

    private static final int COMPARE_LEASE = 8;

    private EtcdMessages() {}

    static RangeRequest range(Range range) {
        return RangeRequest.newBuilder()
                .setKey(ByteString.copyFromUtf8(range.from()))
                .setRangeEnd(ByteString.copyFromUtf8(range.end()))
                .setLimit(range.limit())
                .setRevision(range.revision())
                .build();
    }

    static KeyValueStore.Page page(RangeResponse response, long revisionAskedFor) {
        long revision =
                revisionAskedFor > 0 ? revisionAskedFor : response.getHeader().getRevision();
        return new KeyValueStore.Page(revision, entries(response), response.getMore());
    }

    static TxnRequest transaction(Transaction transaction) {
        TxnRequest.Builder request = TxnRequest.newBuilder();
        transaction.conditions().forEach(condition -> request.addCompare(compare(condition)));
        transaction.then().forEach(operation -> request.addSuccess(request(operation)));
        transaction.otherwise().forEach(operation -> request.addFailure(request(operation)));
        return request.build();
    }

    static Transaction.Result result(TxnResponse response) {
        List<List<Entry>> reads =
                response.getResponsesList().stream().map(EtcdMessages::read).toList();
        return new Transaction.Result(
                response.getSucceeded(), response.getHeader().getRevision(), reads);
    }

    static WatchRequest watch(String prefix, long revision) {
        Range range = Range.prefix(prefix);
        return WatchRequest.newBuilder()
                .setCreateRequest(WatchCreateRequest.newBuilder()
                        .setKey(ByteString.copyFromUtf8(range.from()))
                        .setRangeEnd(ByteString.copyFromUtf8(range.end()))
                        .setStartRevision(revision)
                        .setProgressNotify(true))
                .build();
    }

    static KeyValueStore.TimeLeft timeLeft(LeaseTimeToLiveResponse response) {
        if (response.getTTL() < 0) {
            throw new StoreException(Kind.LEASE_NOT_FOUND, "etcd: lease " + response.getID() + " is gone");
        }
        return new KeyValueStore.TimeLeft(
                Duration.ofSeconds(response.getTTL()), Duration.ofSeconds(response.getGrantedTTL()));
    }

    static KeyValueStore.Space space(StatusResponse response) {
        return new KeyValueStore.Space(response.getDbSize(), response.getDbSizeInUse());
    }

    static EtcdStatus status(StatusResponse response) {
        return new EtcdStatus(
                response.getVersion(),
                response.getLeader() != 0,
                response.getIsLearner(),
                space(response),
                response.getErrorsList());
    }

    static Change change(Event event) {
        KeyValue keyValue = event.getKv();
        return event.getType() == Event.EventType.DELETE
                ? new Change.Deleted(keyValue.getKey().toStringUtf8(), keyValue.getModRevision())
                : new Change.Written(entry(keyValue));
    }

    private static List<Entry> read(ResponseOp response) {
        return response.hasResponseRange() ? entries(response.getResponseRange()) : List.of();
    }

    private static List<Entry> entries(RangeResponse response) {
        return response.getKvsList().stream().map(EtcdMessages::entry).toList();
    }

    private static Entry entry(KeyValue keyValue) {
        return new Entry(
                keyValue.getKey().toStringUtf8(),
                keyValue.getValue().toByteArray(),
                keyValue.getCreateRevision(),
                keyValue.getModRevision(),
                keyValue.getVersion(),
                keyValue.getLease());
    }

    private static Compare compare(Condition condition) {
        Compare.Builder compare =
                Compare.newBuilder().setResult(CompareResult.EQUAL).setKey(ByteString.copyFromUtf8(condition.key()));
        if (condition instanceof Condition.Created created) {
            compare.setTarget(CompareTarget.CREATE).setCreateRevision(created.revision());
        } else if (condition instanceof Condition.Modified modified) {
            compare.setTarget(CompareTarget.MOD).setModRevision(modified.revision());
        } else if (condition instanceof Condition.Valued valued) {
            compare.setTarget(CompareTarget.VALUE).setValue(ByteString.copyFrom(valued.value()));
        } else if (condition instanceof Condition.NoneOn none) {
            compare.setTargetValue(TARGET_LEASE)
                    .setResult(CompareResult.NOT_EQUAL)
                    .setRangeEnd(
                            ByteString.copyFromUtf8(Range.prefix(none.key()).end()))
                    .setUnknownFields(UnknownFieldSet.newBuilder()
                            .addField(
                                    COMPARE_LEASE,
                                    UnknownFieldSet.Field.newBuilder()
                                            .addVarint(none.lease())
                                            .build())
                            .build());
        } else {
            compare.setTarget(CompareTarget.CREATE)
                    .setResult(CompareResult.NOT_EQUAL)
                    .setCreateRevision(0);
        }
        return compare.build();
    }

    private static RequestOp request(Operation operation) {
        RequestOp.Builder request = RequestOp.newBuilder();
        if (operation instanceof Operation.Put put) {
            request.setRequestPut(PutRequest.newBuilder()
                    .setKey(ByteString.copyFromUtf8(put.key()))
                    .setValue(ByteString.copyFrom(put.value()))
                    .setLease(put.lease()));
        } else if (operation instanceof Operation.Delete delete) {
            request.setRequestDeleteRange(deletion(Range.key(delete.key())));
        } else if (operation instanceof Operation.DeletePrefix delete) {
            request.setRequestDeleteRange(deletion(Range.prefix(delete.prefix())));
        } else if (operation instanceof Operation.Read read) {
            request.setRequestRange(range(read.range()));
        }
        return request.build();
    }

    private static DeleteRangeRequest deletion(Range range) {
        return DeleteRangeRequest.newBuilder()
                .setKey(ByteString.copyFromUtf8(range.from()))
                .setRangeEnd(ByteString.copyFromUtf8(range.end()))
                .build();
    }
}
