package dev.coterie.bench.systems;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.MessageProperties;
import dev.coterie.bench.peer.Tasks;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** Two durable queues. */
final class RabbitTasks implements Tasks {

    private static final int PREFETCH = 500;

    private final Channel in;
    private final Confirmed out;
    private final String tasks;
    private final String results;

    RabbitTasks(Connection connection, String queue, String queueType) throws IOException {
        this.tasks = "tasks-" + queue;
        this.results = "results-" + queue;
        this.in = connection.createChannel();
        in.basicQos(PREFETCH);
        in.queueDeclare(tasks, true, false, false, Map.of("x-queue-type", queueType));
        in.queueDeclare(results, true, false, false, Map.of("x-queue-type", queueType));
        this.out = new Confirmed(connection.createChannel());
        out.listen();
    }

    @Override
    public CompletableFuture<?> submit(byte[] task) throws IOException {
        return out.publish(tasks, task);
    }

    @Override
    public void onResult(Consumer<byte[]> listener) throws IOException {
        in.basicConsume(
                results,
                false,
                (tag, delivery) -> {
                    listener.accept(delivery.getBody());
                    acknowledge(delivery.getEnvelope().getDeliveryTag());
                },
                tag -> {});
    }

    @Override
    public void work(UnaryOperator<byte[]> function) throws IOException {
        in.basicConsume(
                tasks,
                false,
                (tag, delivery) -> {
                    var unused = out.publish(results, function.apply(delivery.getBody()))
                            .thenRun(() -> acknowledge(delivery.getEnvelope().getDeliveryTag()));
                },
                tag -> {});
    }

    private void acknowledge(long tag) {
        try {
            synchronized (in) {
                in.basicAck(tag, false);
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** A channel whose publications are confirmed. */
    private static final class Confirmed {

        private final Channel channel;
        private final ConcurrentNavigableMap<Long, CompletableFuture<Void>> open = new ConcurrentSkipListMap<>();

        Confirmed(Channel channel) {
            this.channel = channel;
        }

        void listen() throws IOException {
            channel.confirmSelect();
            channel.addConfirmListener(
                    (tag, multiple) -> take(tag, multiple).forEach(done -> done.complete(null)),
                    (tag, multiple) -> take(tag, multiple)
                            .forEach(done -> done.completeExceptionally(new IOException("refused by the broker"))));
        }

        private List<CompletableFuture<Void>> take(long tag, boolean multiple) {
            Map<Long, CompletableFuture<Void>> these =
                    multiple ? open.headMap(tag, true) : open.subMap(tag, true, tag, true);
            List<CompletableFuture<Void>> taken = List.copyOf(these.values());
            these.clear();
            return taken;
        }

        synchronized CompletableFuture<Void> publish(String queue, byte[] body) throws IOException {
            CompletableFuture<Void> done = new CompletableFuture<>();
            open.put(channel.getNextPublishSeqNo(), done);
            channel.basicPublish("", queue, MessageProperties.PERSISTENT_BASIC, body);
            return done;
        }
    }
}
