package dev.coterie.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coterie.node.output.Event;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The demo's pipeline without etcd: three node processes on a sealed LAN. */
class LanNodeIT {

    private static final String SECRET = "a passphrase that nobody may see";

    private final List<CoterieProcess> nodes = new ArrayList<>();

    @AfterEach
    void end() {
        nodes.forEach(CoterieProcess::close);
    }

    @Test
    void three_nodes_work_off_tasks_and_go_on_when_the_master_ends(@TempDir Path folder) throws IOException {
        Path key = key(folder);
        List<Integer> ports = List.of(freePort(), freePort(), freePort());
        String list =
                String.join(",", ports.stream().map(port -> "127.0.0.1:" + port).toList());
        for (int i = 0; i < 3; i++) {
            nodes.add(CoterieProcess.start(
                    "node",
                    "--json",
                    "--lan",
                    "--unicast",
                    list,
                    "--address",
                    "127.0.0.1",
                    "--port",
                    "" + ports.get(i),
                    "--key-file",
                    key.toString(),
                    "--weight",
                    "" + (3 - i),
                    "--hello",
                    "100ms",
                    "--node-timeout",
                    "1s",
                    "--interval",
                    "100ms",
                    "--work",
                    "10ms..50ms",
                    "--name",
                    "n" + i));
            // Whoever comes first is master; the others only follow by their weights.
            nodes.get(0).await("promotion");
        }
        CoterieProcess first = nodes.get(0);
        first.await("result", result -> result.text("executor").startsWith("n1-"));
        first.await("result", result -> result.text("executor").startsWith("n2-"));
        first.terminate();
        assertThat(first.exitStatus()).isEqualTo(128 + 15);
        nodes.get(1).await("promotion");
        nodes.get(1).await("result", result -> result.text("executor").startsWith("n2-"));
        assertThat(nodes).allSatisfy(node -> {
            assertThat(node.output()).noneMatch(line -> line.contains(SECRET));
            assertThat(node.errors()).isEmpty();
        });
    }

    @Test
    void a_port_that_another_process_does_not_share_is_named() throws IOException {
        try (DatagramSocket holder = new DatagramSocket(0, InetAddress.getLoopbackAddress());
                CoterieProcess node = CoterieProcess.start(
                        "node",
                        "--lan",
                        "--unicast",
                        "127.0.0.1:1",
                        "--address",
                        "127.0.0.1",
                        "--port",
                        "" + holder.getLocalPort())) {
            assertThat(node.exitStatus()).isEqualTo(ExitCode.PORT);
            assertThat(node.errors()).singleElement().asString().contains("port: " + holder.getLocalPort());
        }
    }

    @Test
    void who_needs_a_service_explains_it_to_those_who_have_the_key(@TempDir Path folder) throws IOException {
        String key = key(folder).toString();
        List<String> ports = List.of("" + freePort(), "" + freePort());
        String list = "127.0.0.1:" + String.join(",127.0.0.1:", ports);
        nodes.add(onLan(list, key, "node", "--port", ports.get(0), "--name", "alpha", "--offers", "database"));
        nodes.add(onLan(list, key, "node", "--port", ports.get(1), "--name", "beta", "--needs", "database,cache"));
        nodes.get(1).await("service");
        try (CoterieProcess database = onLan(list, key, "explain", "service", "database");
                CoterieProcess cache = onLan(list, key, "explain", "service", "cache");
                CoterieProcess unknown = onLan(list, key, "explain", "service", "nothing");
                CoterieProcess member = onLan(list, key, "explain", "member", "alpha");
                CoterieProcess keyless =
                        CoterieProcess.start("explain", "--lan", "--unicast", list, "service", "cache")) {
            assertThat(database.exitStatus()).isZero();
            Event answer = database.await("explanation", event -> event.node().startsWith("beta-"));
            assertThat(answer.list("lines"))
                    .anySatisfy(line ->
                            assertThat(line).asString().contains("alpha-").contains("can be used"));
            assertThat(cache.exitStatus()).isZero();
            assertThat(cache.await("explanation", event -> event.node().startsWith("beta-"))
                            .list("lines"))
                    .anySatisfy(line -> assertThat(line).asString().contains("cache: needed, cannot be used since"));
            assertThat(member.exitStatus()).isZero();
            assertThat(member.await("explanation", event -> event.node().startsWith("beta-"))
                            .list("lines"))
                    .anySatisfy(line -> assertThat(line).asString().contains("last heard "));
            assertThat(unknown.exitStatus()).isEqualTo(ExitCode.FAILED);
            assertThat(unknown.errors())
                    .singleElement()
                    .asString()
                    .contains("none of ")
                    .contains(" knows anything about 'nothing'; check");
            assertThat(keyless.exitStatus()).isEqualTo(ExitCode.FAILED);
            assertThat(keyless.errors()).singleElement().asString().contains("nobody answers; start a node, or say");
        }
    }

    private static CoterieProcess onLan(String list, String key, String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--json", "--lan", "--unicast", list, "--address", "127.0.0.1", "--key-file", key));
        return CoterieProcess.start(all.toArray(String[]::new));
    }

    private static Path key(Path folder) throws IOException {
        Path key = folder.resolve("key");
        Files.createFile(key, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        return Files.writeString(key, SECRET);
    }

    private static int freePort() throws IOException {
        try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
