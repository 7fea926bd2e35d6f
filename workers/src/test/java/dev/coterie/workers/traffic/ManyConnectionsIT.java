package dev.coterie.workers.traffic;

import static dev.coterie.workers.traffic.Balancing.PATIENCE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.coterie.workers.TestWorker;
import dev.coterie.workers.link.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Balancers with as many connections as their processes may have, and with more. */
@Timeout(180)
class ManyConnectionsIT {

    /** Answers each line with its process id and the line. */
    private static final String ECHO = """
            import os, selectors, socket
            selector = selectors.DefaultSelector()
            server = socket.create_server(("127.0.0.1", int(os.environ["PORT"])), backlog=4096)
            selector.register(server, selectors.EVENT_READ)
            while True:
                for key, ready in selector.select():
                    if key.fileobj is server:
                        selector.register(server.accept()[0], selectors.EVENT_READ)
                        continue
                    line = key.fileobj.recv(100)
                    if line:
                        key.fileobj.sendall(b"%d %s" % (os.getpid(), line))
                    else:
                        selector.unregister(key.fileobj)
                        key.fileobj.close()
            """;

    /** What a process needs beside its connections, with much to spare. */
    private static final int OTHER_FILES = 200;

    /** As many as a balancer with two workers needs, and some 30 connections. */
    private static final String FEW_FILES = "160";

    @TempDir
    private Path folder;

    private final List<Map<String, Object>> events = new CopyOnWriteArrayList<>();
    private final List<Process> processes = new ArrayList<>();
    private final HttpClient http = HttpClient.newHttpClient();

    @AfterEach
    void end() {
        processes.forEach(Process::destroyForcibly);
    }

    @Test
    void ten_thousand_connections_are_forwarded_at_once() throws Exception {
        // Each takes two descriptors of the balancer. A JVM raises its own soft limit to the hard one.
        String limit = output("ulimit -Hn");
        int count =
                limit.equals("unlimited") ? 10_000 : Math.min(10_000, (Integer.parseInt(limit) - OTHER_FILES) / 4 * 2);
        run(limit, "proxy", "python3", "-c", ECHO);
        awaitEvents("listening", 2);
        List<String> said = new CopyOnWriteArrayList<>();
        Process clients = run(TestWorker.command(ManyClients.class, "" + port("traffic"), "" + count), said::add);

        await().atMost(PATIENCE).until(() -> said.size() == 3);
        assertThat(said)
                .containsExactly("connected", "right: " + count, "shares: [" + count / 2 + ", " + count / 2 + "]");
        assertThat(traffic("connectionsOpen")).isEqualTo(count);
        assertThat(traffic("refused")).isZero();
        System.out.println(count + " connections at once; the limit of open files is " + limit);
        assertThat(Json.number(monitor(), "memory", 0))
                .as("bytes, with a heap of 64 MiB and %s connections", count)
                .isLessThan(256L * 1024 * 1024);
        clients.getOutputStream().close();
        await().atMost(PATIENCE).until(() -> traffic("connectionsOpen") == 0);
        assertThat(said("warning")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"proxy", "tcp_server"})
    void more_connections_than_descriptors_wait_their_turn_and_the_rest_goes_on(String protocol) throws Exception {
        run(
                FEW_FILES,
                protocol.equals("proxy") ? new String[] {protocol, "python3", "-c", ECHO} : new String[] {protocol});
        awaitEvents("listening", 2);
        List<Socket> clients = crowd();
        awaitEvents("warning", 1);
        assertThat(Json.text(said("warning").findFirst().orElseThrow(), "text"))
                .contains("raise the limit", "ulimit -n");
        AtomicLong before = new AtomicLong(Long.MIN_VALUE / 2);
        await("a second in which it has next to nothing to do")
                .pollInterval(Duration.ofSeconds(1))
                .atMost(PATIENCE)
                .until(() -> {
                    long cpu = Json.number(monitor(), "cpu", 0);
                    return cpu - before.getAndSet(cpu) < 250;
                });
        assertThat(traffic("connectionsOpen")).isBetween(10L, 190L);

        output("kill -s HUP " + processes.get(0).pid());
        awaitEvents("listening", 3);

        assertAllAreAnswered(clients, 0);
        await().atMost(PATIENCE).until(() -> traffic("connectionsOpen") == 0);
        awaitEvents("died", 2);
        try (Socket client = connect()) {
            client.getOutputStream().write("again\n".getBytes(UTF_8));
            assertThat(line(client)).endsWith(" again");
        }
        assertThat(said("warning")).hasSize(1);
        assertThat(said("forked")).hasSize(4);
    }

    @Test
    void a_connection_that_waits_for_a_worker_has_all_that_it_will_need() throws Exception {
        Path gate = folder.resolve("gate");
        String waiting = "while [ ! -e \"$0\" ]; do sleep 0.05; done; exec python3 -c \"$1\"";
        run(FEW_FILES, "proxy", "sh", "-c", waiting, gate.toString(), ECHO);
        awaitEvents("forked", 2);
        List<Socket> clients = crowd();
        awaitEvents("warning", 1);
        int held = (int) traffic("connectionsOpen");
        Files.createFile(gate);

        for (int number = 0; number < held; number++) {
            assertThat(line(clients.get(number))).as("while no other is closed").endsWith(" " + number);
        }
        for (Socket client : clients.subList(0, held)) {
            client.close();
        }
        assertAllAreAnswered(clients, held);
        await().atMost(PATIENCE).until(() -> traffic("connectionsOpen") == 0);
        assertThat(traffic("refused")).isZero();
    }

    /** More connections than fit, each of which asks something. */
    private List<Socket> crowd() throws IOException {
        List<Socket> clients = new ArrayList<>();
        for (int number = 0; number < 200; number++) {
            clients.add(connect());
            clients.get(number).getOutputStream().write((number + "\n").getBytes(UTF_8));
        }
        return clients;
    }

    private static void assertAllAreAnswered(List<Socket> clients, int from) throws IOException {
        for (int number = from; number < clients.size(); number++) {
            try (Socket client = clients.get(number)) {
                assertThat(line(client)).endsWith(" " + number);
            }
        }
    }

    private void run(String limit, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(
                List.of("env", "--default-signal=HUP", "sh", "-c", "ulimit -n \"$0\" && exec \"$@\"", limit));
        command.addAll(TestWorker.command(BalancerMain.class, arguments));
        run(command, line -> events.add(Json.object(line)));
        awaitEvents("ports", 1);
    }

    private Process run(List<String> command, Consumer<String> lines) throws IOException {
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        processes.add(process);
        Thread reader = new Thread(() -> {
            try (BufferedReader said = reader(process.getInputStream())) {
                said.lines().forEach(lines);
            } catch (IOException | java.io.UncheckedIOException closed) {
                // With the process.
            }
        });
        reader.setDaemon(true);
        reader.start();
        return process;
    }

    private Stream<Map<String, Object>> said(String event) {
        return events.stream().filter(one -> event.equals(one.get("event")));
    }

    private void awaitEvents(String event, int times) {
        await(event).atMost(PATIENCE).until(() -> said(event).count() >= times);
    }

    private int port(String of) {
        return (int) Json.number(said("ports").findFirst().orElseThrow(), of, 0);
    }

    private Map<String, Object> monitor() throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port("monitor") + "/workers"))
                .timeout(Duration.ofSeconds(30))
                .build();
        return Json.object(
                http.send(request, HttpResponse.BodyHandlers.ofString()).body());
    }

    private long traffic(String count) throws IOException, InterruptedException {
        return monitor().get("traffic") instanceof Map<?, ?> counts && counts.get(count) instanceof Number number
                ? number.longValue()
                : -1;
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port("traffic"));
        socket.setSoTimeout(60_000);
        return socket;
    }

    private static String line(Socket socket) throws IOException {
        return reader(socket.getInputStream()).readLine();
    }

    private static BufferedReader reader(InputStream bytes) {
        return new BufferedReader(new InputStreamReader(bytes, UTF_8));
    }

    /** What a script says. */
    private static String output(String script) throws IOException, InterruptedException {
        Process shell = new ProcessBuilder("sh", "-c", script).start();
        String said = new String(shell.getInputStream().readAllBytes(), UTF_8).strip();
        assertThat(shell.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return said;
    }
}
