package dev.coterie.workers.supervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.coterie.cluster.concurrent.Backoff;
import dev.coterie.workers.TestWorker;
import dev.coterie.workers.link.Notification;
import dev.coterie.workers.supervisor.SupervisorEvent.Died;
import dev.coterie.workers.supervisor.SupervisorEvent.Forked;
import dev.coterie.workers.supervisor.SupervisorEvent.Heartbeat;
import dev.coterie.workers.supervisor.SupervisorEvent.Listening;
import dev.coterie.workers.supervisor.SupervisorEvent.Warning;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Real processes, real signals. */
@Timeout(120)
class SupervisorIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final List<SupervisorEvent> events = new CopyOnWriteArrayList<>();
    private Supervisor supervisor;

    @TempDir
    private Path folder;

    @AfterEach
    void close() {
        if (supervisor != null) {
            supervisor.close();
            supervisor = null;
        }
    }

    @Test
    void workers_in_java_come_up_are_told_things_ask_things_and_end() throws IOException {
        start(TestWorker.command(), config -> config.workers(2));
        supervisor.onDelegate(question ->
                supervisor.answer("price", Map.of("of", question.data().get("of"), "is", 42)));
        awaitListening(2);

        supervisor.tellAll(new Notification("nonsense", "test", Map.of(), Instant.EPOCH));
        supervisor.tellAll(new Notification("weather", "test", Map.of("rain", true), Instant.EPOCH));
        await().atMost(PATIENCE).until(() -> log(1).contains("told weather {rain=true}"));
        await().atMost(PATIENCE).until(() -> log(2).contains("told weather {rain=true}"));
        assertThat(supervisor.workers())
                .extracting(WorkerInfo::name, WorkerInfo::state)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("Test-1", WorkerState.LISTENING),
                        org.assertj.core.groups.Tuple.tuple("Test-2", WorkerState.LISTENING));
        assertThatThrownBy(() -> supervisor.tellAll(
                        new Notification("long", "test", Map.of("text", "x".repeat(1024 * 1024)), Instant.EPOCH)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("1048575 are possible");
        supervisor.shutdown();

        assertThat(supervisor.awaitEnd()).isEqualTo(Ending.DONE);
        assertThat(log(1)).contains("drains");
        assertThat(causes()).containsOnly("exit status 0");
    }

    @Test
    void a_killed_worker_is_followed_by_another_each_in_turn() throws IOException {
        start(shell("exec sleep 600"), config -> config.workers(3).readiness(Readiness.START));
        awaitListening(3);
        for (WorkerInfo worker : supervisor.workers()) {
            int forked = said(Forked.class).toList().size();
            kill(worker.pid(), "KILL");
            await().atMost(PATIENCE).until(() -> said(Forked.class).count() == forked + 1);
        }
        assertThat(causes()).containsExactly("signal 9 (SIGKILL)", "signal 9 (SIGKILL)", "signal 9 (SIGKILL)");
        assertThat(supervisor.workers()).hasSize(3).allMatch(worker -> worker.restarts() == 1);
    }

    @Test
    void a_worker_that_exits_at_once_always_makes_the_supervisor_give_up() throws IOException {
        start(
                shell("exit 7"),
                config -> config.workers(2)
                        .readiness(Readiness.START)
                        .restart(new RestartPolicy(
                                Backoff.doubling(Duration.ofMillis(10), Duration.ofMillis(20)), 3, PATIENCE)));

        assertThat(supervisor.awaitEnd()).isEqualTo(Ending.GAVE_UP);
        assertThat(causes()).contains("exit status 7");
        assertThat(said(Warning.class)).extracting(Warning::text).anyMatch(text -> text.contains("crashed 4 times"));
    }

    @Test
    void a_program_that_is_not_there_is_named() throws IOException {
        start(
                List.of("no-such-program"),
                config -> config.workers(1).restart(new RestartPolicy(RestartPolicy.DEFAULT.backoff(), 0, PATIENCE)));

        assertThat(supervisor.awaitEnd()).isEqualTo(Ending.GAVE_UP);
        assertThat(causes()).containsExactly("exit status 127: is there a program 'no-such-program'?");
    }

    @Test
    void a_worker_that_ignores_sigterm_is_killed_after_the_time_it_has() throws IOException {
        start(
                shell("trap '' TERM; echo ready; while :; do sleep 0.05; done"),
                config -> config.workers(1).readiness(Readiness.START).drain(Duration.ofMillis(300)));
        await().atMost(PATIENCE).until(() -> log(1).contains("ready"));

        supervisor.shutdown();

        assertThat(supervisor.awaitEnd()).isEqualTo(Ending.KILLED);
        assertThat(causes()).containsExactly("it did not end within 300 ms of being told to");
    }

    @Test
    void a_frozen_worker_is_replaced() throws IOException {
        start(
                TestWorker.command(),
                config -> config.workers(1).heartbeats(new Heartbeats(Duration.ofMillis(200), Duration.ofSeconds(2))));
        awaitListening(1);

        kill(supervisor.workers().get(0).pid(), "STOP");

        awaitListening(2);
        assertThat(causes()).containsExactly("it said nothing for 2 s");
        assertThat(said(Heartbeat.class)).anyMatch(beat -> beat.workers() == 1);
    }

    @Test
    void a_worker_that_never_gets_ready_is_started_again() throws IOException {
        start(TestWorker.command("never-ready"), config -> config.workers(1).readyWithin(Duration.ofSeconds(2)));

        await().atMost(PATIENCE).until(() -> said(Forked.class).count() >= 2);
        assertThat(causes()).first().isEqualTo("it was not ready within 2 s");
    }

    @Test
    void a_successor_that_never_gets_ready_leaves_the_old_one_in_service() throws IOException {
        Path broken = folder.resolve("broken");
        start(
                shell("[ ! -e " + broken + " ] || exec sleep 600; exec " + String.join(" ", TestWorker.command())),
                config -> config.workers(1).readyWithin(Duration.ofSeconds(10)));
        awaitListening(1);
        WorkerInfo old = supervisor.workers().get(0);
        Files.createFile(broken);

        supervisor.roll();
        await().atMost(PATIENCE).until(() -> said(Forked.class).count() == 2);
        kill(last(Forked.class).pid(), "KILL");

        await().atMost(PATIENCE).until(() -> said(Warning.class).findAny().isPresent());
        assertThat(supervisor.workers())
                .singleElement()
                .satisfies(one -> assertThat(one.pid()).isEqualTo(old.pid()))
                .satisfies(one -> assertThat(one.state()).isEqualTo(WorkerState.LISTENING));
    }

    @Test
    void a_server_in_any_language_is_ready_when_its_port_answers() throws IOException {
        start(
                List.of("python3", "-c", "import http.server, os; http.server.test(port=int(os.environ['PORT']))"),
                config -> config.workers(2).readiness(Readiness.PORT));
        awaitListening(2);

        for (WorkerInfo worker : supervisor.workers()) {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), worker.port())) {
                assertThat(socket.isConnected()).isTrue();
            }
        }
        supervisor.roll();
        awaitListening(4);
        await().atMost(PATIENCE).until(() -> supervisor.workers().size() == 2);
        assertThat(supervisor.workers()).allMatch(worker -> worker.restarts() == 0);
    }

    @Test
    void pid_files_come_and_go_and_the_folder_is_nobody_else_s() throws IOException {
        Path pids = folder.resolve("pids");
        start(
                shell("exec sleep 600"),
                config -> config.workers(2).readiness(Readiness.START).pids(pids));
        await().atMost(PATIENCE).until(() -> files(pids).size() == 3);
        assertThat(files(pids)).contains("supervisor." + ProcessHandle.current().pid() + ".pid");

        assertThatThrownBy(() -> new Supervisor(SupervisorConfig.with()
                        .command(List.of("none"))
                        .pids(pids)
                        .build()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("which runs; end it or choose another folder");

        supervisor.close();
        assertThat(files(pids)).isEmpty();
    }

    @Test
    void folders_that_cannot_be_made_are_named() throws IOException {
        Path file = Files.createFile(folder.resolve("file"));
        SupervisorConfig.Builder config = SupervisorConfig.with().command(List.of("none"));
        assertThatThrownBy(() -> new Supervisor(
                        config.logs(LogPolicy.in(file.resolve("logs"))).build()))
                .isInstanceOf(IOException.class)
                .hasMessage("logs: '" + file.resolve("logs") + "' cannot be made; choose another folder");
        assertThatThrownBy(() -> new Supervisor(config.logs(LogPolicy.in(folder.resolve("logs")))
                        .pids(file)
                        .build()))
                .isInstanceOf(IOException.class)
                .hasMessage("pids: '" + file + "' cannot be made; choose another folder");
    }

    @Test
    void what_fails_before_the_start_leaves_nothing_running() throws IOException {
        supervisor = new Supervisor(
                SupervisorConfig.with().command(shell("exec sleep 600")).build());
        supervisor.onEvent(events::add);
        supervisor.fail("there is no network");
        assertThat(supervisor.awaitEnd()).isEqualTo(Ending.FAILED);

        supervisor.start();

        assertThat(supervisor.workers()).isEmpty();
        assertThat(events).singleElement().isEqualTo(new Warning("there is no network"));
    }

    @Test
    void nonsense_on_the_workers_socket_does_no_harm() throws IOException {
        start(
                shell("echo \"socket $COTERIE_WORKER_SOCKET\"; exec " + String.join(" ", TestWorker.command())),
                config -> config.workers(1));
        awaitListening(1);
        Path socket = Path.of(log(1).lines().findFirst().orElseThrow().substring("socket ".length()));

        for (byte[] nonsense : List.of(
                "GET / HTTP/1.1\r\n\r\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII),
                new byte[] {0, 0, 0, 0},
                new byte[] {0x7f, -1, -1, -1, 'H'},
                new byte[] {0, 0, 0, 1, '?'},
                new byte[] {0, 0, 0, 3, 'H', '{', '}'},
                new byte[] {0, 0, 0, 2, 'H', '['})) {
            try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
                channel.connect(UnixDomainSocketAddress.of(socket));
                channel.write(ByteBuffer.wrap(nonsense));
                assertThat(channel.read(ByteBuffer.allocate(10)))
                        .as("shown out: %s", java.util.Arrays.toString(nonsense))
                        .isEqualTo(-1);
            }
        }
        assertThat(supervisor.workers()).singleElement().matches(worker -> worker.state() == WorkerState.LISTENING);
    }

    @Test
    void a_restart_ends_all_together_and_starts_each_anew() throws IOException {
        start(
                shell("trap 'exit 0' TERM; echo ready; while :; do sleep 0.05; done"),
                config -> config.workers(2).readiness(Readiness.START));
        await().atMost(PATIENCE).until(() -> log(1).contains("ready") && log(2).contains("ready"));
        List<Long> before = supervisor.workers().stream().map(WorkerInfo::pid).toList();

        supervisor.restart();

        awaitListening(4);
        assertThat(supervisor.workers())
                .hasSize(2)
                .allMatch(worker -> !before.contains(worker.pid()) && worker.restarts() == 0);
    }

    @Test
    void a_full_disk_does_not_stop_workers_that_have_much_to_say() throws IOException {
        Path disk = Files.createDirectory(folder.resolve("logs"));
        assumeTrue(run("mount -t tmpfs -o size=64k tmpfs " + disk), "a small disk can be made by root only");
        try {
            String flood =
                    "i=0; while [ $i -lt 3000 ]; do echo 'a line of some length that goes to the log'; i=$((i+1)); done";
            start(
                    shell(flood + "; echo done > " + folder + "/done-$COTERIE_WORKER_NUMBER; exec sleep 600"),
                    config -> config.workers(2).readiness(Readiness.START));

            await().atMost(PATIENCE)
                    .until(() -> Files.exists(folder.resolve("done-1")) && Files.exists(folder.resolve("done-2")));
            await().atMost(PATIENCE)
                    .until(() -> said(Warning.class).anyMatch(one -> one.text().contains("No space left on device")));
            assertThat(causes()).isEmpty();
            assertThat(supervisor.workers()).hasSize(2).allMatch(worker -> worker.state() == WorkerState.LISTENING);
        } finally {
            close();
            assertThat(run("umount -l " + disk)).isTrue();
        }
    }

    private void start(List<String> command, UnaryOperator<SupervisorConfig.Builder> more) throws IOException {
        SupervisorConfig.Builder config = SupervisorConfig.with()
                .name("Test")
                .command(command)
                .drain(Duration.ofSeconds(20))
                .logs(LogPolicy.in(folder.resolve("logs")));
        supervisor = new Supervisor(more.apply(config).build());
        supervisor.onEvent(events::add);
        supervisor.start();
    }

    private void awaitListening(int times) {
        await().atMost(PATIENCE).until(() -> said(Listening.class).count() >= times);
    }

    private <E extends SupervisorEvent> Stream<E> said(Class<E> type) {
        return events.stream().filter(type::isInstance).map(type::cast);
    }

    private <E extends SupervisorEvent> E last(Class<E> type) {
        return said(type).reduce((one, two) -> two).orElseThrow();
    }

    private List<String> causes() {
        return said(Died.class).map(Died::cause).toList();
    }

    private String log(int worker) throws IOException {
        Path file = folder.resolve("logs").resolve("Test-" + worker + ".log");
        return Files.exists(file) ? Files.readString(file) : "";
    }

    private static List<String> files(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".pid"))
                    .toList();
        }
    }

    private static List<String> shell(String script) {
        return List.of("sh", "-c", script);
    }

    private static void kill(long pid, String signal) throws IOException {
        run("kill -s " + signal + " " + pid);
    }

    private static boolean run(String command) throws IOException {
        try {
            return new ProcessBuilder(shell(command)).start().waitFor() == 0;
        } catch (InterruptedException interrupted) {
            throw new IOException(interrupted);
        }
    }
}
