package dev.coterie.etcd.embedded;

import dev.coterie.etcd.state.WatchStream;
import io.etcd.jetcd.api.CampaignRequest;
import io.etcd.jetcd.api.CampaignResponse;
import io.etcd.jetcd.api.ElectionGrpc;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.LeaderKey;
import io.etcd.jetcd.api.LeaderRequest;
import io.etcd.jetcd.api.LeaderResponse;
import io.etcd.jetcd.api.ProclaimRequest;
import io.etcd.jetcd.api.ProclaimResponse;
import io.etcd.jetcd.api.ResignRequest;
import io.etcd.jetcd.api.ResignResponse;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import org.jspecify.annotations.Nullable;

/** etcd's service for elections. */
final class ElectionService extends ElectionGrpc.ElectionImplBase {

    private final Answers answers;

    ElectionService(Answers answers) {
        this.answers = answers;
    }

    @Override
    public void campaign(CampaignRequest request, StreamObserver<CampaignResponse> to) {
        Turn<CampaignResponse> turn = new Turn<>(
                answers,
                new Line(answers.state(), request.getName()),
                (ServerCallStreamObserver<CampaignResponse>) to,
                (place, lease) -> CampaignResponse.newBuilder()
                        .setHeader(answers.state().header())
                        .setLeader(LeaderKey.newBuilder()
                                .setName(request.getName())
                                .setKey(place.getKey())
                                .setRev(place.getCreateRevision())
                                .setLease(lease))
                        .build());
        answers.whenAnswering(() -> turn.begin(request.getLease(), request.getValue(), true));
    }

    @Override
    public void proclaim(ProclaimRequest request, StreamObserver<ProclaimResponse> to) {
        answers.one(request, to, same -> {
            LeaderKey leader = required(request.hasLeader() ? request.getLeader() : null);
            Line line = new Line(answers.state(), leader.getName());
            if (!line.holds(leader.getKey(), leader.getRev())) {
                throw failure("election: not leader");
            }
            line.put(leader.getKey(), request.getValue(), leader.getLease());
            return ProclaimResponse.newBuilder()
                    .setHeader(answers.state().header())
                    .build();
        });
    }

    @Override
    public void leader(LeaderRequest request, StreamObserver<LeaderResponse> to) {
        answers.one(request, to, same -> {
            KeyValue leader = new Line(answers.state(), request.getName())
                    .first()
                    .orElseThrow(() -> failure("election: no leader"));
            return LeaderResponse.newBuilder()
                    .setHeader(answers.state().header())
                    .setKv(leader)
                    .build();
        });
    }

    @Override
    public void resign(ResignRequest request, StreamObserver<ResignResponse> to) {
        answers.one(request, to, same -> {
            LeaderKey leader = required(request.hasLeader() ? request.getLeader() : null);
            new Line(answers.state(), leader.getName()).leave(leader.getKey(), leader.getRev());
            return ResignResponse.newBuilder()
                    .setHeader(answers.state().header())
                    .build();
        });
    }

    @Override
    public void observe(LeaderRequest request, StreamObserver<LeaderResponse> to) {
        Observer observer = new Observer(
                new Line(answers.state(), request.getName()), (ServerCallStreamObserver<LeaderResponse>) to);
        answers.whenAnswering(observer::begin);
    }

    private static LeaderKey required(@Nullable LeaderKey leader) {
        if (leader == null) {
            throw failure("\"leader\" field must be provided");
        }
        return leader;
    }

    /** etcd gives these no code of their own. */
    private static StatusRuntimeException failure(String text) {
        return Status.UNKNOWN.withDescription(text).asRuntimeException();
    }

    /** Tells a client who leads, again and again. */
    private final class Observer {

        private final Line line;
        private final ServerCallStreamObserver<LeaderResponse> to;
        private @Nullable WatchStream changes;
        private long told;

        Observer(Line line, ServerCallStreamObserver<LeaderResponse> to) {
            this.line = line;
            this.to = to;
            to.setOnCancelHandler(this::end);
        }

        void begin() {
            changes = line.watch(() -> answers.soon(this::look));
            look();
        }

        private void look() {
            line.first().filter(leader -> leader.getModRevision() != told).ifPresent(leader -> {
                told = leader.getModRevision();
                LeaderResponse response = LeaderResponse.newBuilder()
                        .setHeader(answers.state().header())
                        .setKv(leader)
                        .build();
                answers.send(() -> {
                    if (!to.isCancelled()) {
                        to.onNext(response);
                    }
                });
            });
        }

        private void end() {
            if (changes != null) {
                changes.close();
            }
        }
    }
}
