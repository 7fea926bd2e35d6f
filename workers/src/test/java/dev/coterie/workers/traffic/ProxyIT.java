package dev.coterie.workers.traffic;

import static dev.coterie.workers.traffic.Balancing.PATIENCE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.coterie.workers.supervisor.Readiness;
import dev.coterie.workers.supervisor.RecyclePolicy;
import dev.coterie.workers.supervisor.SupervisorConfig;
import dev.coterie.workers.supervisor.SupervisorEvent.Died;
import dev.coterie.workers.supervisor.SupervisorEvent.Draining;
import dev.coterie.workers.supervisor.WorkerInfo;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whole connections to servers in another language, which know nothing of their supervisor. */
@Timeout(120)
class ProxyIT {

    /** Reads to the end, then answers with its process id and how much it has read; holds its tongue on SIGTERM. */
    private static final String SERVER = """
            import os, socketserver
            class Handler(socketserver.BaseRequestHandler):
                def handle(self):
                    count = 0
                    while True:
                        data = self.request.recv(65536)
                        if not data: break
                        count += len(data)
                    self.request.sendall(b"%d %d " % (os.getpid(), count) + b"x" * count)
            class Server(socketserver.ThreadingTCPServer):
                allow_reuse_address = True
                request_queue_size = 128
            Server(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
            """;

    /** Has a link, ends when it is told to, and takes no connection before a certain file is there. */
    private static final String SLOW_TO_ACCEPT = """
            import json, os, socket, struct, sys, threading, time
            server = socket.create_server(("127.0.0.1", 0), backlog=64)
            def serve():
                while not os.path.exists(sys.argv[1]): time.sleep(0.01)
                while True:
                    client = server.accept()[0]
                    client.recv(100)
                    client.sendall(b"%d" % os.getpid())
                    client.close()
            threading.Thread(target=serve, daemon=True).start()
            link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            link.connect(os.environ["COTERIE_WORKER_SOCKET"])
            def send(kind, fields):
                content = json.dumps(fields).encode()
                link.sendall(struct.pack(">I", 1 + len(content)) + kind + content)
            send(b"H", {"id": os.environ["COTERIE_WORKER_ID"], "pid": os.getpid()})
            send(b"L", {"port": server.getsockname()[1]})
            with link.makefile("rb") as frames:
                while frames.read(struct.unpack(">I", frames.read(4))[0])[:1] != b"Q": pass
            """;

    private static final BalancerConfig PROXY =
            BalancerConfig.of(Protocol.PROXY).withHost("127.0.0.1").withPort(0);

    @TempDir
    private Path logs;

    @Test
    void connections_go_to_workers_in_turn_whole_in_both_directions_and_half_closed() throws IOException {
        try (Balancing test = new Balancing(logs, PROXY, Distribution.USUAL, ProxyIT::python).ready(2)) {
            List<Long> workers =
                    test.supervisor.workers().stream().map(WorkerInfo::pid).toList();
            for (int round = 0; round < 4; round++) {
                assertThat(ask(test, 10))
                        .startsWith(workers.get(round % 2) + " 10 ")
                        .endsWith(" xxxxxxxxxx");
            }
            assertThat(ask(test, 5_000_000)).hasSizeGreaterThan(5_000_000).contains(" 5000000 x");
            assertThat(test.supervisor.workers()).allMatch(worker -> worker.connections() >= 2);
        }
    }

    @Test
    void a_worker_whose_port_refuses_is_passed_over_and_connections_wait_while_there_is_none() throws IOException {
        try (Balancing test = new Balancing(
                logs, PROXY, Distribution.USUAL, config -> python(config).workers(1))) {
            assertThat(ask(test, 3)).as("it came before the worker was ready").endsWith(" 3 xxx");
            test.killWorker(1);
            assertThat(ask(test, 4))
                    .as("it came while there was none, or one that is gone")
                    .endsWith(" 4 xxxx");
        }
    }

    @Test
    void no_connection_is_lost_when_workers_are_replaced_and_routing_stops_before_one_drains() throws Exception {
        try (Balancing test = new Balancing(logs, PROXY, Distribution.USUAL, ProxyIT::python).ready(2)) {
            Socket open = connect(test);
            open.getOutputStream().write("begun".getBytes(UTF_8));
            await().atMost(PATIENCE).until(() -> test.count("connectionsOpen") == 1);
            test.supervisor.roll();
            await().atMost(PATIENCE).until(() -> {
                assertThat(ask(test, 7)).endsWith(" 7 xxxxxxx");
                return test.said(Draining.class).findAny().isPresent();
            });
            for (int round = 0; round < 50; round++) {
                assertThat(ask(test, 7)).endsWith(" 7 xxxxxxx");
            }
            open.shutdownOutput();
            assertThat(new String(open.getInputStream().readAllBytes(), UTF_8))
                    .as("the connection that a worker had when it was told to end")
                    .endsWith(" 5 xxxxx");
            open.close();
            test.ready(4);
        }
    }

    @Test
    void a_client_that_does_not_read_holds_up_nobody_else_and_loses_nothing() throws IOException {
        try (Balancing test = new Balancing(logs, PROXY, Distribution.USUAL, ProxyIT::python).ready(2);
                Socket slow = new Socket()) {
            slow.setReceiveBufferSize(16 * 1024);
            slow.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), test.balancer.port()));
            slow.setSoTimeout(60_000);
            int bytes = 30_000_000;
            slow.getOutputStream().write(new byte[bytes]);
            slow.shutdownOutput();
            for (int round = 0; round < 20; round++) {
                assertThat(ask(test, 3)).endsWith(" 3 xxx");
            }
            assertThat(slow.getInputStream().readAllBytes()).hasSizeGreaterThan(bytes);
        }
    }

    @Test
    void a_worker_is_not_told_to_end_before_it_has_seen_each_connection() throws IOException {
        Path open = logs.resolve("open");
        List<String> slow = List.of("python3", "-c", SLOW_TO_ACCEPT, open.toString());
        try (Balancing test = new Balancing(
                                logs,
                                PROXY,
                                Distribution.USUAL,
                                config -> config.command(slow).workers(1))
                        .ready(1);
                Socket client = connect(test)) {
            long worker = test.worker(1);
            client.getOutputStream().write("hello".getBytes(UTF_8));
            await().atMost(PATIENCE).until(() -> test.count("connectionsOpen") == 1);
            test.supervisor.roll();
            await().atMost(PATIENCE).until(() -> test.said(Draining.class).count() == 1);

            Files.createFile(open);

            assertThat(new String(client.getInputStream().readAllBytes(), UTF_8))
                    .isEqualTo(Long.toString(worker));
            await().atMost(PATIENCE).until(() -> test.said(Died.class).count() == 1);
            assertThat(test.said(Died.class)).allMatch(died -> died.cause().equals("exit status 0"));
        }
    }

    @Test
    void whoever_has_the_fewest_connections_gets_the_next_one() throws IOException {
        BalancerConfig least = PROXY.withStrategy(Strategy.LEAST_LOADED);
        try (Balancing test = new Balancing(logs, least, Distribution.USUAL, ProxyIT::python).ready(2);
                Socket open = connect(test)) {
            open.getOutputStream().write('x');
            await().atMost(PATIENCE).until(() -> test.count("connectionsOpen") == 1);
            for (int round = 0; round < 5; round++) {
                assertThat(ask(test, 1)).startsWith(test.worker(2) + " 1 ");
                await().atMost(PATIENCE).until(() -> test.count("connectionsOpen") == 1);
            }
        }
    }

    @Test
    void connections_count_and_lead_to_a_successor() throws IOException {
        try (Balancing test = new Balancing(
                        logs,
                        PROXY,
                        Distribution.USUAL,
                        config -> python(config).recycle(new RecyclePolicy(5, Duration.ofHours(1), 0)))
                .ready(2)) {
            for (int round = 0; round < 10; round++) {
                assertThat(ask(test, 1)).endsWith(" 1 x");
            }
            test.ready(4);
            await().atMost(PATIENCE).until(() -> test.said(Draining.class).count() == 2);
            assertThat(test.said(Draining.class)).allMatch(event -> event.why().contains("has taken 5 connections"));
        }
    }

    @Test
    void a_silent_connection_is_closed() throws IOException {
        try (Balancing test = new Balancing(
                                logs, PROXY.withIdle(Duration.ofMillis(400)), Distribution.USUAL, ProxyIT::python)
                        .ready(2);
                Socket client = connect(test)) {
            client.getOutputStream().write('x');
            assertThat(client.getInputStream().read()).isEqualTo(-1);
            await().atMost(PATIENCE).until(() -> test.count("connectionsOpen") == 0);
        }
    }

    private static SupervisorConfig.Builder python(SupervisorConfig.Builder config) {
        return config.command(List.of("python3", "-c", SERVER)).workers(2).readiness(Readiness.PORT);
    }

    private static String ask(Balancing test, int bytes) throws IOException {
        try (Socket socket = connect(test)) {
            socket.getOutputStream().write("x".repeat(bytes).getBytes(UTF_8));
            socket.shutdownOutput();
            return new String(socket.getInputStream().readAllBytes(), UTF_8);
        }
    }

    private static Socket connect(Balancing test) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), test.balancer.port());
        socket.setSoTimeout(60_000);
        return socket;
    }
}
