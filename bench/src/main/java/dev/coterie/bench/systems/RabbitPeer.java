package dev.coterie.bench.systems;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import dev.coterie.bench.host.Ports;
import dev.coterie.bench.host.Processes;
import dev.coterie.bench.peer.MissingServer;
import dev.coterie.bench.peer.Node;
import dev.coterie.bench.peer.Peer;
import dev.coterie.bench.peer.Server;
import dev.coterie.bench.peer.Tasks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * RabbitMQ, one broker. Channels are transient queues of one consumer, acknowledged by themselves; tasks are durable ones of
 * persistent messages with confirms and acknowledgements.
 */
public class RabbitPeer implements Peer {

    private static final Path BROKER = Path.of("/usr/lib/rabbitmq/bin/rabbitmq-server");

    /** The same with quorum queues, of one replica here; their log is synced. */
    public static final class Quorum extends RabbitPeer {

        @Override
        String queueType() {
            return "quorum";
        }
    }

    String queueType() {
        return "classic";
    }

    @Override
    public Server start(Path dir, Map<String, String> options) throws Exception {
        if (!Files.isExecutable(BROKER)) {
            throw new MissingServer(BROKER.toString(), "rabbitmq-server");
        }
        int port = Ports.free();
        int mapperPort = Ports.free();
        Files.writeString(
                dir.resolve("rabbitmq.conf"),
                "listeners.tcp.default = 127.0.0.1:" + port + "\nlog.file.level = warning\n");
        Files.writeString(dir.resolve("enabled_plugins"), "[].\n");
        Process mapper = Processes.start(
                dir, "epmd", Map.of(), List.of("epmd", "-address", "127.0.0.1", "-port", Integer.toString(mapperPort)));
        Process broker =
                Processes.start(dir, "rabbitmq", environment(dir, port, mapperPort), List.of(BROKER.toString()));
        Broker server = new Broker("amqp://guest:guest@127.0.0.1:" + port, broker, mapper);
        boolean started = false;
        try {
            Ports.await(port, broker, 60);
            started = true;
        } finally {
            if (!started) {
                server.close();
            }
        }
        return server;
    }

    private static Map<String, String> environment(Path dir, int port, int mapperPort) throws IOException {
        return Map.ofEntries(
                Map.entry("HOME", dir.toString()),
                Map.entry("ERL_EPMD_PORT", Integer.toString(mapperPort)),
                Map.entry("ERL_EPMD_ADDRESS", "127.0.0.1"),
                Map.entry("RABBITMQ_NODENAME", "bench" + port + "@localhost"),
                Map.entry("RABBITMQ_DIST_PORT", Integer.toString(35_000 + Ports.free() % 2500)),
                Map.entry("RABBITMQ_CONFIG_FILE", dir.resolve("rabbitmq.conf").toString()),
                Map.entry("RABBITMQ_MNESIA_BASE", dir.resolve("mnesia").toString()),
                Map.entry("RABBITMQ_LOG_BASE", dir.resolve("log").toString()),
                Map.entry(
                        "RABBITMQ_ENABLED_PLUGINS_FILE",
                        dir.resolve("enabled_plugins").toString()),
                Map.entry("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", "-kernel inet_dist_use_interface {127,0,0,1}"));
    }

    /** The broker, started by a script, and the port mapper that its runtime needs. */
    private record Broker(String address, Process script, Process mapper) implements Server {

        @Override
        public long pid() {
            return script.toHandle()
                    .descendants()
                    .filter(process -> process.info().command().orElse("").contains("beam"))
                    .findFirst()
                    .map(ProcessHandle::pid)
                    .orElse(script.pid());
        }

        @Override
        public void close() {
            Processes.end(script.toHandle());
            Processes.end(mapper.toHandle());
        }
    }

    @Override
    public Node connect(String address, String id, Map<String, String> options) throws Exception {
        ConnectionFactory factory = new ConnectionFactory();
        factory.setUri(address);
        return new RabbitNode(factory.newConnection(id), id, queueType());
    }

    private static final class RabbitNode implements Node {

        private static final String ALL = "all";

        private final Connection connection;
        private final String id;
        private final String queueType;
        private @Nullable Channel out;

        RabbitNode(Connection connection, String id, String queueType) {
            this.connection = connection;
            this.id = id;
            this.queueType = queueType;
        }

        @Override
        public void onMessage(Consumer<byte[]> listener) throws Exception {
            Channel in = connection.createChannel();
            in.exchangeDeclare(ALL, "fanout");
            in.queueDeclare("to-" + id, false, true, true, Map.of());
            in.queueBind("to-" + id, ALL, "");
            in.basicConsume("to-" + id, true, (tag, delivery) -> listener.accept(delivery.getBody()), tag -> {});
        }

        @Override
        public void send(String toId, byte[] message) throws Exception {
            publish("", "to-" + toId, message);
        }

        @Override
        public void broadcast(byte[] message) throws Exception {
            publish(ALL, "", message);
        }

        private synchronized void publish(String exchange, String key, byte[] message) throws IOException {
            if (out == null) {
                out = connection.createChannel();
            }
            out.basicPublish(exchange, key, new AMQP.BasicProperties(), message);
        }

        @Override
        public Tasks tasks(String queue) throws Exception {
            return new RabbitTasks(connection, queue, queueType);
        }

        @Override
        public void leave() throws IOException {
            connection.close();
        }
    }
}
