package dev.coterie.cluster.simulation;

import dev.coterie.cluster.store.StateCalls;
import dev.coterie.cluster.store.Transaction;
import dev.coterie.etcd.state.EtcdState;
import io.etcd.jetcd.api.LeaseTimeToLiveRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.BiConsumer;

/** The one etcd of a world, and what can be wrong with it. */
final class SimulatedEtcd {

    private final World world;
    private final EtcdState state;
    private final List<SimulatedStore> clients = new ArrayList<>();
    private final Set<Long> revoked = new HashSet<>();
    private final BiConsumer<Transaction, Transaction.Result> witness;
    /** Sees who wants to end which lease, when the request leaves. */
    private BiConsumer<String, Long> revocations = (who, lease) -> {};

    private boolean up = true;
    /** The longest a message may take on its way to or from etcd. */
    private Duration slowest = Duration.ofMillis(3);

    private static final double LATE = 0.1;

    /** How likely an answer is lost after the request was carried out. */
    private double answersLost;

    /** How long it was down so far: its leases do not know of that time. */
    private long downtime;

    private long stoppedAt;
    private long nextAdvance = Long.MAX_VALUE;

    /**
     * Creates it.
     *
     * @param witness sees every transaction that was decided
     */
    SimulatedEtcd(World world, BiConsumer<Transaction, Transaction.Result> witness) {
        this.world = world;
        this.witness = witness;
        this.state = new EtcdState(world.now());
    }

    /** The state as of now. */
    EtcdState state() {
        state.advance(world.now() - downtime);
        return state;
    }

    void onRevocation(BiConsumer<String, Long> witness) {
        revocations = witness;
    }

    /** A node asks for the end of a lease. */
    void revoking(String who, long lease) {
        revocations.accept(who, lease);
    }

    void connect(SimulatedStore client) {
        clients.add(client);
    }

    void disconnect(SimulatedStore client) {
        clients.remove(client);
    }

    boolean up() {
        return up;
    }

    /** As when it is killed: all is kept on disk, the leases start anew when it is back. */
    void stop() {
        world.note("etcd", "stops");
        up = false;
        stoppedAt = world.now();
        List.copyOf(clients).forEach(client -> client.breakWatches("etcd went away"));
    }

    void start() {
        world.note("etcd", "starts");
        up = true;
        downtime += world.now() - stoppedAt;
        // etcd gives every lease its whole time again when a leader is elected.
        leases().forEach(lease -> StateCalls.refresh(state(), lease));
        watchTheClock();
    }

    void slow(Duration longest) {
        world.note("etcd", "takes up to " + longest.toMillis() + " ms");
        slowest = longest;
    }

    void loseAnswers(double probability) {
        world.note("etcd", "loses answers: " + probability);
        answersLost = probability;
    }

    boolean losesAnswer() {
        return answersLost > 0 && world.chance(answersLost);
    }

    /** Where answers are lost, some requests come so late that whoever asked has gone on to something else by then. */
    long delay() {
        return answersLost > 0 && world.chance(LATE)
                ? world.between(Duration.ofSeconds(1), Duration.ofSeconds(6))
                : world.between(Duration.ofNanos(100_000), slowest);
    }

    Transaction.Result commit(Transaction transaction) {
        Transaction.Result result = StateCalls.commit(state(), transaction);
        witness.accept(transaction, result);
        return result;
    }

    /** Time passes in etcd only while it runs: it is told of it just before it does something, and when a lease ends. */
    void watchTheClock() {
        OptionalLong next = state.nextEvent();
        if (up && next.isPresent() && next.getAsLong() + downtime < nextAdvance) {
            nextAdvance = next.getAsLong() + downtime;
            world.after(nextAdvance - world.now(), () -> {
                nextAdvance = Long.MAX_VALUE;
                if (up) {
                    state();
                    watchTheClock();
                }
            });
        }
    }

    Void revoke(long lease) {
        revoked.add(lease);
        return StateCalls.revoke(state(), lease);
    }

    /** Whether a lease has run out: it is not there, and nobody has revoked it. */
    boolean ranOut(long lease) {
        return !revoked.contains(lease)
                && up
                && state().leaseTimeToLive(LeaseTimeToLiveRequest.newBuilder()
                                        .setID(lease)
                                        .build())
                                .getTTL()
                        < 0;
    }

    private List<Long> leases() {
        return clients.stream()
                .flatMap(client -> client.leases().stream())
                .filter(lease -> !revoked.contains(lease))
                .filter(lease -> state.leaseTimeToLive(LeaseTimeToLiveRequest.newBuilder()
                                        .setID(lease)
                                        .build())
                                .getTTL()
                        >= 0)
                .toList();
    }
}
