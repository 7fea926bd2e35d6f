package dev.coterie.workers.supervisor;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.coterie.workers.SupervisorMain;
import dev.coterie.workers.TestWorker;
import dev.coterie.workers.link.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The supervisor as a process of its own. */
@Timeout(120)
class SupervisorProcessIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final List<Map<String, Object>> events = new CopyOnWriteArrayList<>();
    private Process process;

    @TempDir
    private Path folder;

    @AfterEach
    void end() {
        process.destroyForcibly();
    }

    @ParameterizedTest
    @ValueSource(strings = {"TERM", "INT"})
    void it_runs_its_own_program_again_as_workers_and_a_signal_ends_all_in_order(String signal) throws Exception {
        start();
        awaitEvents("listening", 2);
        List<Long> workers = pids("listening");

        shell("kill -s " + signal + " " + process.pid());

        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isZero();
        assertThat(said("SIG" + signal)).hasSize(1);
        assertThat(said("warning")).isEmpty();
        awaitEvents("died", 2);
        assertThat(events).allMatch(event -> event.containsKey("time"));
        assertThat(workers).noneMatch(SupervisorProcessIT::runs);
        assertThat(pidFiles()).isEmpty();
    }

    @Test
    void a_second_signal_kills_what_has_not_ended_yet() throws Exception {
        start("trap '' TERM; while :; do sleep 0.1; done");
        awaitEvents("listening", 2);
        shell("kill -s TERM " + process.pid());
        awaitEvents("draining", 2);

        shell("kill -s TERM " + process.pid());

        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        awaitEvents("died", 2);
        assertThat(said("died")).extracting(died -> died.get("cause")).containsOnly("the supervisor ends at once");
    }

    @Test
    void no_worker_outlives_it_also_one_that_ignores_sigterm_or_is_frozen() throws Exception {
        start("trap '' TERM; while :; do sleep 0.1; done");
        awaitEvents("listening", 2);
        List<Long> workers = pids("listening");
        shell("kill -s STOP " + workers.get(0));
        Path socketFolder = socketFolder(workers.get(0));

        process.destroyForcibly();

        await().atMost(PATIENCE).until(() -> workers.stream().noneMatch(SupervisorProcessIT::runs));
        await().atMost(PATIENCE).until(() -> !Files.exists(socketFolder));
    }

    @Test
    void the_guard_of_the_workers_is_replaced_when_it_is_killed() throws Exception {
        start("exec sleep 600");
        awaitEvents("listening", 2);
        List<Long> workers = pids("listening");
        List<Long> guards = children().filter(child -> !workers.contains(child)).toList();
        assertThat(guards).hasSize(1);
        shell("kill -s KILL " + guards.get(0));
        await().atMost(PATIENCE)
                .until(() -> children().anyMatch(child -> !workers.contains(child) && !guards.contains(child)));

        process.destroyForcibly();

        await().atMost(PATIENCE).until(() -> workers.stream().noneMatch(SupervisorProcessIT::runs));
    }

    @Test
    void another_process_replaces_all_workers_and_ends_them() throws Exception {
        start("exec sleep 600");
        awaitEvents("listening", 2);
        List<Long> workers = pids("listening");
        RunningSupervisor running = RunningSupervisor.of(folder);
        assertThat(running.workers()).hasSize(2).allMatch(RunningSupervisor.Status::runs);

        running.restart(PATIENCE);
        assertThat(workers).noneMatch(SupervisorProcessIT::runs);
        awaitEvents("SIGHUP", 1);
        await().atMost(PATIENCE).until(() -> running.workers().size() == 2);

        running.shutdown(PATIENCE);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThatThrownBy(() -> RunningSupervisor.of(folder))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("no supervisor");
    }

    @Test
    void a_sighup_that_is_ignored_is_warned_of_and_is_why_another_process_cannot_replace_the_workers()
            throws Exception {
        startBehind(List.of("env", "--ignore-signal=HUP"), "exec sleep 600");
        awaitEvents("listening", 2);

        assertThat(said("warning"))
                .singleElement()
                .extracting(warning -> warning.get("text"))
                .asString()
                .contains("SIGHUP is ignored", "start it with setsid instead of nohup");
        RunningSupervisor running = RunningSupervisor.of(folder);
        assertThatThrownBy(() -> running.restart(PATIENCE))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("ignores SIGHUP");
        running.shutdown(PATIENCE);
    }

    @Test
    void another_process_kills_all() throws Exception {
        start("trap '' TERM; while :; do sleep 0.1; done");
        awaitEvents("listening", 2);
        List<Long> workers = pids("listening");

        RunningSupervisor.of(folder).stop(PATIENCE);

        assertThat(workers).noneMatch(SupervisorProcessIT::runs);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(pidFiles()).isEmpty();
    }

    private void start(String... script) throws IOException {
        // Whatever the tests were started with: nohup, or in the background.
        startBehind(List.of("env", "--default-signal=HUP,INT,TERM"), script);
    }

    private void startBehind(List<String> launcher, String... script) throws IOException {
        List<String> command = new java.util.ArrayList<>(launcher);
        command.addAll(TestWorker.command(SupervisorMain.class, folder.toString()));
        command.addAll(List.of(script));
        process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        Thread reader = new Thread(() -> {
            try (BufferedReader lines = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
                lines.lines().map(Json::object).forEach(events::add);
            } catch (IOException | java.io.UncheckedIOException closed) {
                // With the process.
            }
        });
        reader.setDaemon(true);
        reader.start();
    }

    private Stream<Map<String, Object>> said(String event) {
        return events.stream().filter(one -> event.equals(one.get("event")));
    }

    private void awaitEvents(String event, int times) {
        await(event).atMost(PATIENCE).until(() -> said(event).count() >= times);
    }

    private List<Long> pids(String event) {
        return said(event).map(one -> Json.number(one, "pid", 0)).toList();
    }

    private Stream<Long> children() {
        return process.children().filter(ProcessHandle::isAlive).map(ProcessHandle::pid);
    }

    /** As a worker has it in its environment. */
    private static Path socketFolder(long worker) throws IOException {
        String environment = Files.readString(Path.of("/proc/" + worker + "/environ"));
        return Stream.of(environment.split("\0", -1))
                .filter(variable -> variable.startsWith("COTERIE_WORKER_SOCKET="))
                .map(variable ->
                        Path.of(variable.substring(variable.indexOf('=') + 1)).getParent())
                .findFirst()
                .orElseThrow();
    }

    private List<String> pidFiles() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(Path::toString)
                    .filter(name -> name.endsWith(".pid"))
                    .toList();
        }
    }

    private static boolean runs(long pid) {
        return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
    }

    private static void shell(String script) throws IOException, InterruptedException {
        new ProcessBuilder("sh", "-c", script).start().waitFor();
    }
}
