package dev.coterie.etcd.embedded;

import io.etcd.jetcd.api.ClusterGrpc;
import io.etcd.jetcd.api.Member;
import io.etcd.jetcd.api.MemberListRequest;
import io.etcd.jetcd.api.MemberListResponse;
import io.etcd.jetcd.api.ResponseHeader;
import io.grpc.stub.StreamObserver;
import java.util.function.Supplier;

/** etcd's service for its members: there is one, and that cannot be changed. */
final class ClusterService extends ClusterGrpc.ClusterImplBase {

    private final Answers answers;
    private final Supplier<String> endpoint;

    ClusterService(Answers answers, Supplier<String> endpoint) {
        this.answers = answers;
        this.endpoint = endpoint;
    }

    @Override
    public void memberList(MemberListRequest request, StreamObserver<MemberListResponse> to) {
        answers.one(request, to, same -> {
            ResponseHeader header = answers.state().header();
            return MemberListResponse.newBuilder()
                    .setHeader(header)
                    .addMembers(Member.newBuilder()
                            .setID(header.getMemberId())
                            .setName("embedded")
                            .addClientURLs(endpoint.get()))
                    .build();
        });
    }
}
