package dev.coterie.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class EtcdProcessIT {

    @Test
    void keeps_its_data_and_ports_when_killed_and_restarted() {
        Path data;
        try (EtcdProcess etcd = EtcdProcess.with().fastStorage().start()) {
            data = etcd.data();
            String endpoint = etcd.endpoints().get(0);
            etcd.etcdctl("put", "colour", "blue");
            long before = etcd.pid(0);

            etcd.restart();

            assertThat(etcd.pid(0)).isNotEqualTo(before);
            assertThat(etcd.endpoints()).containsExactly(endpoint);
            assertThat(etcd.etcdctl("get", "colour")).isEqualTo("colour\nblue\n");

            etcd.kill();
            assertThatThrownBy(() -> etcd.pid(0)).hasMessageContaining("does not run");
            etcd.start();
            assertThat(etcd.etcdctl("get", "colour", "--print-value-only")).isEqualTo("blue\n");
        }
        assertThat(data).doesNotExist();
    }

    @Test
    void answers_nothing_while_it_is_paused() {
        try (EtcdProcess etcd = EtcdProcess.with().fastStorage().start()) {
            etcd.pause();
            assertThatThrownBy(() -> etcd.etcdctl("--command-timeout=300ms", "get", "x"))
                    .isInstanceOf(EtcdException.class)
                    .hasMessageContaining("deadline exceeded");

            etcd.resume();
            await().atMost(Duration.ofSeconds(10))
                    .untilAsserted(
                            () -> assertThat(etcd.etcdctl("put", "x", "1")).isEqualTo("OK\n"));
        }
    }

    @Test
    void keeps_a_named_folder(@TempDir Path data) {
        try (EtcdProcess etcd = EtcdProcess.with().data(data).start()) {
            etcd.etcdctl("put", "colour", "green");
        }
        try (EtcdProcess etcd = EtcdProcess.with().data(data).start()) {
            assertThat(etcd.etcdctl("get", "colour", "--print-value-only")).isEqualTo("green\n");
        }
        assertThatThrownBy(() -> EtcdProcess.with().data(data).members(3).start())
                .hasMessageContaining("holds an etcd of 1 member(s), not 3");
    }

    @Test
    void a_fixed_port_that_is_taken_is_an_error_that_names_it() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThatThrownBy(() ->
                            EtcdProcess.with().clientPort(taken.getLocalPort()).start())
                    .isInstanceOfSatisfying(
                            EtcdException.class,
                            failure -> assertThat(failure.kind()).isEqualTo(EtcdException.Kind.PORT_TAKEN))
                    .hasMessageContaining("port " + taken.getLocalPort())
                    .hasMessageContaining("taken");
        }
    }

    @Test
    void a_fixed_port_that_is_free_is_used() {
        int port = Ports.free(new java.util.Random());
        try (EtcdProcess etcd =
                EtcdProcess.with().clientPort(port).fastStorage().start()) {
            assertThat(URI.create(etcd.endpoints().get(0)).getPort()).isEqualTo(port);
        }
    }

    @Test
    void an_early_end_is_told_with_etcds_own_words() {
        assertThatThrownBy(() -> EtcdProcess.with()
                        .arguments("--no-such-flag")
                        .fastStorage()
                        .start())
                .isInstanceOf(EtcdException.class)
                .hasMessageContaining("ended instead of starting")
                .hasMessageContaining("no-such-flag");
    }

    @Test
    void a_program_that_never_becomes_healthy_is_given_up(@TempDir Path folder) throws IOException {
        Path fake = folder.resolve("etcd");
        Files.writeString(fake, "#!/bin/sh\necho I am no etcd\nexec sleep 600\n");
        assertThat(fake.toFile().setExecutable(true)).isTrue();

        assertThatThrownBy(() -> EtcdProcess.with()
                        .binary(fake)
                        .startWithin(Duration.ofSeconds(1))
                        .start())
                .hasMessageContaining("not healthy within 1 s")
                .hasMessageContaining("I am no etcd");
    }

    @Test
    void three_members_elect_and_survive_the_loss_of_one(@TempDir Path data) {
        try (EtcdProcess etcd = EtcdProcess.with().members(3).data(data).start()) {
            assertThat(etcd.endpoints()).hasSize(3).doesNotHaveDuplicates();
            etcd.etcdctl("put", "a", "1");
            String members = etcd.etcdctl("member", "list");
            assertThat(members.lines()).hasSize(3);

            etcd.kill(0);
            await().atMost(Duration.ofSeconds(20))
                    .ignoreExceptionsInstanceOf(EtcdException.class)
                    .untilAsserted(
                            () -> assertThat(etcd.etcdctl("put", "b", "2")).isEqualTo("OK\n"));

            etcd.start(0);
            etcd.pause(1);
            await().atMost(Duration.ofSeconds(20))
                    .ignoreExceptionsInstanceOf(EtcdException.class)
                    .untilAsserted(
                            () -> assertThat(etcd.etcdctl("put", "c", "3")).isEqualTo("OK\n"));
            etcd.resume(1);

            etcd.kill();
            etcd.start(2);
            etcd.start(0);
            assertThat(etcd.etcdctl("get", "--prefix", "", "--print-value-only").lines())
                    .containsExactly("1", "2", "3");
        }
        try (EtcdProcess etcd = EtcdProcess.with().members(3).data(data).start()) {
            assertThat(etcd.etcdctl("get", "b", "--print-value-only")).isEqualTo("2\n");
        }
    }
}
