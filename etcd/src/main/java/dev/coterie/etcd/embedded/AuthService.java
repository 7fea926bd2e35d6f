package dev.coterie.etcd.embedded;

import io.etcd.jetcd.api.AuthDisableRequest;
import io.etcd.jetcd.api.AuthDisableResponse;
import io.etcd.jetcd.api.AuthEnableRequest;
import io.etcd.jetcd.api.AuthEnableResponse;
import io.etcd.jetcd.api.AuthGrpc;
import io.etcd.jetcd.api.AuthRoleGetRequest;
import io.etcd.jetcd.api.AuthRoleGetResponse;
import io.etcd.jetcd.api.AuthRoleListRequest;
import io.etcd.jetcd.api.AuthRoleListResponse;
import io.etcd.jetcd.api.AuthUserGetRequest;
import io.etcd.jetcd.api.AuthUserGetResponse;
import io.etcd.jetcd.api.AuthUserListRequest;
import io.etcd.jetcd.api.AuthUserListResponse;
import io.etcd.jetcd.api.AuthenticateRequest;
import io.etcd.jetcd.api.AuthenticateResponse;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;

/**
 * etcd's service for users and roles, as it answers while authentication is off and nobody was added. Adding users and
 * roles is left unimplemented, so nobody can believe that this etcd protects anything.
 */
final class AuthService extends AuthGrpc.AuthImplBase {

    private final Answers answers;

    AuthService(Answers answers) {
        this.answers = answers;
    }

    @Override
    public void authenticate(AuthenticateRequest request, StreamObserver<AuthenticateResponse> to) {
        answers.one(request, to, same -> {
            throw notAllowed("authentication is not enabled");
        });
    }

    @Override
    public void authEnable(AuthEnableRequest request, StreamObserver<AuthEnableResponse> to) {
        answers.one(request, to, same -> {
            throw notAllowed("root user does not exist");
        });
    }

    @Override
    public void authDisable(AuthDisableRequest request, StreamObserver<AuthDisableResponse> to) {
        answers.one(
                request,
                to,
                same -> AuthDisableResponse.newBuilder()
                        .setHeader(answers.state().header())
                        .build());
    }

    @Override
    public void userList(AuthUserListRequest request, StreamObserver<AuthUserListResponse> to) {
        answers.one(
                request,
                to,
                same -> AuthUserListResponse.newBuilder()
                        .setHeader(answers.state().header())
                        .build());
    }

    @Override
    public void userGet(AuthUserGetRequest request, StreamObserver<AuthUserGetResponse> to) {
        answers.one(request, to, same -> {
            throw notAllowed("user name not found");
        });
    }

    @Override
    public void roleList(AuthRoleListRequest request, StreamObserver<AuthRoleListResponse> to) {
        answers.one(
                request,
                to,
                same -> AuthRoleListResponse.newBuilder()
                        .setHeader(answers.state().header())
                        .build());
    }

    @Override
    public void roleGet(AuthRoleGetRequest request, StreamObserver<AuthRoleGetResponse> to) {
        answers.one(request, to, same -> {
            throw notAllowed("role name not found");
        });
    }

    private static StatusRuntimeException notAllowed(String why) {
        return Status.FAILED_PRECONDITION.withDescription("etcdserver: " + why).asRuntimeException();
    }
}
