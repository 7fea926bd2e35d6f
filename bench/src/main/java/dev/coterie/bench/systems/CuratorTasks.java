package dev.coterie.bench.systems;

import dev.coterie.bench.peer.Tasks;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.recipes.queue.DistributedQueue;
import org.apache.curator.framework.recipes.queue.MultiItem;
import org.apache.curator.framework.recipes.queue.QueueBuilder;
import org.apache.curator.framework.recipes.queue.QueueConsumer;
import org.apache.curator.framework.recipes.queue.QueuePutListener;
import org.apache.curator.framework.recipes.queue.QueueSerializer;
import org.apache.curator.framework.state.ConnectionState;
import org.jspecify.annotations.Nullable;

/** Two of Curator's distributed queues. That of the tasks has locks, so that a task whose worker dies is taken again. */
final class CuratorTasks implements Tasks {

    private static final QueueSerializer<byte[]> BYTES = new QueueSerializer<>() {
        @Override
        public byte[] serialize(byte[] item) {
            return item;
        }

        @Override
        public byte[] deserialize(byte[] bytes) {
            return bytes;
        }
    };

    private final CuratorFramework client;
    private final String tasks;
    private final String results;
    private final Map<Long, CompletableFuture<Void>> puts = new ConcurrentHashMap<>();
    private @Nullable DistributedQueue<byte[]> out;

    CuratorTasks(CuratorFramework client, String queue) {
        this.client = client;
        this.tasks = "/tasks-" + queue;
        this.results = "/results-" + queue;
    }

    @Override
    public CompletableFuture<?> submit(byte[] task) throws Exception {
        return put(task);
    }

    private CompletableFuture<Void> put(byte[] item) throws Exception {
        if (out == null) {
            throw new IllegalStateException("neither a producer nor a worker");
        }
        CompletableFuture<Void> done = new CompletableFuture<>();
        puts.put(ByteBuffer.wrap(item).getLong(), done);
        out.put(item);
        return done;
    }

    @Override
    public void onResult(Consumer<byte[]> listener) throws Exception {
        queue(QueueBuilder.builder(client, new Consuming(listener), BYTES, results));
        out = putting(QueueBuilder.<byte[]>builder(client, null, BYTES, tasks).lockPath(locks()));
    }

    @Override
    public void work(UnaryOperator<byte[]> function) throws Exception {
        out = putting(QueueBuilder.<byte[]>builder(client, null, BYTES, results));
        Consuming consuming = new Consuming(task -> {
            try {
                put(function.apply(task)).join();
            } catch (Exception failure) {
                throw new IllegalStateException(failure);
            }
        });
        queue(QueueBuilder.builder(client, consuming, BYTES, tasks).lockPath(locks()));
    }

    private String locks() {
        return tasks + "-locks";
    }

    private static DistributedQueue<byte[]> queue(QueueBuilder<byte[]> builder) throws Exception {
        DistributedQueue<byte[]> queue = builder.buildQueue();
        queue.start();
        return queue;
    }

    private DistributedQueue<byte[]> putting(QueueBuilder<byte[]> builder) throws Exception {
        DistributedQueue<byte[]> queue = queue(builder);
        queue.getPutListenerContainer().addListener(new QueuePutListener<>() {
            @Override
            public void putCompleted(byte[] item) {
                CompletableFuture<Void> done = puts.remove(ByteBuffer.wrap(item).getLong());
                if (done != null) {
                    done.complete(null);
                }
            }

            @Override
            public void putMultiCompleted(MultiItem<byte[]> items) {}
        });
        return queue;
    }

    private record Consuming(Consumer<byte[]> consumer) implements QueueConsumer<byte[]> {

        @Override
        public void consumeMessage(byte[] message) {
            consumer.accept(message);
        }

        @Override
        public void stateChanged(CuratorFramework framework, ConnectionState state) {}
    }
}
