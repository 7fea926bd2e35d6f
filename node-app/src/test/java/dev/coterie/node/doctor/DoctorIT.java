package dev.coterie.node.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coterie.cluster.ClusterConfig;
import dev.coterie.cluster.concurrent.ThreadEventLoop;
import dev.coterie.cluster.store.EtcdStore;
import dev.coterie.cluster.store.Operation;
import dev.coterie.cluster.store.StoreException;
import dev.coterie.cluster.store.Transaction;
import dev.coterie.etcd.EtcdProcess;
import dev.coterie.node.doctor.Finding.Level;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The doctor with patients that have something. */
class DoctorIT {

    private static final Duration PATIENCE = Duration.ofSeconds(5);

    @Test
    void etcd_that_does_not_answer_is_found_beside_one_that_does() throws IOException {
        try (EtcdProcess etcd = EtcdProcess.with().fastStorage().start()) {
            List<Finding> findings =
                    examine(ClusterConfig.of(etcd.endpoints().get(0), "http://127.0.0.1:1"), freePort());

            assertThat(findings)
                    .anySatisfy(finding -> {
                        assertThat(finding.level()).isEqualTo(Level.WRONG);
                        assertThat(finding.says()).contains("http://127.0.0.1:1 does not answer");
                        assertThat(finding.remedy()).contains("check that etcd runs there");
                    })
                    .anySatisfy(finding ->
                            assertThat(finding.says()).contains("version 3.").contains("healthy"));
            assertThat(Doctor.isWithoutEtcd(findings)).isFalse();
        }
    }

    @Test
    void a_full_etcd_is_found_by_its_alarm_and_its_quota() throws IOException {
        try (EtcdProcess etcd = EtcdProcess.with()
                        .fastStorage()
                        .arguments("--quota-backend-bytes=4194304")
                        .start();
                ThreadEventLoop loop = new ThreadEventLoop("test");
                EtcdStore store =
                        new EtcdStore(List.of(URI.create(etcd.endpoints().get(0))), PATIENCE, loop)) {
            fill(store);

            List<Finding> findings = examine(ClusterConfig.of(etcd.endpoints().get(0)), freePort());
            assertThat(findings)
                    .anySatisfy(finding -> {
                        assertThat(finding.subject()).isEqualTo("etcd alarm");
                        assertThat(finding.says()).contains("NOSPACE");
                        assertThat(finding.remedy()).contains("etcdctl alarm disarm");
                    })
                    .anySatisfy(finding -> {
                        assertThat(finding.subject()).isEqualTo("etcd space");
                        assertThat(finding.level()).isEqualTo(Level.WRONG);
                        assertThat(finding.says()).contains("of a quota of 4.0 MiB");
                    });
            assertThat(Doctor.count(findings, Level.WRONG)).isGreaterThanOrEqualTo(2);
        }
    }

    private static void fill(EtcdStore store) {
        String value = "x".repeat(64 << 10);
        try {
            for (int key = 0; key < 200; key++) {
                var unused = store.commit(Transaction.when().then(Operation.put("fill/" + key, value)))
                        .join();
            }
            throw new AssertionError("etcd took more than its quota");
        } catch (CompletionException full) {
            assertThat(full.getCause())
                    .isInstanceOfSatisfying(
                            StoreException.class,
                            refused -> assertThat(refused.kind()).isEqualTo(StoreException.Kind.NO_SPACE));
        }
    }

    @Test
    void a_port_that_somebody_else_has_is_found() throws IOException {
        try (ServerSocket taken = new ServerSocket(0)) {
            List<Finding> findings = examine(ClusterConfig.of("http://127.0.0.1:1"), taken.getLocalPort());

            assertThat(findings)
                    .filteredOn(finding -> finding.subject().equals("port " + taken.getLocalPort()))
                    .singleElement()
                    .satisfies(finding -> {
                        assertThat(finding.level()).isEqualTo(Level.WRONG);
                        assertThat(finding.remedy()).contains("--port");
                    });
            assertThat(Doctor.isWithoutEtcd(findings)).isTrue();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "60, WRONG, behind etcd's",
        "-60, WRONG, ahead of etcd's",
        "0, OK, agree",
    })
    void a_clock_that_is_off_is_found(int seconds, Level level, String says) throws Exception {
        try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            Thread etcd = new Thread(() -> answer(server, seconds));
            etcd.start();

            Finding finding = EtcdMember.clock(URI.create("http://127.0.0.1:" + server.getLocalPort()), PATIENCE);
            etcd.join(10_000);
            assertThat(finding.level()).isEqualTo(level);
            assertThat(finding.says()).contains(says);
        }
    }

    /** As etcd answers on /version, by a clock of its own. */
    private static void answer(ServerSocket server, int seconds) {
        try (Socket socket = server.accept();
                OutputStream out = socket.getOutputStream()) {
            byte[] request = new byte[4096];
            assertThat(socket.getInputStream().read(request)).isPositive();
            String date = DateTimeFormatter.RFC_1123_DATE_TIME.format(
                    Instant.now().plusSeconds(seconds).atOffset(ZoneOffset.UTC));
            out.write(("HTTP/1.1 200 OK\r\nDate: " + date + "\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
                    .getBytes(StandardCharsets.US_ASCII));
            out.flush();
        } catch (IOException failure) {
            throw new AssertionError(failure);
        }
    }

    private static List<Finding> examine(ClusterConfig config, int port) throws IOException {
        return new Doctor(config, port, freePort()).examine();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
