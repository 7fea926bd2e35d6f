package dev.coterie.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coterie.node.output.Event;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code coterie workers}, as people use it. */
@Timeout(120)
class WorkersIT {

    @TempDir
    private Path folder;

    @Test
    void workers_are_run_looked_at_replaced_and_ended_from_another_process() {
        try (CoterieProcess supervisor = run("--workers", "2", "--ready", "start", "--", "sleep", "600")) {
            List<Event> first = supervisor.awaitAll("listening", 2);

            CoterieProcess status = CoterieProcess.start("workers", "status", "--pids", pids());
            assertThat(status.exitStatus()).isZero();
            assertThat(status.output())
                    .hasSize(3)
                    .allMatch(line -> line.endsWith("runs"))
                    .anyMatch(line -> line.startsWith("Worker-2 ")
                            && line.contains("" + first.get(1).number("pid")));

            assertThat(CoterieProcess.start("workers", "restart", "--pids", pids())
                            .exitStatus())
                    .isZero();
            assertThat(supervisor.awaitAll("listening", 4)).hasSize(4);
            assertThat(supervisor.events("SIGHUP")).hasSize(1);

            assertThat(CoterieProcess.start("workers", "shutdown", "--pids", pids())
                            .exitStatus())
                    .isZero();
            assertThat(supervisor.exitStatus()).isZero();
            assertThat(supervisor.errors()).isEmpty();
        }
    }

    @Test
    void what_crashes_at_once_always_ends_with_a_status_of_its_own() {
        try (CoterieProcess supervisor =
                run("--workers", "1", "--ready", "start", "--crashes", "3", "--crash-window", "2m", "--", "false")) {
            assertThat(supervisor.exitStatus()).isEqualTo(ExitCode.CRASHES);
            assertThat(supervisor.events("warning"))
                    .last()
                    .matches(warning -> warning.text("text").contains("it crashed 4 times within 120 s"));
        }
    }

    @Test
    void what_is_old_is_recycled_and_all_is_killed_from_another_process() {
        try (CoterieProcess supervisor =
                run("--workers", "1", "--ready", "start", "--recycle-age", "500ms", "--", "sleep", "600")) {
            supervisor.awaitAll("died", 2);
            assertThat(supervisor.events("draining"))
                    .allMatch(draining -> draining.text("why").equals("it is old; its successor is ready"));

            assertThat(CoterieProcess.start("workers", "stop", "--pids", pids()).exitStatus())
                    .isZero();
            assertThat(supervisor.exitStatus()).isEqualTo(128 + 9);
        }
    }

    @Test
    void a_taken_monitor_port_is_said_and_nothing_starts() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            CoterieProcess supervisor = CoterieProcess.start(
                    "workers",
                    "run",
                    "--json",
                    "--pids",
                    pids(),
                    "--monitor-port",
                    "" + taken.getLocalPort(),
                    "--",
                    "sleep",
                    "600");
            assertThat(supervisor.exitStatus()).isEqualTo(ExitCode.PORT);
            assertThat(supervisor.errors())
                    .singleElement()
                    .asString()
                    .contains("monitor-port: '" + taken.getLocalPort());
            assertThat(supervisor.output()).isEmpty();
        }
    }

    @Test
    void without_a_supervisor_there_is_a_sentence() throws IOException {
        CoterieProcess none = CoterieProcess.start("workers", "stop", "--pids", pids());
        assertThat(none.exitStatus()).isEqualTo(ExitCode.FAILED);
        assertThat(none.errors()).singleElement().asString().contains("pids: '" + pids() + "' is not a folder");

        Files.createDirectory(Path.of(pids()));
        CoterieProcess empty = CoterieProcess.start("workers", "shutdown", "--pids", pids());
        assertThat(empty.exitStatus()).isEqualTo(ExitCode.FAILED);
        assertThat(empty.errors()).singleElement().asString().contains("no supervisor that belongs to");
    }

    private CoterieProcess run(String... arguments) {
        List<String> all =
                new java.util.ArrayList<>(List.of("workers", "run", "--json", "--pids", pids(), "--monitor-port", "0"));
        all.addAll(List.of(arguments));
        return CoterieProcess.start(all.toArray(String[]::new));
    }

    private String pids() {
        return folder.resolve("pids").toString();
    }
}
