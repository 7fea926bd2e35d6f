package dev.coterie.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import dev.coterie.etcd.EtcdProcess;
import dev.coterie.node.output.Event;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The demo end to end: a real etcd, real nodes, each a process. */
class DemoIT {

    @Test
    void all_tasks_are_answered_right_and_nothing_is_left_running() {
        try (CoterieProcess demo = demo("--tasks", "4", "--interval", "300ms", "--work", "100ms..500ms")) {
            assertThat(demo.exitStatus()).isEqualTo(ExitCode.OK);

            assertThat(demo.events("init")).hasSize(3);
            assertThat(demo.events("task")).hasSize(4);
            assertThat(demo.events("result")).hasSize(4).allSatisfy(result -> {
                assertThat(result.flag("right")).isTrue();
                assertThat(result.number("result")).isEqualTo(result.number("number") * 3);
            });
            Event summary =
                    Event.parse(demo.output().get(demo.output().size() - 1)).orElseThrow();
            assertThat(summary.event()).isEqualTo("summary");
            assertThat(summary.fields())
                    .containsEntry("nodes", 3)
                    .containsEntry("tasks", 4)
                    .containsEntry("results", 4)
                    .containsEntry("wrong", 0)
                    .containsKey("resent");
            assertThat(summary.text("master")).isEqualTo(master(demo));
            assertThat(demo.errors()).isEmpty();
            CoterieProcess.untilGone(pids(demo));
        }
    }

    @Test
    void it_runs_where_there_is_no_etcd() {
        try (CoterieProcess demo =
                demo("--embedded", "--tasks", "2", "--interval", "300ms", "--work", "100ms..300ms")) {
            assertThat(demo.exitStatus()).isEqualTo(ExitCode.OK);

            assertThat(demo.events("result")).hasSize(2);
            CoterieProcess.untilGone(pids(demo));
        }
    }

    @Test
    void people_get_the_nodes_names_and_a_way_to_look_at_the_keys() {
        try (CoterieProcess demo = CoterieProcess.start(
                "demo", "--tasks", "1", "--interval", "300ms", "--work", "100ms..100ms", "--nodes", "2")) {
            assertThat(demo.exitStatus()).isEqualTo(ExitCode.OK);

            assertThat(demo.output())
                    .anySatisfy(line -> assertThat(line).contains("etcdctl --endpoints=http://127.0.0.1:"))
                    .anySatisfy(
                            line -> assertThat(line).matches("\\d\\d:\\d\\d:\\d\\d A [a-z]+-[a-z]+ +\\| is here as .*"))
                    .anySatisfy(line -> assertThat(line).contains("IS MASTER"))
                    .anySatisfy(line -> assertThat(line).contains(", right, after 0.1 s"));
            assertThat(demo.output().get(demo.output().size() - 1))
                    .contains("tasks 1, results 1, wrong 0, resent 0: every task was answered, and right");
            assertThat(String.join("", demo.output())).doesNotContain("\u001b");
        }
    }

    @Test
    void time_may_be_the_limit_and_what_was_sent_is_still_answered() {
        try (CoterieProcess demo = demo("--nodes", "2", "--for", "2s", "--interval", "500ms", "--work", "1s..1s")) {
            assertThat(demo.exitStatus()).isEqualTo(ExitCode.OK);

            Event summary = demo.events("summary").findFirst().orElseThrow();
            assertThat(summary.number("tasks")).isPositive().isEqualTo(summary.number("results"));
        }
    }

    @Test
    void an_etcd_that_runs_already_is_used_and_left_as_it_was() {
        try (EtcdProcess etcd = EtcdProcess.with().fastStorage().start();
                CoterieProcess demo = demo(
                        "--etcd", etcd.endpoints().get(0), "--prefix", "try/", "--ttl", "5s", "--interval", "1h")) {
            for (Event started : demo.awaitAll("started", 3)) {
                demo.await("init", init -> init.text("name").equals(started.text("name")));
            }
            assertThat(etcd.etcdctl("get", "--prefix", "try/services/", "--keys-only")
                            .lines()
                            .filter(key -> !key.isEmpty()))
                    .hasSize(3);

            demo.terminate();
            demo.exitStatus();
            // At once, unless the machine was too busy for a node to leave in time.
            await().atMost(CoterieProcess.PATIENCE)
                    .until(() -> etcd.etcdctl("get", "--prefix", "").isBlank());
        }
    }

    @Test
    void an_executor_that_is_killed_is_reported_and_its_task_goes_to_another() {
        try (CoterieProcess demo = demo("--tasks", "3", "--interval", "1s", "--work", "3s..3s", "--ttl", "5s")) {
            String executor = demo.await("work").text("executor");
            CoterieProcess.kill(pid(demo, executor));

            assertThat(demo.exitStatus()).isEqualTo(ExitCode.OK);
            assertThat(demo.events("ended").map(ended -> ended.text("name"))).containsExactly(Event.name(executor));
            assertThat(demo.events("resent"))
                    .isNotEmpty()
                    .allSatisfy(resent -> assertThat(resent.text("executor")).isNotEqualTo(executor));
            assertThat(demo.events("summary").map(summary -> summary.number("results")))
                    .containsExactly(3L);
        }
    }

    @Test
    void a_master_that_is_killed_is_followed_by_another_that_sees_to_its_tasks() {
        try (CoterieProcess demo = demo("--tasks", "4", "--interval", "1s", "--work", "1s..2s", "--ttl", "5s")) {
            // Somebody has heard of the task by now; one that is still on its way dies with its sender.
            String uuid = demo.await("work").text("uuid");
            Event task = demo.await("task", sent -> sent.text("uuid").equals(uuid));
            CoterieProcess.kill(pid(demo, task.node()));

            assertThat(demo.exitStatus()).isEqualTo(ExitCode.OK);
            Event summary = demo.events("summary").findFirst().orElseThrow();
            assertThat(summary.text("master")).isNotEqualTo(task.node());
            assertThat(summary.number("results")).isGreaterThanOrEqualTo(4);
            assertThat(demo.events("promotion").map(Event::node)).contains(summary.text("master"));
        }
    }

    @Test
    void when_too_few_are_left_it_says_so_and_fails() {
        try (CoterieProcess demo = demo("--nodes", "2", "--tasks", "5", "--interval", "1s", "--work", "1s..1s")) {
            Event task = demo.await("task");
            CoterieProcess.kill(pid(demo, task.text("executor")));

            assertThat(demo.exitStatus()).isEqualTo(ExitCode.FAILED);
        }
    }

    @Test
    void a_demo_that_is_told_to_end_ends_all_of_it_and_sums_up() {
        try (CoterieProcess demo = demo("--interval", "300ms", "--work", "10s..15s")) {
            demo.await("work");
            List<Long> pids = pids(demo);
            demo.terminate();

            assertThat(demo.exitStatus()).isEqualTo(128 + 15);
            CoterieProcess.untilGone(pids);
            assertThat(demo.output().get(demo.output().size() - 1)).startsWith("{\"event\":\"summary\"");
        }
    }

    @Test
    void ctrl_c_ends_all_of_it() throws IOException {
        try (CoterieProcess demo = demo("--interval", "300ms", "--work", "1s..1s")) {
            demo.await("result");
            assumeThat(ignoresInterrupts(demo.pid()))
                    .as("whoever started the tests has Ctrl-C ignored by all their children")
                    .isFalse();
            List<Long> pids = pids(demo);
            new ProcessBuilder("kill", "-INT", "" + demo.pid()).start();

            assertThat(demo.exitStatus()).isEqualTo(128 + 2);
            CoterieProcess.untilGone(pids);
        }
    }

    @Test
    void a_demo_that_is_killed_leaves_nothing_running() {
        try (CoterieProcess demo = demo("--interval", "300ms")) {
            demo.await("work");
            List<Long> pids = new ArrayList<>(pids(demo));
            ProcessHandle.of(demo.pid()).stream()
                    .flatMap(ProcessHandle::descendants)
                    .map(ProcessHandle::pid)
                    .forEach(pids::add);
            CoterieProcess.kill(demo.pid());

            CoterieProcess.untilGone(pids);
        }
    }

    private static CoterieProcess demo(String... options) {
        return CoterieProcess.start(Stream.concat(Stream.of("demo", "--json"), Arrays.stream(options))
                .toArray(String[]::new));
    }

    private static String master(CoterieProcess demo) {
        return demo.events("task").map(Event::node).findFirst().orElseThrow();
    }

    private static List<Long> pids(CoterieProcess demo) {
        return demo.events("started").map(started -> started.number("pid")).toList();
    }

    private static long pid(CoterieProcess demo, String id) {
        return demo.events("started")
                .filter(started -> started.text("name").equals(Event.name(id)))
                .findFirst()
                .orElseThrow()
                .number("pid");
    }

    /** As a background job of a shell is made to do, and all its children with it. */
    private static boolean ignoresInterrupts(long pid) throws IOException {
        Path status = Path.of("/proc/" + pid + "/status");
        return !Files.exists(status)
                || Files.readAllLines(status).stream()
                        .filter(line -> line.startsWith("SigIgn:"))
                        .anyMatch(line ->
                                (Long.parseUnsignedLong(line.substring(7).strip(), 16) & 2) != 0);
    }
}
