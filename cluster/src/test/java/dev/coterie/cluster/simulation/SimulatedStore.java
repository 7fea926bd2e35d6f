package dev.coterie.cluster.simulation;

import dev.coterie.cluster.store.Change;
import dev.coterie.cluster.store.KeyValueStore;
import dev.coterie.cluster.store.Lease;
import dev.coterie.cluster.store.Range;
import dev.coterie.cluster.store.StateCalls;
import dev.coterie.cluster.store.StoreException;
import dev.coterie.cluster.store.StoreException.Kind;
import dev.coterie.cluster.store.Transaction;
import dev.coterie.etcd.state.EtcdError;
import dev.coterie.etcd.state.WatchStream;
import io.etcd.jetcd.api.WatchResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** One process's way to etcd: every message takes its time, and may not arrive. */
final class SimulatedStore implements KeyValueStore {

    private static final Duration DEADLINE = Duration.ofSeconds(2);

    private final World world;
    private final SimulatedEtcd etcd;
    private final SimulatedProcess process;
    private final List<OneWatch> watches = new ArrayList<>();
    private final List<Long> leases = new ArrayList<>();
    private boolean reachesEtcd = true;
    private boolean hearsEtcd = true;

    SimulatedStore(World world, SimulatedEtcd etcd, SimulatedProcess process) {
        this.world = world;
        this.etcd = etcd;
        this.process = process;
        etcd.connect(this);
    }

    /** Cuts the way to etcd, the way back, or both. */
    void cut(boolean there, boolean back) {
        world.note(process.name(), "cut off from etcd:" + (there ? " there" : "") + (back ? " back" : ""));
        reachesEtcd = !there;
        hearsEtcd = !back;
        breakWatches("cut off");
    }

    void heal() {
        world.note(process.name(), "reaches etcd again");
        reachesEtcd = true;
        hearsEtcd = true;
    }

    List<Long> leases() {
        return leases;
    }

    /** The connection breaks; what was on its way on it is lost. */
    void breakWatches(String reason) {
        List<OneWatch> broken = List.copyOf(watches);
        watches.clear();
        broken.forEach(watch -> watch.breakOff(reason));
    }

    @Override
    public CompletableFuture<Page> range(Range range) {
        return call("range", false, () -> StateCalls.range(etcd.state(), range));
    }

    @Override
    public CompletableFuture<Transaction.Result> commit(Transaction transaction) {
        return call("transaction", true, () -> etcd.commit(transaction));
    }

    @Override
    public CompletableFuture<Lease> grant(long id, Duration ttl) {
        return call("grant", true, () -> {
            leases.add(id);
            return StateCalls.grant(etcd.state(), id, ttl);
        });
    }

    @Override
    public CompletableFuture<Lease> refresh(long lease) {
        return call("refresh", false, () -> StateCalls.refresh(etcd.state(), lease));
    }

    @Override
    public CompletableFuture<TimeLeft> timeLeft(long lease) {
        return call("time left", false, () -> StateCalls.timeLeft(etcd.state(), lease));
    }

    @Override
    public CompletableFuture<Void> revoke(long lease) {
        etcd.revoking(process.name(), lease);
        return call("revoke", true, () -> etcd.revoke(lease));
    }

    @Override
    public CompletableFuture<Void> compact(long revision) {
        return call("compact", true, () -> StateCalls.compact(etcd.state(), revision));
    }

    @Override
    public CompletableFuture<Space> space() {
        return call("status", false, () -> StateCalls.space(etcd.state()));
    }

    @Override
    public Watch watch(String prefix, long revision, WatchListener listener) {
        OneWatch watch = new OneWatch(listener);
        watches.add(watch);
        if (arrives()) {
            world.after(etcd.delay(), () -> watch.open(prefix, revision));
        } else {
            watches.remove(watch);
            world.after(between(1, 2000), () -> watch.breakOff("not reached"));
        }
        return watch::close;
    }

    @Override
    public void close() {
        breakWatches("closed");
        etcd.disconnect(this);
    }

    private boolean arrives() {
        return etcd.up() && reachesEtcd;
    }

    private <T> CompletableFuture<T> call(String what, boolean writes, Supplier<T> action) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        Kind unclear = writes ? Kind.OUTCOME_UNKNOWN : Kind.UNAVAILABLE;
        world.after(
                DEADLINE,
                () -> answer.completeExceptionally(new StoreException(unclear, what + ": no answer in time")));
        if (!etcd.up() && world.chance(0.5)) {
            // Nobody listens there, and the client is told so.
            world.after(
                    etcd.delay(),
                    () -> answer.completeExceptionally(new StoreException(Kind.UNAVAILABLE, what + ": refused")));
            return answer;
        }
        // A request that is under way when its client gives up is carried out all the same.
        world.after(etcd.delay(), () -> {
            if (arrives()) {
                answer(what, answer, action);
            }
        });
        return answer;
    }

    private <T> void answer(String what, CompletableFuture<T> answer, Supplier<T> action) {
        Consumer<CompletableFuture<T>> outcome;
        try {
            T value = action.get();
            outcome = future -> future.complete(value);
        } catch (EtcdError refused) {
            outcome = future -> future.completeExceptionally(StateCalls.failure(what, refused));
        } catch (StoreException refused) {
            outcome = future -> future.completeExceptionally(refused);
        }
        etcd.watchTheClock();
        if (hearsEtcd && !etcd.losesAnswer()) {
            Consumer<CompletableFuture<T>> known = outcome;
            world.after(etcd.delay(), () -> known.accept(answer));
        }
    }

    private long between(long leastMillis, long mostMillis) {
        return world.between(Duration.ofMillis(leastMillis), Duration.ofMillis(mostMillis));
    }

    /** One watch on a connection of its own; what it tells arrives in order. */
    private final class OneWatch {

        private final WatchListener listener;
        private WatchStream stream;
        private boolean over;
        private long lastArrival;

        OneWatch(WatchListener listener) {
            this.listener = listener;
        }

        void open(String prefix, long revision) {
            if (over) {
                return;
            }
            stream = etcd.state().watch(this::told);
            stream.request(StateCalls.watch(prefix, revision));
            etcd.watchTheClock();
        }

        private void told(WatchResponse response) {
            if (over || response.getCreated()) {
                return;
            }
            arrive(() -> {
                if (response.getCanceled()) {
                    end(
                            response.getCompactRevision() > 0
                                    ? StoreException.compacted(response.getCompactRevision(), "compacted")
                                    : new StoreException(Kind.REFUSED, response.getCancelReason()));
                } else if (response.getEventsCount() > 0) {
                    List<Change> changes = StateCalls.changes(response.getEventsList());
                    listener.changed(changes.get(changes.size() - 1).revision(), changes);
                } else {
                    listener.changed(response.getHeader().getRevision(), List.of());
                }
            });
        }

        /** Not before what was told earlier, and not at all once the connection has broken. */
        private void arrive(Runnable telling) {
            lastArrival = Math.max(lastArrival, world.now() + etcd.delay());
            world.after(lastArrival - world.now(), () -> {
                if (!over) {
                    process.loop().execute(telling);
                }
            });
        }

        private void end(StoreException cause) {
            watches.remove(this);
            close();
            listener.ended(cause);
        }

        void breakOff(String reason) {
            close();
            // Noticed at once, or only when the connection has been silent for too long.
            world.after(
                    between(0, 5000),
                    () -> process.loop()
                            .execute(() -> listener.ended(new StoreException(Kind.UNAVAILABLE, "watch: " + reason))));
        }

        void close() {
            over = true;
            watches.remove(this);
            if (stream != null) {
                stream.close();
            }
        }
    }
}
