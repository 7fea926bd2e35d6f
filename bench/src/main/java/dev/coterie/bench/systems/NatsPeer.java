package dev.coterie.bench.systems;

import dev.coterie.bench.host.Ports;
import dev.coterie.bench.host.Processes;
import dev.coterie.bench.peer.Node;
import dev.coterie.bench.peer.Peer;
import dev.coterie.bench.peer.Server;
import dev.coterie.bench.peer.Tasks;
import io.nats.client.Connection;
import io.nats.client.Dispatcher;
import io.nats.client.JetStream;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import io.nats.client.Nats;
import io.nats.client.Options;
import io.nats.client.api.AckPolicy;
import io.nats.client.api.ConsumerConfiguration;
import io.nats.client.api.RetentionPolicy;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * NATS: its core as the channel; for tasks JetStream, as a work queue in a file with explicit acknowledgements. Version 2.9 of
 * the server acknowledges a publication when it is written to the file, and syncs that every two minutes.
 */
public final class NatsPeer implements Peer {

    @Override
    public Server start(Path dir, Map<String, String> options) throws Exception {
        int port = Ports.free();
        List<String> command = List.of(
                "nats-server",
                "-a",
                "127.0.0.1",
                "-p",
                Integer.toString(port),
                "-js",
                "-sd",
                dir.resolve("js").toString());
        Process process = Processes.server(dir, "nats", "nats-server", Map.of(), command);
        Ports.await(port, process, 20);
        return Server.of("nats://127.0.0.1:" + port, process);
    }

    @Override
    public Node connect(String address, String id, Map<String, String> options) throws Exception {
        Options client = Options.builder().server(address).connectionName(id).build();
        return new NatsNode(Nats.connect(client), id);
    }

    private record NatsNode(Connection connection, String id) implements Node {

        @Override
        public void onMessage(Consumer<byte[]> listener) throws Exception {
            Dispatcher dispatcher = connection.createDispatcher(message -> listener.accept(message.getData()));
            // The client is never to drop what it has.
            dispatcher.setPendingLimits(-1, -1);
            dispatcher.subscribe("to." + id);
            dispatcher.subscribe("all");
            connection.flush(Duration.ofSeconds(10));
        }

        @Override
        public void send(String toId, byte[] message) {
            connection.publish("to." + toId, message);
        }

        @Override
        public void broadcast(byte[] message) {
            connection.publish("all", message);
        }

        @Override
        public void flush() throws IOException {
            connection.flushBuffer();
        }

        @Override
        public Tasks tasks(String queue) throws Exception {
            return new Streams(
                    connection, connection.jetStream(), stream("tasks-" + queue), stream("results-" + queue));
        }

        private String stream(String name) throws IOException, JetStreamApiException {
            JetStreamManagement management = connection.jetStreamManagement();
            try {
                management.addStream(StreamConfiguration.builder()
                        .name(name)
                        .subjects(name)
                        .retentionPolicy(RetentionPolicy.WorkQueue)
                        .storageType(StorageType.File)
                        .build());
                management.addOrUpdateConsumer(
                        name,
                        ConsumerConfiguration.builder()
                                .durable(Streams.CONSUMER)
                                .ackPolicy(AckPolicy.Explicit)
                                .ackWait(Duration.ofSeconds(30))
                                .maxAckPending(5000)
                                .build());
            } catch (JetStreamApiException made) {
                // By another node; if not, this fails.
                management.getStreamInfo(name);
            }
            return name;
        }

        @Override
        public void leave() throws InterruptedException {
            connection.close();
        }
    }

    private record Streams(Connection connection, JetStream stream, String tasks, String results) implements Tasks {

        static final String CONSUMER = "c";

        @Override
        public CompletableFuture<?> submit(byte[] task) {
            return stream.publishAsync(tasks, task);
        }

        @Override
        public void onResult(Consumer<byte[]> listener) throws Exception {
            connection.getStreamContext(results).getConsumerContext(CONSUMER).consume(message -> {
                listener.accept(message.getData());
                message.ack();
            });
        }

        @Override
        public void work(UnaryOperator<byte[]> function) throws Exception {
            connection.getStreamContext(tasks).getConsumerContext(CONSUMER).consume(message -> {
                var unused = stream.publishAsync(results, function.apply(message.getData()))
                        .thenRun(message::ack);
            });
        }
    }
}
