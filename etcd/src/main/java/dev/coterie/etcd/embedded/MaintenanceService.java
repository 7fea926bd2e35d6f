package dev.coterie.etcd.embedded;

import io.etcd.jetcd.api.AlarmRequest;
import io.etcd.jetcd.api.AlarmResponse;
import io.etcd.jetcd.api.DefragmentRequest;
import io.etcd.jetcd.api.DefragmentResponse;
import io.etcd.jetcd.api.MaintenanceGrpc;
import io.etcd.jetcd.api.StatusRequest;
import io.etcd.jetcd.api.StatusResponse;
import io.grpc.stub.StreamObserver;

/** etcd's service for operators. Snapshots, hashes and moving the leader are left unimplemented. */
final class MaintenanceService extends MaintenanceGrpc.MaintenanceImplBase {

    private final Answers answers;

    MaintenanceService(Answers answers) {
        this.answers = answers;
    }

    @Override
    public void status(StatusRequest request, StreamObserver<StatusResponse> to) {
        answers.one(request, to, same -> answers.state().status());
    }

    @Override
    public void alarm(AlarmRequest request, StreamObserver<AlarmResponse> to) {
        answers.one(request, to, answers.state()::alarm);
    }

    /** Memory has nothing to defragment. */
    @Override
    public void defragment(DefragmentRequest request, StreamObserver<DefragmentResponse> to) {
        answers.one(
                request,
                to,
                same -> DefragmentResponse.newBuilder()
                        .setHeader(answers.state().header())
                        .build());
    }
}
