package dev.coterie.etcd.state;

import io.etcd.jetcd.api.DeleteRangeRequest;
import io.etcd.jetcd.api.DeleteRangeResponse;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.PutResponse;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.ResponseHeader;
import io.etcd.jetcd.api.ResponseOp;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;

/**
 * Carries out what writes: puts, deletions, and transactions with transactions in them. All conditions are decided and all
 * operations are checked against the state before; only then is anything written, and then nothing can fail.
 */
final class Transactions {

    private final KeySpace keys;
    private final Leases leases;

    Transactions(KeySpace keys, Leases leases) {
        this.keys = keys;
        this.leases = leases;
    }

    /** Throws if a put cannot be done as things stand. */
    void check(PutRequest request) {
        if ((request.getIgnoreValue() || request.getIgnoreLease()) && keys.get(request.getKey()) == null) {
            throw EtcdError.keyNotFound();
        }
        leases.require(request.getLease());
    }

    PutResponse put(KeySpace.Writing writing, PutRequest request) {
        KeyValue before = keys.get(request.getKey());
        KeyValue kept = before == null ? KeyValue.getDefaultInstance() : before;
        long lease = request.getIgnoreLease() ? kept.getLease() : request.getLease();
        long revision =
                writing.put(request.getKey(), request.getIgnoreValue() ? kept.getValue() : request.getValue(), lease);
        leases.attach(request.getKey(), lease);
        PutResponse.Builder response = PutResponse.newBuilder().setHeader(header(revision));
        if (request.getPrevKv() && before != null) {
            response.setPrevKv(before);
        }
        return response.build();
    }

    DeleteRangeResponse delete(KeySpace.Writing writing, DeleteRangeRequest request) {
        List<KeyValue> deleted = writing.delete(KeyRange.of(request.getKey(), request.getRangeEnd()));
        deleted.forEach(keyValue -> leases.attach(keyValue.getKey(), 0));
        DeleteRangeResponse.Builder response = DeleteRangeResponse.newBuilder()
                .setHeader(header(writing.revision()))
                .setDeleted(deleted.size());
        if (request.getPrevKv()) {
            response.addAllPrevKvs(deleted);
        }
        return response.build();
    }

    /**
     * Which branches a transaction takes: its own, then those of the transactions in that branch, in the order in which
     * they are met.
     */
    Queue<Boolean> decide(TxnRequest request) {
        Queue<Boolean> decisions = new ArrayDeque<>();
        decide(request, decisions);
        return decisions;
    }

    private void decide(TxnRequest request, Queue<Boolean> decisions) {
        boolean holds = Reading.hold(keys, request.getCompareList());
        decisions.add(holds);
        branch(request, holds).stream()
                .filter(RequestOp::hasRequestTxn)
                .forEach(operation -> decide(operation.getRequestTxn(), decisions));
    }

    /** Throws if an operation in a branch that is taken cannot be done as things stand: first all puts, then all reads. */
    void check(TxnRequest request, Queue<Boolean> decisions) {
        List<RequestOp> operations = new ArrayList<>();
        collect(request, new ArrayDeque<>(decisions), operations);
        for (RequestOp operation : operations) {
            if (operation.hasRequestPut()) {
                check(operation.getRequestPut());
            }
        }
        for (RequestOp operation : operations) {
            if (operation.hasRequestRange()) {
                check(operation.getRequestRange());
            }
        }
    }

    private static void collect(TxnRequest request, Queue<Boolean> decisions, List<RequestOp> operations) {
        for (RequestOp operation : branch(request, decisions.remove())) {
            if (operation.hasRequestTxn()) {
                collect(operation.getRequestTxn(), decisions, operations);
            } else {
                operations.add(operation);
            }
        }
    }

    private void check(RangeRequest request) {
        if (request.getRevision() > keys.revision()) {
            throw EtcdError.futureRevision();
        }
        // Outside of a transaction a negative revision means now; inside, etcd finds it to be long gone.
        if (request.getRevision() != 0 && request.getRevision() < keys.compacted()) {
            throw EtcdError.compacted();
        }
    }

    /** Does what was decided and checked. */
    TxnResponse apply(KeySpace.Writing writing, TxnRequest request, Queue<Boolean> decisions) {
        boolean holds = decisions.remove();
        TxnResponse.Builder response =
                TxnResponse.newBuilder().setHeader(header(0)).setSucceeded(holds);
        for (RequestOp operation : branch(request, holds)) {
            response.addResponses(apply(writing, operation, decisions));
        }
        return response.build();
    }

    private ResponseOp apply(KeySpace.Writing writing, RequestOp operation, Queue<Boolean> decisions) {
        ResponseOp.Builder response = ResponseOp.newBuilder();
        switch (operation.getRequestCase()) {
            case REQUEST_RANGE ->
                response.setResponseRange(Reading.range(keys, operation.getRequestRange(), writing.revision()));
            case REQUEST_PUT -> response.setResponsePut(put(writing, operation.getRequestPut()));
            case REQUEST_DELETE_RANGE ->
                response.setResponseDeleteRange(delete(writing, operation.getRequestDeleteRange()));
            case REQUEST_TXN -> response.setResponseTxn(apply(writing, operation.getRequestTxn(), decisions));
            case REQUEST_NOT_SET -> throw EtcdError.keyNotFound();
        }
        return response.build();
    }

    private static List<RequestOp> branch(TxnRequest request, boolean holds) {
        return holds ? request.getSuccessList() : request.getFailureList();
    }

    private static ResponseHeader header(long revision) {
        return ResponseHeader.newBuilder().setRevision(revision).build();
    }
}
