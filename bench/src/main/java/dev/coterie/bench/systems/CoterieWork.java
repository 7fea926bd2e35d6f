package dev.coterie.bench.systems;

import dev.coterie.bench.peer.Tasks;
import dev.coterie.bench.peer.Timers;
import dev.coterie.cluster.Cluster;
import dev.coterie.cluster.work.Submitted;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.ObjLongConsumer;
import java.util.function.UnaryOperator;

/** Coterie's tasks and timers: the node that joined first is master, which submits here. */
final class CoterieWork implements Tasks, Timers {

    private static final String TYPE = "bench";
    private static final long PATIENCE = 60;

    private final Cluster cluster;
    private volatile Consumer<byte[]> listener = result -> {};

    CoterieWork(Cluster cluster) {
        this.cluster = cluster;
    }

    @Override
    public CompletableFuture<?> submit(byte[] task) {
        Submitted<byte[]> submitted = cluster.tasks().submit(TYPE, task, byte[].class);
        var unused = submitted.result().thenAccept(result -> listener.accept(result));
        return submitted.accepted().toCompletableFuture();
    }

    @Override
    public void onResult(Consumer<byte[]> nowListener) {
        listener = nowListener;
    }

    @Override
    public void work(UnaryOperator<byte[]> function) {
        cluster.tasks().handle(TYPE, byte[].class, function::apply);
    }

    @Override
    public void schedule(Job job) throws Exception {
        set(job).get(PATIENCE, TimeUnit.SECONDS);
    }

    @Override
    public void scheduleAll(List<Job> jobs) throws Exception {
        List<CompletableFuture<Void>> all = new ArrayList<>();
        jobs.forEach(job -> all.add(set(job)));
        CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).get(PATIENCE, TimeUnit.SECONDS);
    }

    private CompletableFuture<Void> set(Job job) {
        return cluster.timers()
                .set(job.id(), Instant.ofEpochMilli(job.dueMillis()), TYPE, job.dueMillis())
                .toCompletableFuture();
    }

    @Override
    public void onFire(ObjLongConsumer<String> nowListener) {
        cluster.tasks().handle(TYPE, Long.class, (due, run) -> {
            nowListener.accept(run.id(), due);
            return true;
        });
    }
}
