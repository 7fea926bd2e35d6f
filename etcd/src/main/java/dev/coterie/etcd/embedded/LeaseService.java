package dev.coterie.etcd.embedded;

import io.etcd.jetcd.api.LeaseGrantRequest;
import io.etcd.jetcd.api.LeaseGrantResponse;
import io.etcd.jetcd.api.LeaseGrpc;
import io.etcd.jetcd.api.LeaseKeepAliveRequest;
import io.etcd.jetcd.api.LeaseKeepAliveResponse;
import io.etcd.jetcd.api.LeaseRevokeRequest;
import io.etcd.jetcd.api.LeaseRevokeResponse;
import io.etcd.jetcd.api.LeaseTimeToLiveRequest;
import io.etcd.jetcd.api.LeaseTimeToLiveResponse;
import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** etcd's service for leases. */
final class LeaseService extends LeaseGrpc.LeaseImplBase {

    private static final Logger log = LoggerFactory.getLogger(LeaseService.class);

    /** Nobody leases a key for longer than this who does not mean it to outlive processes. */
    private static final Duration LONG = Duration.ofHours(1);

    /** Lists all leases. jetcd leaves it out; its empty request and its answer are read as others of the same shape. */
    static final MethodDescriptor<LeaseRevokeRequest, LeaseRevokeResponse> LEASES =
            MethodDescriptor.<LeaseRevokeRequest, LeaseRevokeResponse>newBuilder()
                    .setType(MethodDescriptor.MethodType.UNARY)
                    .setFullMethodName(MethodDescriptor.generateFullMethodName(LeaseGrpc.SERVICE_NAME, "LeaseLeases"))
                    .setRequestMarshaller(ProtoUtils.marshaller(LeaseRevokeRequest.getDefaultInstance()))
                    .setResponseMarshaller(ProtoUtils.marshaller(LeaseRevokeResponse.getDefaultInstance()))
                    .build();

    private final Answers answers;
    private boolean warned;

    LeaseService(Answers answers) {
        this.answers = answers;
    }

    /** The service with the method that jetcd leaves out. */
    ServerServiceDefinition complete() {
        ServerServiceDefinition generated = bindService();
        ServiceDescriptor.Builder descriptor =
                ServiceDescriptor.newBuilder(LeaseGrpc.SERVICE_NAME).addMethod(LEASES);
        generated.getServiceDescriptor().getMethods().forEach(descriptor::addMethod);
        ServerServiceDefinition.Builder complete = ServerServiceDefinition.builder(descriptor.build());
        generated.getMethods().forEach(complete::addMethod);
        return complete.addMethod(LEASES, ServerCalls.asyncUnaryCall(this::leaseLeases))
                .build();
    }

    @Override
    public void leaseGrant(LeaseGrantRequest request, StreamObserver<LeaseGrantResponse> to) {
        answers.one(request, to, answers.state()::leaseGrant);
        if (!warned && request.getTTL() >= LONG.toSeconds()) {
            warned = true;
            log.warn(
                    "A lease of {} s was asked for. This etcd is embedded: whatever hangs on that lease is gone when this "
                            + "JVM ends. Data that matters belongs in a real etcd.",
                    request.getTTL());
        }
    }

    @Override
    public void leaseRevoke(LeaseRevokeRequest request, StreamObserver<LeaseRevokeResponse> to) {
        answers.one(request, to, answers.state()::leaseRevoke);
    }

    @Override
    public void leaseTimeToLive(LeaseTimeToLiveRequest request, StreamObserver<LeaseTimeToLiveResponse> to) {
        answers.one(request, to, answers.state()::leaseTimeToLive);
    }

    private void leaseLeases(LeaseRevokeRequest request, StreamObserver<LeaseRevokeResponse> to) {
        answers.one(request, to, empty -> answers.state().leaseLeases());
    }

    @Override
    public StreamObserver<LeaseKeepAliveRequest> leaseKeepAlive(StreamObserver<LeaseKeepAliveResponse> to) {
        return new StreamObserver<>() {
            @Override
            public void onNext(LeaseKeepAliveRequest request) {
                answers.oneOfMany(request, to, answers.state()::leaseKeepAlive);
            }

            @Override
            public void onError(Throwable gone) {
                // The client has gone; its leases live on until their time is up.
            }

            @Override
            public void onCompleted() {
                answers.whenAnswering(() -> answers.send(to::onCompleted));
            }
        };
    }
}
