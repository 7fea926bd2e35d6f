package dev.coterie.etcd.embedded;

import io.etcd.jetcd.api.CompactionRequest;
import io.etcd.jetcd.api.CompactionResponse;
import io.etcd.jetcd.api.DeleteRangeRequest;
import io.etcd.jetcd.api.DeleteRangeResponse;
import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.PutResponse;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import io.grpc.stub.StreamObserver;

/** etcd's service for keys. */
final class KvService extends KVGrpc.KVImplBase {

    private final Answers answers;

    KvService(Answers answers) {
        this.answers = answers;
    }

    @Override
    public void range(RangeRequest request, StreamObserver<RangeResponse> to) {
        answers.one(request, to, answers.state()::range);
    }

    @Override
    public void put(PutRequest request, StreamObserver<PutResponse> to) {
        answers.one(request, to, answers.state()::put);
    }

    @Override
    public void deleteRange(DeleteRangeRequest request, StreamObserver<DeleteRangeResponse> to) {
        answers.one(request, to, answers.state()::deleteRange);
    }

    @Override
    public void txn(TxnRequest request, StreamObserver<TxnResponse> to) {
        answers.one(request, to, answers.state()::txn);
    }

    @Override
    public void compact(CompactionRequest request, StreamObserver<CompactionResponse> to) {
        answers.one(request, to, answers.state()::compact);
    }
}
