package dev.coterie.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coterie.etcd.EtcdProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/** Nodes as processes, and what they say to those who set them up wrongly. */
class NodeIT {

    private static EtcdProcess etcd;

    @BeforeAll
    static void startEtcd() {
        etcd = EtcdProcess.with().fastStorage().start();
    }

    @AfterAll
    static void stopEtcd() {
        etcd.close();
    }

    @Test
    void every_line_is_a_json_object_with_event_node_and_time() {
        try (CoterieProcess node = node("--port", "0", "--name", "river", "--prefix", "lines/")) {
            node.await("promotion");
            node.terminate();
            node.exitStatus();

            assertThat(node.output()).isNotEmpty().allSatisfy(line -> {
                Map<?, ?> object = new JsonMapper().readValue(line, Map.class);
                assertThat(object.get("event")).isInstanceOf(String.class);
                assertThat(object.get("node")).asString().startsWith("river-");
                assertThat(object.get("time"))
                        .asString()
                        .matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z");
            });
        }
    }

    @Test
    void a_node_that_is_told_to_end_leaves_at_once() {
        try (CoterieProcess node = node("--port", "0", "--prefix", "leave/", "--ttl", "60s")) {
            node.await("init");
            assertThat(etcd.etcdctl("get", "--prefix", "leave/services/")).isNotBlank();
            node.terminate();

            assertThat(node.exitStatus()).isEqualTo(128 + 15);
            assertThat(node.events("left")).hasSize(1);
            assertThat(etcd.etcdctl("get", "--prefix", "leave/").strip()).isEmpty();
        }
    }

    @Test
    void the_default_port_is_left_out_of_the_key() throws IOException {
        int port = freePort();
        try (CoterieProcess node = node("--port", "" + port, "--prefix", "key/", "--address", "127.0.0.1")) {
            node.await("init");

            assertThat(etcd.etcdctl("get", "--prefix", "key/services/", "--keys-only")
                            .strip())
                    .isEqualTo("key/services/127.0.0.1:" + port);
        }
    }

    @Test
    void nodes_tell_init_and_change_and_go_on_when_one_leaves() {
        try (CoterieProcess a = node("--port", "0", "--prefix", "three/", "--name", "a");
                CoterieProcess b = node("--port", "0", "--prefix", "three/", "--name", "b")) {
            a.await("init");
            b.await("init");
            try (CoterieProcess c = node("--port", "0", "--prefix", "three/", "--name", "c")) {
                c.await("init", init -> init.list("members").size() == 3);
                a.await("added", added -> added.text("name").equals("c"));
                c.terminate();
                c.exitStatus();
            }
            a.await("removed", removed -> removed.text("name").equals("c"));
            b.await("removed", removed -> removed.text("name").equals("c"));

            assertThat(Stream.of(a, b).flatMap(node -> node.events("init"))).hasSize(2);
            assertThat(Stream.of(a, b).flatMap(node -> node.events("promotion")))
                    .hasSize(1);
            assertThat(Stream.of(a, b).flatMap(node -> node.events("demotion"))).isEmpty();
        }
    }

    @Test
    void a_port_that_is_taken_is_named_and_the_status_is_4() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                CoterieProcess node = node("--port", "" + taken.getLocalPort())) {
            assertThat(node.exitStatus()).isEqualTo(ExitCode.PORT);
            assertThat(sentence(node)).contains("port " + taken.getLocalPort()).contains("choose another port");
        }
    }

    @Test
    void an_address_that_is_not_local_is_named_and_the_status_is_2() {
        try (CoterieProcess node = node("--address", "192.0.2.1", "--port", "0")) {
            assertThat(node.exitStatus()).isEqualTo(ExitCode.USAGE);
            assertThat(sentence(node)).contains("address 192.0.2.1").contains("choose one");
        }
    }

    @Test
    void an_etcd_that_is_not_there_is_tried_with_a_line_every_few_seconds_and_the_status_is_3() throws IOException {
        String nobody = "http://127.0.0.1:" + freePort();
        try (CoterieProcess node =
                CoterieProcess.start("node", "--etcd", nobody, "--port", "0", "--connect-timeout", "8s")) {
            assertThat(node.exitStatus()).isEqualTo(ExitCode.ETCD);
            assertThat(sentence(node)).contains("etcd", nobody, "8 s").contains(";");
            assertThat(node.errors().stream().filter(line -> line.contains("trying again")))
                    .hasSizeBetween(1, 4);
            assertThat(node.output()).isEmpty();
        }
    }

    @Test
    void something_that_is_not_etcd_is_named_and_the_status_is_3() throws IOException {
        try (ServerSocket other = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            Thread server = new Thread(() -> serveHttp(other));
            server.setDaemon(true);
            server.start();
            String url = "http://127.0.0.1:" + other.getLocalPort();
            try (CoterieProcess node =
                    CoterieProcess.start("node", "--etcd", url, "--port", "0", "--connect-timeout", "20s")) {
                assertThat(node.exitStatus()).isEqualTo(ExitCode.ETCD);
                assertThat(sentence(node)).contains("etcd: what answers at " + url + " is not etcd; give");
            }
        }
    }

    @Test
    void a_demo_on_an_etcd_that_is_not_there_says_so_with_the_same_status() throws IOException {
        String nobody = "http://127.0.0.1:" + freePort();
        try (CoterieProcess demo = CoterieProcess.start(
                "demo", "--json", "--nodes", "2", "--tasks", "1", "--etcd", nobody, "--connect-timeout", "1s")) {
            assertThat(demo.exitStatus()).isEqualTo(ExitCode.ETCD);
            assertThat(demo.errors()).anySatisfy(line -> assertThat(line).contains(nobody));
        }
    }

    private static CoterieProcess node(String... options) {
        List<String> arguments = new ArrayList<>(
                List.of("node", "--json", "--etcd", etcd.endpoints().get(0)));
        arguments.addAll(Arrays.asList(options));
        return CoterieProcess.start(arguments.toArray(String[]::new));
    }

    /** The last line on standard error, which is the one that says why. */
    private static String sentence(CoterieProcess process) {
        assertThat(process.errors()).isNotEmpty();
        String line = process.errors().get(process.errors().size() - 1);
        assertThat(line).startsWith("coterie node: ");
        return line;
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static void serveHttp(ServerSocket server) {
        while (!server.isClosed()) {
            try (Socket socket = server.accept()) {
                socket.getInputStream().read(new byte[1024]);
                socket.getOutputStream()
                        .write("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
                                .getBytes(StandardCharsets.US_ASCII));
            } catch (IOException gone) {
                // The next one, if there is one.
            }
        }
    }
}
