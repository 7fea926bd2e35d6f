package dev.coterie.node;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.coterie.node.output.Event;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code coterie balance}, as people use it. */
@Timeout(120)
class BalanceIT {

    @TempDir
    private Path folder;

    @Test
    void the_command_line_of_the_original_runs_workers_that_say_what_they_get() throws IOException {
        int port = freePort();
        Path logs = folder.resolve("logs");
        try (CoterieProcess balancer = CoterieProcess.start(
                "balance",
                "-p",
                "" + port,
                "-i",
                "2",
                "-protocol",
                "udp",
                "-name",
                "RTCP",
                "-workername",
                "Decoder",
                "-retry",
                "-logdir",
                logs.toString(),
                "-type",
                "notifying",
                "-monitor-port",
                "0",
                "-json")) {
            assertThat(balancer.awaitAll("listening", 2))
                    .extracting(event -> event.text("name"))
                    .containsExactlyInAnyOrder("Decoder-1", "Decoder-2");
            assertThat(balancer.events()).extracting(Event::node).containsOnly("RTCP");
            assertThat(balancer.errors())
                    .contains(
                            "-balancer was not given; it is round-robin",
                            "-prefix was not given; it is !",
                            "-host was not given; it is 0.0.0.0",
                            "-ready was not given; it is link")
                    .noneMatch(line -> line.startsWith("-workername"));

            send(port, "report one");
            send(port, "!report two");
            await().atMost(CoterieProcess.PATIENCE)
                    .until(() -> log(logs, 1).contains("works on datum 1: 10 bytes from")
                            && log(logs, 1).contains("is told: control {text=!report two}")
                            && log(logs, 2).contains("!report two"));

            balancer.terminate();
            assertThat(balancer.exitStatus()).isZero();
        }
    }

    @Test
    void a_taken_port_is_said_and_nothing_starts() throws IOException {
        try (DatagramSocket taken = new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
            CoterieProcess balancer = CoterieProcess.start(
                    "balance",
                    "-p",
                    "" + taken.getLocalPort(),
                    "-host",
                    "127.0.0.1",
                    "-protocol",
                    "udp",
                    "-json",
                    "-monitor-port",
                    "0");
            assertThat(balancer.exitStatus()).isEqualTo(ExitCode.PORT);
            assertThat(balancer.errors())
                    .last()
                    .asString()
                    .contains("port: '" + taken.getLocalPort() + "' on 127.0.0.1 is taken");
            assertThat(balancer.output()).isEmpty();
        }
    }

    @Test
    void whatever_else_keeps_it_from_starting_is_said_in_a_sentence() throws IOException {
        Path file = Files.createFile(folder.resolve("file"));
        CoterieProcess balancer =
                CoterieProcess.start("balance", "-protocol", "udp", "-logdir", file + "/logs", "-monitor-port", "0");
        assertThat(balancer.exitStatus()).isEqualTo(ExitCode.FAILED);
        assertThat(balancer.errors())
                .last()
                .isEqualTo("coterie: logs: '" + file + "/logs' cannot be made; choose another folder");

        CoterieProcess client =
                CoterieProcess.start("balance", "-protocol", "tcp_client", "-p", "1", "-monitor-port", "0", "-json");
        assertThat(client.exitStatus()).isEqualTo(ExitCode.FAILED);
        assertThat(client.events("warning"))
                .singleElement()
                .extracting(warning -> warning.text("text"))
                .asString()
                .startsWith("tcp_client: 127.0.0.1:1: ");
    }

    private static void send(int port, String text) throws IOException {
        try (DatagramSocket socket = new DatagramSocket()) {
            byte[] bytes = text.getBytes(UTF_8);
            socket.send(new DatagramPacket(bytes, bytes.length, InetAddress.getLoopbackAddress(), port));
        }
    }

    private static int freePort() throws IOException {
        try (DatagramSocket free = new DatagramSocket(0)) {
            return free.getLocalPort();
        }
    }

    private static String log(Path logs, int worker) throws IOException {
        Path file = logs.resolve("Decoder-" + worker + ".log");
        return Files.exists(file) ? Files.readString(file) : "";
    }
}
