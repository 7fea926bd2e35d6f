package dev.coterie.node.bench;

import dev.coterie.cluster.concurrent.Clock;
import dev.coterie.cluster.store.Change;
import dev.coterie.cluster.store.Entry;
import dev.coterie.cluster.store.KeyValueStore;
import dev.coterie.cluster.store.KeyValueStore.WatchListener;
import dev.coterie.cluster.store.Operation;
import dev.coterie.cluster.store.StoreException;
import dev.coterie.cluster.store.Transaction;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Tasks the plain way, for comparison: a key for each, which a worker finds by its watch and replaces by the result,
 * which the submitter finds by its watch and deletes. It is spared what the other way has to do: both ends are in one
 * process, nothing is sent to it but by etcd, and no worker dies.
 */
final class KeyPerTask {

    private static final int OUTSTANDING = 512;
    private static final String TASKS = "bench/task/";
    private static final String RESULTS = "bench/result/";

    private final KeyValueStore store;
    private final Semaphore room = new Semaphore(OUTSTANDING);

    private KeyPerTask(KeyValueStore store) {
        this.store = store;
    }

    /** Tasks a second. */
    static long measure(KeyValueStore store, Duration duration, String payload) {
        return new KeyPerTask(store).run(duration, payload);
    }

    private long run(Duration duration, String payload) {
        long now = TasksBench.get(store.commit(Transaction.when().then(Operation.put("bench/begin", ""))))
                .revision();
        KeyValueStore.Watch tasks = store.watch(TASKS, now + 1, new Written(this::work));
        KeyValueStore.Watch results = store.watch(RESULTS, now + 1, new Written(this::finish));
        try {
            long start = Clock.system().nanoTime();
            long done = 0;
            while (Clock.system().nanoTime() - start < duration.toNanos()) {
                acquire(1);
                var unused = store.commit(Transaction.when().then(Operation.put(TASKS + done, payload)));
                done++;
            }
            acquire(OUTSTANDING);
            return done * TimeUnit.SECONDS.toNanos(1) / (Clock.system().nanoTime() - start);
        } finally {
            tasks.close();
            results.close();
        }
    }

    private void work(Entry task) {
        String number = task.key().substring(TASKS.length());
        String result = String.valueOf(task.value().length);
        var unused = store.commit(
                Transaction.when().then(Operation.delete(task.key()), Operation.put(RESULTS + number, result)));
    }

    private void finish(Entry result) {
        var unused = store.commit(Transaction.when().then(Operation.delete(result.key())))
                .whenComplete((done, failure) -> room.release());
    }

    private void acquire(int permits) {
        try {
            if (!room.tryAcquire(permits, 30, TimeUnit.SECONDS)) {
                throw new IllegalStateException("no result for 30 s");
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", interrupted);
        }
    }

    private record Written(Consumer<Entry> then) implements WatchListener {

        @Override
        public void changed(long revision, List<Change> changes) {
            for (Change change : changes) {
                if (change instanceof Change.Written written) {
                    then.accept(written.entry());
                }
            }
        }

        @Override
        public void ended(StoreException cause) {
            // The run ends with it: nothing more comes, and the wait for room is bounded.
            System.err.println("The watch ended: " + cause.getMessage());
        }
    }
}
