package dev.coterie.etcd.embedded;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import io.etcd.jetcd.api.Compare;
import io.etcd.jetcd.api.DeleteRangeRequest;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.WatchCreateRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;

/** Requests of every kind, sensible ones and others, that a seed decides. */
final class RandomRequests {

    /** At most twelve: etcd sorts longer lists in an order of equals that is an accident of its library. */
    private static final List<ByteString> KEYS = List.of(
            key("a"),
            key("aa"),
            key("ab"),
            key("b"),
            key("b\0"),
            key("c"),
            key("\0"),
            key("services/1"),
            key("services/2"),
            key("z"),
            ByteString.copyFrom(new byte[] {(byte) 0xff}),
            key("ä"));

    private static final List<ByteString> ENDS = List.of(key("\0"), key("b"), key("c"), key("services0"), key("{"));

    private final Random random;
    private long revision = 1;

    RandomRequests(long seed) {
        random = new Random(seed);
    }

    /** The revision that both are at. */
    void revision(long now) {
        revision = now;
    }

    boolean oneIn(int chances) {
        return random.nextInt(chances) == 0;
    }

    int upTo(int most) {
        return random.nextInt(most + 1);
    }

    ByteString key() {
        return oneIn(60) ? ByteString.EMPTY : KEYS.get(random.nextInt(KEYS.size()));
    }

    ByteString rangeEnd() {
        return switch (upTo(5)) {
            case 0, 1, 2 -> ByteString.EMPTY;
            case 3, 4 -> ENDS.get(random.nextInt(ENDS.size()));
            default -> key();
        };
    }

    ByteString value() {
        return switch (upTo(9)) {
            case 0 -> ByteString.EMPTY;
            case 1 -> key("long ".repeat(upTo(20)));
            default -> key("value" + upTo(4));
        };
    }

    long lease() {
        return 1L + upTo(5);
    }

    /** Mostly one that is there, at times one that is not yet or not any more. */
    long revision() {
        return oneIn(8) ? revision + 2 - upTo(4) : Math.max(-2, revision - upTo(40));
    }

    long maybe(Supplier<Long> number) {
        return oneIn(3) ? number.get() : 0;
    }

    PutRequest put() {
        PutRequest.Builder put = PutRequest.newBuilder().setKey(key()).setPrevKv(oneIn(3));
        put.setIgnoreLease(oneIn(8)).setIgnoreValue(oneIn(8));
        if (!put.getIgnoreValue() || oneIn(10)) {
            put.setValue(value());
        }
        if (!put.getIgnoreLease() || oneIn(10)) {
            put.setLease(maybe(this::lease));
        }
        return put.build();
    }

    DeleteRangeRequest delete() {
        return DeleteRangeRequest.newBuilder()
                .setKey(key())
                .setRangeEnd(oneIn(3) ? rangeEnd() : ByteString.EMPTY)
                .setPrevKv(oneIn(2))
                .build();
    }

    RangeRequest range() {
        RangeRequest.Builder range = RangeRequest.newBuilder().setKey(key()).setRangeEnd(rangeEnd());
        range.setRevision(maybe(this::revision)).setLimit(maybe(() -> (long) upTo(5) - 1));
        range.setCountOnly(oneIn(8)).setKeysOnly(oneIn(8)).setSerializable(oneIn(4));
        if (oneIn(3)) {
            range.setSortOrderValue(upTo(2)).setSortTargetValue(upTo(4));
        }
        if (oneIn(4)) {
            range.setMinModRevision(maybe(this::revision)).setMaxModRevision(maybe(this::revision));
            range.setMinCreateRevision(maybe(this::revision)).setMaxCreateRevision(maybe(this::revision));
        }
        return range.build();
    }

    /** Any transaction but one that etcd 3.4 dies of: deleting to the end, and putting with what was deleted. */
    TxnRequest txn() {
        TxnRequest txn = txn(2);
        List<RequestOp> operations = new ArrayList<>();
        collect(txn, operations);
        boolean open = operations.stream()
                .anyMatch(operation ->
                        operation.getRequestDeleteRange().getRangeEnd().equals(key("\0")));
        boolean ignores = operations.stream()
                .map(RequestOp::getRequestPut)
                .anyMatch(put -> put.getIgnoreLease() || put.getIgnoreValue());
        return open && ignores ? txn() : txn;
    }

    private static void collect(TxnRequest txn, List<RequestOp> operations) {
        for (List<RequestOp> branch : List.of(txn.getSuccessList(), txn.getFailureList())) {
            operations.addAll(branch);
            branch.forEach(operation -> collect(operation.getRequestTxn(), operations));
        }
    }

    private TxnRequest txn(int depth) {
        if (oneIn(60)) {
            return tooMany();
        }
        TxnRequest.Builder txn = TxnRequest.newBuilder();
        for (int i = upTo(3); i > 0; i--) {
            txn.addCompare(compare());
        }
        for (int i = upTo(4); i > 0; i--) {
            txn.addSuccess(operation(depth));
        }
        for (int i = upTo(4); i > 0; i--) {
            txn.addFailure(operation(depth));
        }
        return txn.build();
    }

    private TxnRequest tooMany() {
        TxnRequest.Builder txn = TxnRequest.newBuilder();
        int nested = oneIn(2) ? 0 : 3;
        for (int i = 127 - nested + upTo(2); i > 0; i--) {
            txn.addSuccess(RequestOp.newBuilder()
                    .setRequestRange(RangeRequest.newBuilder().setKey(key("many" + i))));
        }
        TxnRequest.Builder inner = TxnRequest.newBuilder();
        for (int i = 0; i < nested; i++) {
            inner.addSuccess(RequestOp.newBuilder()
                    .setRequestRange(RangeRequest.newBuilder().setKey(key("inner" + i))));
        }
        return nested == 0
                ? txn.build()
                : txn.addSuccess(RequestOp.newBuilder().setRequestTxn(inner)).build();
    }

    private RequestOp operation(int depth) {
        RequestOp.Builder operation = RequestOp.newBuilder();
        return switch (upTo(10)) {
            case 0, 1, 2 -> operation.setRequestRange(range()).build();
            case 3, 4 -> operation.setRequestDeleteRange(delete()).build();
            case 5 ->
                depth == 0
                        ? operation.setRequestPut(put()).build()
                        : operation.setRequestTxn(txn(depth - 1)).build();
            case 6 ->
                oneIn(10) ? operation.build() : operation.setRequestPut(put()).build();
            default -> operation.setRequestPut(put()).build();
        };
    }

    private Compare compare() {
        Compare.Builder compare = Compare.newBuilder()
                .setKey(key())
                .setRangeEnd(oneIn(4) ? rangeEnd() : ByteString.EMPTY)
                .setResultValue(upTo(3));
        switch (upTo(5)) {
            case 0 -> compare.setTarget(Compare.CompareTarget.VERSION).setVersion(upTo(3));
            case 1 -> compare.setTarget(Compare.CompareTarget.CREATE).setCreateRevision(maybe(this::revision));
            case 2 -> compare.setTarget(Compare.CompareTarget.MOD).setModRevision(revision());
            case 3 -> compare.setTarget(Compare.CompareTarget.VALUE).setValue(value());
            case 4 -> compare.setTargetValue(4).setUnknownFields(number(8, upTo(6)));
            // A target without the value to compare it with counts as 0.
            default -> compare.setTargetValue(upTo(4));
        }
        return compare.build();
    }

    WatchCreateRequest watch(long start) {
        WatchCreateRequest.Builder watch = WatchCreateRequest.newBuilder()
                .setKey(key())
                .setRangeEnd(rangeEnd())
                .setStartRevision(start)
                .setPrevKv(oneIn(2))
                .setProgressNotify(oneIn(3));
        if (oneIn(6)) {
            watch.addFiltersValue(upTo(1));
        }
        UnknownFieldSet.Builder more = UnknownFieldSet.newBuilder();
        if (oneIn(4)) {
            more.mergeFrom(number(7, upTo(6)));
        }
        if (oneIn(4)) {
            more.mergeFrom(number(8, 1));
        }
        return watch.setUnknownFields(more.build()).build();
    }

    static UnknownFieldSet number(int field, long value) {
        return UnknownFieldSet.newBuilder()
                .addField(
                        field,
                        UnknownFieldSet.Field.newBuilder().addVarint(value).build())
                .build();
    }

    private static ByteString key(String text) {
        return ByteString.copyFromUtf8(text);
    }
}
