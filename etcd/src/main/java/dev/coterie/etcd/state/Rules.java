package dev.coterie.etcd.state;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Message;
import io.etcd.jetcd.api.Compare;
import io.etcd.jetcd.api.DeleteRangeRequest;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What a request must be like, whatever the state: the checks that etcd makes before it asks the other members. */
final class Rules {

    /** etcd's default {@code --max-request-bytes}. */
    static final int MAX_REQUEST = 3 << 19;

    /** etcd's default {@code --max-txn-ops}. */
    static final int MAX_OPERATIONS = 128;

    /** What etcd wraps around a request before it looks at the size: a request id, and the request's kind and length. */
    private static final int ENVELOPE = 14;

    private Rules() {}

    static void check(RangeRequest request) {
        requireKey(request.getKey());
    }

    static void check(PutRequest request) {
        requireKey(request.getKey());
        if (request.getIgnoreValue() && !request.getValue().isEmpty()) {
            throw EtcdError.valueProvided();
        }
        if (request.getIgnoreLease() && request.getLease() != 0) {
            throw EtcdError.leaseProvided();
        }
    }

    static void check(DeleteRangeRequest request) {
        requireKey(request.getKey());
    }

    static void check(TxnRequest request) {
        check(request, MAX_OPERATIONS);
        Writes.of(request.getSuccessList());
        Writes.of(request.getFailureList());
    }

    /** Only what changes something has to fit: it is what the members send each other. */
    static void checkSize(Message request) {
        int size = request.getSerializedSize();
        if (size + ENVELOPE + CodedOutputStream.computeUInt32SizeNoTag(size) > MAX_REQUEST) {
            throw EtcdError.requestTooLarge();
        }
    }

    /** Whether a transaction has nothing but reads in either branch. */
    static boolean onlyReads(TxnRequest request) {
        return request.getSuccessList().stream().allMatch(RequestOp::hasRequestRange)
                && request.getFailureList().stream().allMatch(RequestOp::hasRequestRange);
    }

    private static void check(TxnRequest request, int most) {
        int operations =
                Math.max(request.getCompareCount(), Math.max(request.getSuccessCount(), request.getFailureCount()));
        if (operations > most) {
            throw EtcdError.tooManyOperations();
        }
        for (Compare compare : request.getCompareList()) {
            requireKey(compare.getKey());
        }
        request.getSuccessList().forEach(operation -> check(operation, most - operations));
        request.getFailureList().forEach(operation -> check(operation, most - operations));
    }

    private static void check(RequestOp operation, int most) {
        switch (operation.getRequestCase()) {
            case REQUEST_RANGE -> check(operation.getRequestRange());
            case REQUEST_PUT -> check(operation.getRequestPut());
            case REQUEST_DELETE_RANGE -> check(operation.getRequestDeleteRange());
            case REQUEST_TXN -> check(operation.getRequestTxn(), most);
            case REQUEST_NOT_SET -> throw EtcdError.keyNotFound();
        }
    }

    private static void requireKey(ByteString key) {
        if (key.isEmpty()) {
            throw EtcdError.emptyKey();
        }
    }

    /** What a list of operations writes: no key may be put twice, or put and deleted. */
    private record Writes(Set<ByteString> puts, List<KeyRange> deletions) {

        static Writes of(List<RequestOp> operations) {
            Writes writes = new Writes(new HashSet<>(), new ArrayList<>());
            for (RequestOp operation : operations) {
                if (operation.hasRequestDeleteRange()) {
                    writes.deletions.add(range(operation.getRequestDeleteRange()));
                }
            }
            for (RequestOp operation : operations) {
                if (operation.hasRequestTxn()) {
                    writes.addNested(operation.getRequestTxn());
                }
            }
            for (RequestOp operation : operations) {
                if (operation.hasRequestPut()) {
                    writes.addPut(operation.getRequestPut().getKey());
                }
            }
            return writes;
        }

        /** Only one of the branches will be taken, so that both may put the same key. */
        private void addNested(TxnRequest nested) {
            Writes then = of(nested.getSuccessList());
            Writes otherwise = of(nested.getFailureList());
            then.puts.forEach(this::addPut);
            for (ByteString key : otherwise.puts) {
                if (!then.puts.contains(key)) {
                    addPut(key);
                }
            }
            deletions.addAll(then.deletions);
            deletions.addAll(otherwise.deletions);
        }

        private void addPut(ByteString key) {
            if (deletions.stream().anyMatch(range -> range.contains(key)) || !puts.add(key)) {
                throw EtcdError.duplicateKey();
            }
        }

        /** As etcd 3.4 does, the mark for "no end" is taken literally here: such a deletion forbids nothing. */
        private static KeyRange range(DeleteRangeRequest request) {
            return new KeyRange(request.getKey(), request.getRangeEnd().isEmpty() ? null : request.getRangeEnd());
        }
    }
}
