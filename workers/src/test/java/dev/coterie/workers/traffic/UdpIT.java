package dev.coterie.workers.traffic;

import static dev.coterie.workers.traffic.Balancing.PATIENCE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.coterie.cluster.concurrent.Backoff;
import dev.coterie.workers.link.Datum;
import dev.coterie.workers.link.Notification;
import dev.coterie.workers.supervisor.SupervisorEvent.Died;
import dev.coterie.workers.supervisor.SupervisorEvent.Forked;
import dev.coterie.workers.supervisor.SupervisorEvent.Listening;
import dev.coterie.workers.supervisor.SupervisorEvent.Warning;
import dev.coterie.workers.supervisor.WorkerProcess;
import java.io.IOException;
import java.net.BindException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class UdpIT {

    private static final BalancerConfig UDP =
            BalancerConfig.of(Protocol.UDP).withHost("127.0.0.1").withPort(0);

    /** A worker that greets, says that it is ready, says what its number says of its arguments, and stays. */
    private static final String NONSENSE = """
            import json, os, socket, struct, sys, time
            link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            link.connect(os.environ["COTERIE_WORKER_SOCKET"])
            def frame(kind, fields):
                content = json.dumps(fields).encode()
                return struct.pack(">I", 1 + len(content)) + kind + content
            hello = frame(b"H", {"id": os.environ["COTERIE_WORKER_ID"], "pid": os.getpid()})
            link.sendall(hello + frame(b"L", {}) + bytes.fromhex(sys.argv[1 + int(sys.argv[1])]))
            time.sleep(600)
            """;

    private static final String REVERSER = "src/test/resources/example/worker.py";

    @TempDir
    private Path logs;

    @Test
    void each_datagram_goes_to_one_worker_in_turn_and_is_answered_and_workers_can_ask() throws IOException {
        try (Balancing test = new Balancing(logs, UDP).ready(2);
                Client client = new Client(test.balancer.port())) {
            assertThat(client.ask("a")).isEqualTo("Test-1 a\n");
            assertThat(client.ask("b")).isEqualTo("Test-2 b\n");
            assertThat(client.ask("c")).isEqualTo("Test-1 c\n");

            test.supervisor.onDelegate(question -> test.supervisor.answer(
                    "price", new TreeMap<>(Map.of("of", question.data().get("of"), "price", 42))));
            client.send("ask tea");
            await().atMost(PATIENCE).until(() -> test.log(2).contains("got {of=tea, price=42}"));
            await().atMost(PATIENCE).until(() -> test.log(1).contains("heard {of=tea, price=42}"));

            test.supervisor.answer("price", new TreeMap<>(Map.of("of", "tea", "price", 43)));
            await().atMost(PATIENCE).until(() -> test.log(2).contains("heard {of=tea, price=43}"));
            client.send("ask salt");
            await().atMost(PATIENCE).until(() -> test.log(1).contains("got {of=salt, price=42}"));
            assertThat(test.log(1)).as("it did not ask for changes of that").doesNotContain("price=43");
            assertThat(test.log(2)).as("nobody named it").doesNotContain("salt");
        }
    }

    @Test
    void datagrams_of_every_size_reach_a_worker() throws IOException {
        try (Balancing test = new Balancing(logs, UDP).ready(2);
                Client client = new Client(test.balancer.port())) {
            // Every one up to what a packet of a usual network takes, then one in 97, and the largest there are.
            int[] sizes = IntStream.concat(
                            IntStream.rangeClosed(8, 1500),
                            IntStream.concat(
                                    IntStream.iterate(1501, size -> size < 65_500, size -> size + 97),
                                    IntStream.rangeClosed(65_500, 65_507)))
                    .toArray();
            for (int size : sizes) {
                assertThat(client.ask("measure " + "x".repeat(size - 8))).isEqualTo(Integer.toString(size));
            }
            assertThatThrownBy(() -> client.send("x".repeat(65_508))).isInstanceOf(IOException.class);
            client.sendNothing();
            await().atMost(PATIENCE).until(() -> test.count("received") == sizes.length + 1);
            assertThat(client.ask("still there")).contains("still there");
        }
    }

    @Test
    void all_workers_are_told_before_a_datum_goes_where_the_application_wants() throws IOException {
        Distribution distribution = new Distribution() {
            @Override
            public Optional<Notification> broadcast(Datum datum) {
                String text = new String(datum.bytes(), UTF_8);
                return Optional.of(new Notification(
                                "control", datum.remote().toString(), Map.of("text", text), Instant.now()))
                        .filter(notification -> text.startsWith("!"));
            }

            @Override
            public WorkerProcess distribute(Datum datum, List<WorkerProcess> workers, Strategy.Choice usual) {
                return workers.get(workers.size() - 1);
            }
        };
        try (Balancing test = new Balancing(logs, UDP, distribution, config -> config.workers(2)).ready(2);
                Client client = new Client(test.balancer.port())) {
            assertThat(client.ask("!now")).isEqualTo("Test-2 !now\n");
            assertThat(client.ask("more")).isEqualTo("Test-2 more\n");
            assertThat(test.log(2)).contains("told control {text=!now}");
            await().atMost(PATIENCE).until(() -> test.log(1).contains("told control {text=!now}"));
            assertThat(test.log(1)).doesNotContain("more");
        }
    }

    @Test
    void nothing_is_lost_when_workers_are_killed_or_replaced_under_load() throws IOException {
        try (Balancing test = new Balancing(logs, UDP).ready(2);
                Client client = new Client(test.balancer.port())) {
            int sent = 6000;
            for (int number = 0; number < sent; number++) {
                client.send("note %04d".formatted(number));
                if (number == 1000) {
                    test.killWorker(1);
                } else if (number == 2500) {
                    test.ready(3).killWorker(2);
                } else if (number == 4000) {
                    test.ready(4).supervisor.roll();
                }
                LockSupport.parkNanos(50_000);
            }
            test.ready(6);
            Set<String> expected =
                    IntStream.range(0, sent).mapToObj("note %04d"::formatted).collect(Collectors.toSet());
            await().atMost(PATIENCE).until(() -> new HashSet<>(test.notes()).equals(expected));
            assertThat(test.count("dropped")).isZero();
            assertThat(test.count("lost")).isZero();
        }
    }

    @Test
    void an_address_sticks_to_its_worker_and_moves_only_if_that_is_gone() throws IOException {
        try (Balancing test = new Balancing(logs, UDP.withStrategy(Strategy.STICKY)).ready(2)) {
            Map<Integer, String> before = answers(test);
            assertThat(new HashSet<>(before.values())).hasSize(2);
            assertThat(answers(test)).isEqualTo(before);

            test.killWorker(1);
            before.forEach((client, worker) -> {
                if (worker.equals("Test-2")) {
                    assertThat(answer(test, client)).isEqualTo(worker);
                }
            });
            test.ready(3);
            assertThat(answers(test))
                    .as("the next process of a worker has its number, and so its addresses")
                    .isEqualTo(before);
        }
    }

    private static Map<Integer, String> answers(Balancing test) {
        return IntStream.rangeClosed(1, 20)
                .boxed()
                .collect(Collectors.toMap(client -> client, client -> answer(test, client)));
    }

    /** Which worker answers an address of this machine. */
    private static String answer(Balancing test, int client) {
        try (Client asking = new Client("127.0.0." + client, test.balancer.port())) {
            return asking.ask("hello").split(" ", 2)[0];
        } catch (IOException failure) {
            throw new java.io.UncheckedIOException(failure);
        }
    }

    @Test
    void what_is_least_loaded_gets_more_and_what_does_not_work_gets_no_more() throws Exception {
        try (Balancing test = new Balancing(logs, UDP.withStrategy(Strategy.LEAST_LOADED)).ready(2);
                Client client = new Client(test.balancer.port())) {
            test.freeze(1);
            client.send("goes to the first one and stays there");
            for (int number = 0; number < 20; number++) {
                assertThat(client.ask("hello")).startsWith("Test-2");
            }
            test.thaw(1);
        }
    }

    @Test
    void chance_spreads_data_over_all() throws IOException {
        try (Balancing test = new Balancing(logs, UDP.withStrategy(Strategy.RANDOM)).ready(2);
                Client client = new Client(test.balancer.port())) {
            Set<String> answers = new HashSet<>();
            for (int number = 0; number < 100; number++) {
                answers.add(client.ask("hello"));
            }
            assertThat(answers).containsExactlyInAnyOrder("Test-1 hello\n", "Test-2 hello\n");
        }
    }

    @Test
    void an_address_that_is_not_known_is_named() {
        assertThatThrownBy(() ->
                        new Balancing(logs, UDP.withHost("nowhere.invalid").withReopen(Optional.empty())))
                .isInstanceOf(IOException.class)
                .hasMessage("host: 'nowhere.invalid' is not known here; write an address, or another name");
    }

    @Test
    void a_datum_that_kills_two_workers_kills_no_third() throws IOException {
        try (Balancing test = new Balancing(logs, UDP).ready(2);
                Client client = new Client(test.balancer.port())) {
            client.send("die");
            await().atMost(PATIENCE).until(() -> test.count("lost") == 1);
            test.ready(4);
            assertThat(test.said(Forked.class)).hasSize(4);
            assertThat(client.ask("still there")).contains("still there");
        }
    }

    @Test
    void one_dead_worker_does_not_keep_a_notification_from_the_others() throws Exception {
        Distribution telling = new Distribution() {
            @Override
            public Optional<Notification> broadcast(Datum datum) {
                return Optional.of(
                        new Notification("control", "test", Map.of("size", datum.bytes().length), Instant.EPOCH));
            }
        };
        try (Balancing test = new Balancing(logs, UDP, telling, config -> config.workers(3)).ready(3);
                Client client = new Client(test.balancer.port())) {
            // The first one is dead as a process, the second one does not listen any more.
            test.killWorker(1);
            test.freeze(2);
            try {
                client.send("hello");
                await().atMost(PATIENCE).until(() -> test.log(3).contains("told control {size=5}"));
            } finally {
                test.thaw(2);
            }
            await().atMost(PATIENCE).until(() -> test.log(2).contains("told control {size=5}"));
        }
    }

    @Test
    void what_a_frozen_worker_is_told_is_bounded_and_the_others_hear_all() throws Exception {
        Distribution telling = new Distribution() {
            @Override
            public Optional<Notification> broadcast(Datum datum) {
                return Optional.of(
                        new Notification("control", "test", Map.of("text", "x".repeat(500_000)), Instant.EPOCH));
            }

            @Override
            public WorkerProcess distribute(Datum datum, List<WorkerProcess> workers, Strategy.Choice usual) {
                return workers.get(1);
            }
        };
        try (Balancing test = new Balancing(logs, UDP, telling, config -> config.workers(2)).ready(2);
                Client client = new Client(test.balancer.port())) {
            test.freeze(1);
            try {
                for (int number = 0; number < 20; number++) {
                    assertThat(client.ask("hello")).isEqualTo("Test-2 hello\n");
                }
                await().atMost(PATIENCE)
                        .untilAsserted(() -> assertThat(test.said(Warning.class))
                                .singleElement()
                                .matches(warning -> warning.text().contains("does not read: 4 MiB wait for it")));
                await().atMost(PATIENCE).until(() -> told(test, 2) == 20);
            } finally {
                test.thaw(1);
            }
            await().atMost(PATIENCE).until(() -> told(test, 1) > 7);
            assertThat(told(test, 1)).isLessThan(20);
        }
    }

    private static long told(Balancing test, int worker) throws IOException {
        return test.log(worker).lines().filter(line -> line.startsWith("told ")).count();
    }

    @Test
    void a_type_of_somebody_else_spreads_by_what_is_in_a_datagram() throws IOException {
        List<String> line = List.of("-protocol", "udp", "-type", "rtcp", "-source-at", "2");
        Distribution rtcp = BalancerFlags.type(BalancerType.all(), line)
                .distribution(BalancerFlags.parse(BalancerType.all(), line));
        try (Balancing test = new Balancing(logs, UDP, rtcp, config -> config.workers(2)).ready(2);
                Client client = new Client(test.balancer.port())) {
            String one = client.ask("ab---1 first").split(" ", 2)[0];
            String other = client.ask("ab---2 first").split(" ", 2)[0];
            assertThat(List.of(one, other)).containsExactlyInAnyOrder("Test-1", "Test-2");
            assertThat(client.ask("xy---2 second")).startsWith(other);
            assertThat(client.ask("xy---1 second")).startsWith(one);
            assertThat(client.ask("xy---1 third")).startsWith(one);
        }
    }

    @Test
    void a_distribution_that_fails_loses_nothing() throws IOException {
        Distribution failing = new Distribution() {
            @Override
            public Optional<Notification> broadcast(Datum datum) {
                throw new IllegalStateException("on purpose");
            }

            @Override
            public WorkerProcess distribute(Datum datum, List<WorkerProcess> workers, Strategy.Choice usual) {
                throw new IllegalStateException("on purpose");
            }
        };
        try (Balancing test = new Balancing(logs, UDP, failing, config -> config.workers(2)).ready(2);
                Client client = new Client(test.balancer.port())) {
            assertThat(client.ask("a")).isEqualTo("Test-1 a\n");
            assertThat(client.ask("b")).isEqualTo("Test-2 b\n");
            assertThat(test.count("distributionFailed")).isEqualTo(4);
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(test.said(Warning.class)).hasSize(1));
        }
    }

    @Test
    void a_worker_that_talks_nonsense_is_replaced_and_the_others_are_served() throws IOException {
        List<String> nonsense = List.of(
                "00000000", // an empty frame
                "7fffffff42", // one of 2 GiB
                "0000000158", // one of a kind that there is not
                "00000003427b5b", // no JSON in it
                "0000000552ffffffff", // a reply that is cut off
                "0000000141"); // it is done with what it never had
        // Each worker but the last talks nonsense once, and stays there as if nothing had happened.
        String script = "n=$COTERIE_WORKER_NUMBER; if [ $n -le %d ] && mkdir %s/once-$n 2>/dev/null;"
                        .formatted(nonsense.size(), logs)
                + " then exec python3 -c \"$0\" $n \"$@\"; fi; exec python3 " + REVERSER;
        List<String> command = new ArrayList<>(List.of("sh", "-c", script, NONSENSE));
        command.addAll(nonsense);
        int workers = nonsense.size() + 1;
        try (Balancing test = new Balancing(
                                logs,
                                UDP,
                                Distribution.USUAL,
                                config -> config.workers(workers).command(command))
                        .ready(workers);
                Client client = new Client(test.balancer.port())) {
            long good = test.worker(workers);
            for (int number = 0; number < 20; number++) {
                assertThat(client.ask("stressed")).isEqualTo("desserts");
            }
            test.ready(workers + nonsense.size());
            assertThat(test.said(Died.class).map(Died::cause))
                    .containsExactlyInAnyOrder(
                            "its link ended: a frame of 0 bytes was announced; 1 to 1048576 are possible",
                            "its link ended: a frame of 2147483647 bytes was announced; 1 to 1048576 are possible",
                            "its link ended: it sent a frame of kind 88",
                            "its link ended: it sent no JSON object: {[",
                            "its link ended: it sent an item is cut off at the end of its frame",
                            "its link ended: it sent a frame that was never sent is done");
            assertThat(test.worker(workers)).isEqualTo(good);
        }
    }

    @Test
    void a_taken_port_is_refused_or_tried_again_later_with_the_same_workers() throws IOException {
        try (DatagramSocket taken = new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
            BalancerConfig config = UDP.withPort(taken.getLocalPort());
            assertThatThrownBy(() -> new Balancing(logs, config.withReopen(Optional.empty())))
                    .isInstanceOf(BindException.class)
                    .hasMessageContaining("port: '" + taken.getLocalPort() + "' on 127.0.0.1 is taken");

            Backoff quick = new Backoff(Duration.ofMillis(200), Duration.ofSeconds(5), 1.5, 0);
            try (Balancing test = new Balancing(logs, config.withReopen(Optional.of(quick))).ready(2);
                    Client client = new Client(config.port())) {
                await().atMost(PATIENCE).until(() -> test.said(Warning.class).count() >= 3);
                assertThat(test.said(Warning.class).map(Warning::text).limit(3))
                        .satisfiesExactly(
                                text -> assertThat(text).endsWith("opened again after 200 ms"),
                                text -> assertThat(text).endsWith("opened again after 300 ms"),
                                text -> assertThat(text).endsWith("opened again after 450 ms"));
                free(taken);
                await().atMost(PATIENCE)
                        .ignoreExceptions()
                        .until(() -> client.ask("a").contains("a"));
                assertThat(test.said(Listening.class)).hasSize(2);
            }
        }
    }

    @Test
    void an_open_socket_that_fails_is_opened_again_later_and_later_with_the_same_workers() throws Exception {
        int port = freePort();
        assumeTrue(canDestroy(), "only root's ss -K, of iproute2, can make an open socket fail");
        Backoff quick = new Backoff(Duration.ofMillis(500), Duration.ofSeconds(5), 1.5, 0);
        try (Balancing test = new Balancing(logs, UDP.withPort(port).withReopen(Optional.of(quick))).ready(2);
                Client client = new Client(port)) {
            assertThat(client.ask("before")).isEqualTo("Test-1 before\n");
            DatagramSocket taken = await().atMost(PATIENCE)
                    .ignoreExceptionsInstanceOf(BindException.class)
                    .until(() -> takeOver(port), socket -> true);
            await().atMost(PATIENCE).until(() -> warnings(test, "is taken").size() >= 2);
            free(taken);
            assertThat(warnings(test, "").get(0)).endsWith("opened again after 500 ms");
            assertThat(warnings(test, "is taken").subList(0, 2))
                    .satisfiesExactly(
                            text -> assertThat(text).endsWith("opened again after 750 ms"),
                            text -> assertThat(text).endsWith("opened again after 1125 ms"));
            awaitAnswer(client);

            int before = warnings(test, "").size();
            assertThat(destroy(port)).isTrue();
            await().atMost(PATIENCE).until(() -> warnings(test, "").size() > before);
            assertThat(warnings(test, "").get(before)).as("it was open").endsWith("opened again after 500 ms");
            awaitAnswer(client);
            assertThat(test.said(Forked.class)).hasSize(2);
        }
    }

    private static List<String> warnings(Balancing test, String part) {
        return test.said(Warning.class)
                .map(Warning::text)
                .filter(text -> text.contains(part))
                .toList();
    }

    private static void awaitAnswer(Client client) {
        await().atMost(PATIENCE)
                .ignoreExceptionsInstanceOf(IOException.class)
                .until(() -> client.ask("still there").endsWith(" still there\n"));
    }

    private static int freePort() throws IOException {
        try (DatagramSocket socket = new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
            return socket.getLocalPort();
        }
    }

    private static boolean canDestroy() throws IOException, InterruptedException {
        try (DatagramSocket socket = new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
            return destroy(socket.getLocalPort());
        }
    }

    /** Has the kernel abort an open socket; whether there was one, and whether it can do that. */
    private static boolean destroy(int port) throws IOException, InterruptedException {
        Process ss = new ProcessBuilder("sh", "-c", "ss -K -u -a -n src 127.0.0.1:" + port)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String destroyed = new String(ss.getInputStream().readAllBytes(), UTF_8);
        return ss.waitFor() == 0 && destroyed.contains(":" + port + " ");
    }

    /** Makes the balancer's socket fail, and takes its port before it can be opened again. */
    private static DatagramSocket takeOver(int port) throws IOException, InterruptedException {
        destroy(port);
        return new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    }

    private static void free(DatagramSocket port) {
        port.close();
    }

    /** Sends datagrams, and waits for answers. */
    private static final class Client implements AutoCloseable {

        private final DatagramSocket socket;

        Client(int port) throws IOException {
            this("127.0.0.1", port);
        }

        Client(String address, int port) throws IOException {
            socket = new DatagramSocket(new InetSocketAddress(address, 0));
            socket.connect(InetAddress.getLoopbackAddress(), port);
            socket.setSoTimeout(20_000);
        }

        void send(String text) throws IOException {
            byte[] bytes = text.getBytes(UTF_8);
            socket.send(new DatagramPacket(bytes, bytes.length));
        }

        /** An empty datagram, which a connected socket of the JDK would not send. */
        void sendNothing() throws IOException {
            try (DatagramSocket other = new DatagramSocket()) {
                other.send(new DatagramPacket(new byte[0], 0, socket.getRemoteSocketAddress()));
            }
        }

        String ask(String text) throws IOException {
            send(text);
            DatagramPacket answer = new DatagramPacket(new byte[65_536], 65_536);
            socket.receive(answer);
            return new String(answer.getData(), 0, answer.getLength(), UTF_8);
        }

        @Override
        public void close() {
            socket.close();
        }
    }
}
