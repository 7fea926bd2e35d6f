package dev.coterie.machines.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The lab does what it says, and leaves nothing behind. */
class LabIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @Test
    void it_comes_up_goes_on_after_faults_and_goes_down_without_a_trace() throws Exception {
        Lab lab = Lab.called("lab");
        List<Long> pids;
        Process sleeper;
        try (lab) {
            lab.up();
            pids = pids(lab);
            assertThat(pids).hasSize(4);
            assertThat(registrations(lab)).containsExactly(Lab.address("A"), Lab.address("B"), Lab.address("C"));

            lab.up();
            assertThat(pids(lab)).as("what runs is left alone").isEqualTo(pids);

            survives_a_kill(lab);
            survives_an_end(lab);
            is_cut_off(lab);
            sleeper = lab.builder("B", "sleep", "1000").start();
            await().atMost(PATIENCE).until(() -> lab.run("B", "true").status() == 0);
        }
        await().atMost(PATIENCE).until(() -> !sleeper.isAlive());
        await().atMost(PATIENCE).until(() -> pids.stream().noneMatch(LabIT::isAlive));
        assertThat(Path.of("/run/netns", lab.namespace("A"))).doesNotExist();
        assertThat(lab.state()).doesNotExist();
        assertThat(lab.script("down").status()).as("again").isZero();
    }

    private static void survives_a_kill(Lab lab) {
        lab.kill("A", "KILL");
        await().atMost(PATIENCE).until(() -> lab.pid("A"), Optional::isEmpty);
        assertThat(lab.script("status").status()).isEqualTo(1);
        await().atMost(PATIENCE).until(() -> registrations(lab).size() == 2);
        assertThat(lab.script("kill", "A").errors()).contains("A: its process does not run");
        lab.start("A");
        await().atMost(PATIENCE).until(() -> registrations(lab).size() == 3);
    }

    private static void survives_an_end(Lab lab) {
        lab.stop("B");
        assertThat(lab.pid("B")).isEmpty();
        assertThat(registrations(lab)).as("it has left").hasSize(2);
        lab.start("B");
        assertThat(lab.script("status").status()).isZero();
    }

    private static void is_cut_off(Lab lab) {
        String ping = ": </dev/tcp/" + Lab.address("A") + "/22222";
        assertThat(lab.run("C", "timeout", "5", "bash", "-c", ping).status()).isZero();
        lab.run("C", "ip", "link", "set", "eth0", "down").orFail();
        assertThat(lab.run("C", "timeout", "5", "bash", "-c", ping).status()).isNotZero();
        lab.run("C", "ip", "link", "set", "eth0", "up").orFail();
        await().atMost(PATIENCE)
                .until(() -> lab.run("C", "timeout", "5", "bash", "-c", ping).status() == 0);
    }

    @Test
    void two_are_up_side_by_side_one_of_them_with_three_members_of_etcd() {
        try (Lab one = Lab.called("one");
                Lab three = Lab.called("three").etcds(3).flags("--json")) {
            one.up();
            three.up();
            assertThat(pids(three)).hasSize(6);
            three.kill("etcd2", "KILL");
            await().atMost(PATIENCE).until(() -> put(three, "here"));

            assertThat(one.etcdctl("A", "get", "here")).isEmpty();
            assertThat(registrations(one)).hasSize(3);
            assertThat(three.log("B")).anyMatch(line -> line.contains("\"event\":\"init\""));
            three.start("etcd2");
            assertThat(three.etcdctl("etcd2", "endpoint", "health")).isNotNull();
        }
    }

    @Test
    void what_does_not_make_sense_is_refused_in_a_sentence() {
        try (Lab lab = Lab.called("odd").empty().up()) {
            assertThat(lab.script("run", "D", "true").errors())
                    .isEqualTo("lab: host: 'D' is not known; choose one of etcd A B C\n");
            assertThat(lab.script("fly").errors()).startsWith("lab: command: 'fly' is not known; choose up, run");
            assertThat(lab.script("--etcd", "2", "status").errors()).contains("'2' will not do; choose 1 or 3");
            assertThat(lab.script("--etcd", "3", "up").errors()).contains("is up with another number of members");
            assertThat(lab.script("--dist", "nowhere", "start", "A").errors()).contains("nowhere");
            assertThat(lab.run("A", "sh", "-c", "exit 7").status()).isEqualTo(7);
            assertThat(pids(lab)).isEmpty();
        }
    }

    private static boolean isAlive(long pid) {
        return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
    }

    /** It may take a while until the others have a new leader. */
    private static boolean put(Lab lab, String key) {
        String url = "http://" + Lab.address("etcd") + ":2379";
        String[] command = {"env", "ETCDCTL_API=3", "etcdctl", "--endpoints", url, "put", key, "value"};
        return lab.run("A", command).status() == 0;
    }

    private static List<String> registrations(Lab lab) {
        return lab.etcdctl("etcd", "get", "--prefix", "services/", "--keys-only")
                .lines()
                .filter(line -> !line.isEmpty())
                .map(line -> line.substring("services/".length()))
                .toList();
    }

    private static List<Long> pids(Lab lab) {
        return Stream.concat(lab.etcdHosts().stream(), Lab.NODES.stream())
                .flatMap(host -> lab.pid(host).stream())
                .filter(pid -> Files.exists(Path.of("/proc/" + pid)))
                .toList();
    }
}
