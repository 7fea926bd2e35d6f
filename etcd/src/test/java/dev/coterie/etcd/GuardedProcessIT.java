package dev.coterie.etcd;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class GuardedProcessIT {

    @ParameterizedTest
    @ValueSource(strings = {"", "paused"})
    void a_child_ends_when_its_parent_is_killed(String state) throws Exception {
        Process parent = (state.isEmpty() ? ParentProcess.recipe() : ParentProcess.recipe(state)).start();
        long etcd;
        Path data;
        try (BufferedReader said = new BufferedReader(new InputStreamReader(parent.getInputStream(), UTF_8))) {
            etcd = Long.parseLong(nextLine(said));
            data = Path.of(nextLine(said));
        } finally {
            parent.destroyForcibly();
        }
        assertThat(parent.waitFor(10, TimeUnit.SECONDS)).isTrue();

        await().atMost(Duration.ofSeconds(20)).until(() -> !isAlive(etcd));
        await().atMost(Duration.ofSeconds(20)).until(() -> !Files.exists(data));
    }

    @Test
    void the_exit_status_and_the_output_are_the_childs_own() throws IOException {
        GuardedProcess child = GuardedProcess.start(shell("echo out; echo err >&2; exit 7"));

        assertThat(child.output().readAllBytes()).asString().isEqualTo("out\n");
        assertThat(child.errors().readAllBytes()).asString().isEqualTo("err\n");
        assertThat(child.onExit()).succeedsWithin(Duration.ofSeconds(5)).isEqualTo(7);
        assertThat(child.isAlive()).isFalse();
        child.close();
    }

    @Test
    void the_process_id_is_the_childs_own_and_its_input_is_empty() throws IOException {
        GuardedProcess child = GuardedProcess.start(shell("cat; echo $$"));

        assertThat(child.output().readAllBytes()).asString().isEqualTo(child.pid() + "\n");
    }

    @Test
    void environment_and_folder_are_those_of_the_recipe() throws IOException {
        ProcessBuilder recipe =
                shell("pwd; echo $COLOUR").directory(Path.of("/").toFile());
        recipe.environment().put("COLOUR", "blue");

        try (GuardedProcess child = GuardedProcess.start(recipe)) {
            assertThat(child.output().readAllBytes()).asString().isEqualTo("/\nblue\n");
        }
        assertThat(recipe.command())
                .as("the recipe can be used again")
                .containsExactly("sh", "-c", "pwd; echo $COLOUR");
    }

    @Test
    void the_guard_ends_with_the_child() throws IOException {
        Set<Long> before = children();
        GuardedProcess child = GuardedProcess.start(shell("exec sleep 600"));
        assertThat(children()).hasSize(before.size() + 2);

        child.kill();

        assertThat(child.onExit()).succeedsWithin(Duration.ofSeconds(5)).isEqualTo(128 + 9);
        await().atMost(Duration.ofSeconds(5)).until(() -> children().equals(before));
    }

    @Test
    void the_guard_does_not_mistake_the_end_of_a_child_for_the_end_of_the_parent() throws IOException {
        try (GuardedProcess stays = GuardedProcess.start(shell("exec sleep 600"))) {
            GuardedProcess.start(shell("exec sleep 600")).close();

            assertThat(stays.endsWithin(Duration.ofMillis(200))).isFalse();
        }
    }

    @Test
    void ctrl_c_in_a_terminal_is_left_to_the_parent() throws Exception {
        try (GuardedProcess child = GuardedProcess.start(shell("echo ready; exec sleep 600"))) {
            assertThat(new BufferedReader(new InputStreamReader(child.output(), UTF_8)).readLine())
                    .isEqualTo("ready");
            assertThat(new ProcessBuilder("sh", "-c", "kill -INT " + child.pid())
                            .start()
                            .waitFor())
                    .isZero();

            assertThat(child.endsWithin(Duration.ofMillis(200))).isFalse();
        }
    }

    @Test
    void a_paused_child_can_be_resumed_and_closed() throws IOException {
        GuardedProcess child =
                GuardedProcess.start(shell("trap 'exit 3' TERM; echo ready; while :; do sleep 0.05; done"));
        assertThat(new BufferedReader(new InputStreamReader(child.output(), UTF_8)).readLine())
                .isEqualTo("ready");
        child.pause();
        child.terminate();
        assertThat(child.endsWithin(Duration.ofMillis(200))).as("it is frozen").isFalse();
        child.resume();
        assertThat(child.onExit()).succeedsWithin(Duration.ofSeconds(5)).isEqualTo(3);

        GuardedProcess frozen = GuardedProcess.start(shell("exec sleep 600"));
        frozen.pause();
        frozen.close();
        assertThat(frozen.isAlive()).isFalse();
    }

    @Test
    void a_child_that_ignores_sigterm_is_killed() throws IOException {
        GuardedProcess child = GuardedProcess.start(shell("trap '' TERM; echo ready; while :; do sleep 0.05; done"));
        assertThat(new BufferedReader(new InputStreamReader(child.output(), UTF_8)).readLine())
                .isEqualTo("ready");

        child.close(Duration.ofMillis(200));

        assertThat(child.onExit()).succeedsWithin(Duration.ofSeconds(5)).isEqualTo(128 + 9);
    }

    @Test
    void a_program_that_is_not_there_is_an_error_that_names_it() {
        assertThatThrownBy(() -> GuardedProcess.start(new ProcessBuilder("no-such-program", "x")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("no-such-program");
    }

    private static String nextLine(BufferedReader said) throws IOException {
        String line = said.readLine();
        assertThat(line).isNotNull();
        return line;
    }

    private static ProcessBuilder shell(String script) {
        return new ProcessBuilder("sh", "-c", script);
    }

    private static Set<Long> children() {
        return ProcessHandle.current().children().map(ProcessHandle::pid).collect(Collectors.toSet());
    }

    private static boolean isAlive(long pid) {
        return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
    }
}
