package example;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.coterie.workers.TestWorker;
import dev.coterie.workers.supervisor.Supervisor;
import dev.coterie.workers.supervisor.SupervisorConfig;
import dev.coterie.workers.traffic.BalancerConfig;
import dev.coterie.workers.traffic.Distribution;
import dev.coterie.workers.traffic.LoadBalancer;
import dev.coterie.workers.traffic.Protocol;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.BindException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The examples, as processes of their own. */
@Timeout(120)
class ExamplesIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final List<String> said = new CopyOnWriteArrayList<>();
    private Process process;
    private int port;

    @AfterEach
    void end() throws InterruptedException {
        if (process != null) {
            process.toHandle().destroy();
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        }
    }

    @Test
    void rtcp_packets_are_decoded() throws IOException {
        start(Decoder.class);
        byte[] report = {(byte) 0x81, (byte) 200, 0, 12, 0, 0, 1, 2};
        await().atMost(PATIENCE).untilAsserted(() -> {
            sendDatagram(report);
            assertThat(said)
                    .contains("Decoder-1: version 2, type 200, 52 bytes, from source 258")
                    .contains("Decoder-2: version 2, type 200, 52 bytes, from source 258");
        });
        sendDatagram(new byte[3]);
        await().atMost(PATIENCE).until(() -> said.stream().anyMatch(line -> line.endsWith("no RTCP packet: 3 bytes")));
    }

    @Test
    void lines_are_echoed() throws IOException {
        start(EchoServer.class);
        await().atMost(PATIENCE).ignoreExceptions().until(() -> echo("hello").matches("Echo-[12] heard hello"));
    }

    @Test
    void no_request_fails_while_web_servers_are_replaced_under_load() throws Exception {
        start(WebServer.class);
        HttpClient http = HttpClient.newHttpClient();
        await().atMost(PATIENCE).ignoreExceptions().until(() -> get(http).contains("I am Web"));
        Set<Long> before = workers();
        AtomicBoolean over = new AtomicBoolean();
        AtomicInteger answers = new AtomicInteger();
        List<Throwable> failures = new CopyOnWriteArrayList<>();
        List<Thread> clients = new java.util.ArrayList<>();
        for (int client = 0; client < 8; client++) {
            // Half of them keep their connections alive, half make one for each request.
            boolean keepAlive = client % 2 == 0;
            Thread thread = new Thread(() -> load(keepAlive ? http : null, over, answers, failures));
            thread.start();
            clients.add(thread);
        }
        new ProcessBuilder("sh", "-c", "kill -s HUP " + process.pid()).start().waitFor();
        await().atMost(PATIENCE)
                .until(() -> workers().size() == 2 && workers().stream().noneMatch(before::contains));
        over.set(true);
        for (Thread client : clients) {
            client.join();
        }
        assertThat(failures).isEmpty();
        assertThat(answers.get()).isGreaterThan(100);
    }

    private void load(HttpClient shared, AtomicBoolean over, AtomicInteger answers, List<Throwable> failures) {
        while (!over.get()) {
            try {
                String answer = shared == null ? getOnce() : get(shared);
                if (!answer.contains("I am Web")) {
                    throw new IOException(
                            (shared == null ? "a connection of its own: '" : "kept alive: '") + answer + "'");
                }
                answers.incrementAndGet();
            } catch (IOException | InterruptedException failure) {
                failures.add(failure);
            }
        }
    }

    @Test
    void a_worker_may_be_a_script_in_python() throws Exception {
        Path script = Path.of("src/test/resources/example/worker.py");
        try (Supervisor supervisor = new Supervisor(SupervisorConfig.with()
                        .command(List.of("python3", script.toString()))
                        .workers(2)
                        .build());
                DatagramSocket socket =
                        new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
            BalancerConfig udp =
                    BalancerConfig.of(Protocol.UDP).withHost("127.0.0.1").withPort(0);
            int where = LoadBalancer.open(udp, Distribution.USUAL, supervisor).port();
            supervisor.start();
            socket.setSoTimeout(30_000);
            for (String text : List.of("stressed", "parts", "x".repeat(60_000) + "y")) {
                byte[] bytes = text.getBytes(UTF_8);
                socket.send(new DatagramPacket(bytes, bytes.length, InetAddress.getLoopbackAddress(), where));
                DatagramPacket answer = new DatagramPacket(new byte[65_536], 65_536);
                socket.receive(answer);
                assertThat(new String(answer.getData(), 0, answer.getLength(), UTF_8))
                        .isEqualTo(new StringBuilder(text).reverse().toString());
            }
            await().atMost(PATIENCE)
                    .until(() -> supervisor.workers().stream()
                                    .mapToLong(worker -> worker.received())
                                    .sum()
                            == 3);
        }
    }

    private void start(Class<?> example) throws IOException {
        port = freePort();
        // A test that runs under nohup would pass on that SIGHUP is ignored.
        List<String> command = new java.util.ArrayList<>(List.of("env", "--default-signal=HUP"));
        command.addAll(TestWorker.command(example, "" + port));
        process = new ProcessBuilder(command).redirectErrorStream(true).start();
        Thread reader = new Thread(() -> {
            try (BufferedReader lines = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
                lines.lines().forEach(said::add);
            } catch (IOException | java.io.UncheckedIOException ended) {
                said.add("(ended)");
            }
        });
        reader.setDaemon(true);
        reader.start();
    }

    /** For TCP and for UDP. */
    private static int freePort() throws IOException {
        try (ServerSocket tcp = new ServerSocket(0);
                DatagramSocket udp = new DatagramSocket(null)) {
            udp.bind(new InetSocketAddress(tcp.getLocalPort()));
            return tcp.getLocalPort();
        } catch (BindException takenForUdp) {
            return freePort();
        }
    }

    /** The processes of the workers: those that run Java. */
    private Set<Long> workers() {
        Set<Long> found = new HashSet<>();
        process.children()
                .filter(child -> child.info().command().orElse("").endsWith("java"))
                .forEach(child -> found.add(child.pid()));
        return found;
    }

    private void sendDatagram(byte[] bytes) throws IOException {
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.send(new DatagramPacket(bytes, bytes.length, InetAddress.getLoopbackAddress(), port));
        }
    }

    private String echo(String line) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write((line + "\n").getBytes(UTF_8));
            return new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8)).readLine();
        }
    }

    private String get(HttpClient http) throws IOException, InterruptedException {
        return http.send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/"))
                                .timeout(Duration.ofSeconds(30))
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
    }

    /** On a connection of its own, without any retry. */
    private String getOnce() throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(30_000);
            socket.getOutputStream().write("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".getBytes(UTF_8));
            return new String(socket.getInputStream().readAllBytes(), UTF_8);
        }
    }
}
