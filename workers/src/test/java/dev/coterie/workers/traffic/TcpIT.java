package dev.coterie.workers.traffic;

import static dev.coterie.workers.traffic.Balancing.PATIENCE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.coterie.cluster.concurrent.Backoff;
import dev.coterie.workers.TestWorker;
import dev.coterie.workers.supervisor.SupervisorEvent.Listening;
import dev.coterie.workers.supervisor.SupervisorEvent.Warning;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class TcpIT {

    private static final BalancerConfig LINES = BalancerConfig.of(Protocol.TCP_SERVER)
            .withHost("127.0.0.1")
            .withPort(0)
            .withFraming(Framing.LINES);

    @TempDir
    private Path logs;

    @Test
    void lines_go_to_workers_in_turn_and_a_half_closed_connection_still_gets_its_answers() throws IOException {
        try (Balancing test = new Balancing(logs, LINES).ready(2);
                Socket client = connect(test)) {
            client.getOutputStream().write("one\r\ntw".getBytes(UTF_8));
            client.getOutputStream().write("o\nthree".getBytes(UTF_8));
            client.shutdownOutput();

            assertThat(new String(client.getInputStream().readAllBytes(), UTF_8).lines())
                    .containsExactlyInAnyOrder("Test-1 one", "Test-2 two", "Test-1 three");
        }
    }

    @Test
    void pieces_with_a_length_are_cut_and_nonsense_ends_only_its_connection() throws IOException {
        try (Balancing test = new Balancing(logs, LINES.withFraming(Framing.LENGTH)).ready(2);
                Socket client = connect(test);
                Socket broken = connect(test)) {
            broken.getOutputStream().write(new byte[] {-1, -1, -1, -1, 0});
            assertThat(broken.getInputStream().read()).isEqualTo(-1);

            client.getOutputStream().write(new byte[] {0, 0, 0, 2, 'h', 'i', 0, 0, 0, 0, 0, 0});
            client.getOutputStream().write(new byte[] {0, 1, 'x'});
            client.shutdownOutput();
            assertThat(new String(client.getInputStream().readAllBytes(), UTF_8).lines())
                    .containsExactlyInAnyOrder("Test-1 hi", "Test-2 ", "Test-1 x");
        }
    }

    @Test
    void ten_thousand_connections_are_served() throws IOException {
        try (Balancing test = new Balancing(logs, LINES.withIdle(Duration.ofMinutes(5))).ready(2)) {
            Process clients = new ProcessBuilder(
                            TestWorker.command(ManyClients.class, "" + test.balancer.port(), "10000"))
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            try (BufferedReader said = new BufferedReader(new InputStreamReader(clients.getInputStream(), UTF_8))) {
                assertThat(said.readLine()).isEqualTo("connected");
                assertThat(said.readLine()).isEqualTo("right: 10000");
                assertThat(test.count("connectionsOpen")).isEqualTo(10_000);
                clients.getOutputStream().close();
                await().atMost(PATIENCE).until(() -> test.count("connectionsOpen") == 0);
            } finally {
                clients.destroyForcibly();
            }
        }
    }

    @Test
    void an_answer_may_be_longer_than_a_frame() throws IOException {
        try (Balancing test = new Balancing(logs, LINES).ready(2);
                Socket client = connect(test)) {
            client.getOutputStream().write("give 3000000\n".getBytes(UTF_8));
            assertThat(client.getInputStream().readNBytes(3_000_000)).hasSize(3_000_000);
            assertThat(ask(client, "still there")).isEqualTo("Test-2 still there");
        }
    }

    @Test
    void a_client_that_does_not_read_its_answers_is_closed_and_the_others_are_served() throws IOException {
        try (Balancing test = new Balancing(logs, LINES).ready(2);
                Socket slow = connect(test);
                Socket other = connect(test)) {
            slow.getOutputStream()
                    .write(IntStream.range(0, 400)
                            .mapToObj(number -> "give 100000\n")
                            .reduce("", String::concat)
                            .getBytes(UTF_8));
            await().atMost(PATIENCE).until(() -> test.count("slowClosed") == 1);

            assertThat(ask(other, "still there")).endsWith(" still there");
        }
    }

    @Test
    void a_worker_that_does_not_take_data_holds_up_reading_and_loses_nothing() throws Exception {
        try (Balancing test = new Balancing(logs, LINES, Distribution.USUAL, config -> config.workers(1)).ready(1);
                Socket client = connect(test)) {
            test.freeze(1);
            int lines = 400;
            Thread writer = new Thread(() -> {
                try {
                    byte[] line = ("measure " + "x".repeat(50_000) + "\n").getBytes(UTF_8);
                    for (int number = 0; number < lines; number++) {
                        client.getOutputStream().write(line);
                    }
                    client.shutdownOutput();
                } catch (IOException failure) {
                    throw new java.io.UncheckedIOException(failure);
                }
            });
            writer.start();
            await().atMost(PATIENCE)
                    .until(() -> test.count("received") > 80 && writer.getState() == Thread.State.RUNNABLE);
            AtomicLong taken = new AtomicLong();
            await().during(Duration.ofMillis(300)).atMost(PATIENCE).until(() -> {
                long now = test.count("received");
                return taken.getAndSet(now) == now;
            });
            assertThat(taken.get()).as("20 MB were offered, 4 MiB are taken").isLessThan(120);

            test.thaw(1);
            byte[] answers = client.getInputStream().readAllBytes();
            assertThat(new String(answers, UTF_8)).isEqualTo("50008".repeat(lines));
            writer.join();
        }
    }

    @Test
    void a_silent_connection_is_closed() throws IOException {
        try (Balancing test = new Balancing(logs, LINES.withIdle(Duration.ofMillis(400))).ready(2);
                Socket client = connect(test)) {
            assertThat(ask(client, "a")).isEqualTo("Test-1 a");
            assertThat(client.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void a_client_connects_out_and_connects_again_with_the_same_workers() throws IOException {
        Backoff quick = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(5), 1.5, 0);
        try (ServerSocket server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
                Balancing test = new Balancing(
                                logs,
                                BalancerConfig.of(Protocol.TCP_CLIENT)
                                        .withPort(server.getLocalPort())
                                        .withFraming(Framing.LINES)
                                        .withReopen(Optional.of(quick)))
                        .ready(2)) {
            for (int round = 1; round <= 3; round++) {
                try (Socket connection = server.accept()) {
                    connection.setSoTimeout(20_000);
                    assertThat(ask(connection, "round " + round)).endsWith("round " + round);
                }
            }
            server.accept().close();
            assertThat(test.said(Warning.class).map(Warning::text).limit(3))
                    .allMatch(text -> text.endsWith("opened again after 100 ms"));
            assertThat(test.said(Listening.class)).hasSize(2);
        }
    }

    private static Socket connect(Balancing test) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), test.balancer.port());
        socket.setSoTimeout(60_000);
        return socket;
    }

    private static String ask(Socket socket, String line) throws IOException {
        socket.getOutputStream().write((line + "\n").getBytes(UTF_8));
        return new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8)).readLine();
    }
}
