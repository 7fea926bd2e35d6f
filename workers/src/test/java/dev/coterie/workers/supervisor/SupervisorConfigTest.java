package dev.coterie.workers.supervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class SupervisorConfigTest {

    @Test
    void as_many_of_this_program_as_there_are_cpus() {
        SupervisorConfig config = SupervisorConfig.with().build();

        assertThat(config.workers()).isEqualTo(Runtime.getRuntime().availableProcessors());
        assertThat(config.command()).isEqualTo(OwnCommand.of());
        assertThat(config.command().get(0)).endsWith("java");
        assertThat(config.workerName(2)).isEqualTo("Worker-2");
        assertThat(config.recycle()).isEqualTo(new RecyclePolicy(10_000, Duration.ofHours(24), 0.5));
        assertThat(config.heartbeats()).isEqualTo(new Heartbeats(Duration.ofSeconds(60), Duration.ofSeconds(180)));
    }

    @Test
    void what_will_not_do_is_named() {
        assertThatThrownBy(() -> RecyclePolicy.after(0, Duration.ofHours(1)))
                .hasMessage("recycle-connections: '0' will not do; choose 1 or more");
        assertThatThrownBy(() -> RecyclePolicy.after(1, Duration.ZERO))
                .hasMessage("recycle-age: 'PT0S' will not do; choose more than zero");
        assertThatThrownBy(() -> RestartPolicy.within(-1, Duration.ZERO)).hasMessageStartingWith("crashes: '-1'");
        assertThatThrownBy(() -> RestartPolicy.within(0, Duration.ofSeconds(-1)))
                .hasMessageStartingWith("crash-window: 'PT-1S'");
        assertThatThrownBy(() -> new Heartbeats(Duration.ofSeconds(2), Duration.ofSeconds(2)))
                .hasMessageContaining("deadAfter must be more than interval");
        assertRefused(config -> config.workers(0), "workers: '0'");
        assertRefused(config -> config.name("a/b"), "name: 'a/b'");
        assertRefused(config -> config.workerName("a b"), "workerName: 'a b'");
        assertRefused(config -> config.readyWithin(Duration.ZERO), "readyWithin: 'PT0S'");
        assertRefused(config -> config.drain(Duration.ofSeconds(-1)), "drain: 'PT-1S'");
    }

    private static void assertRefused(Consumer<SupervisorConfig.Builder> change, String beginning) {
        SupervisorConfig.Builder config = SupervisorConfig.with().command(List.of("true"));
        change.accept(config);
        assertThatThrownBy(config::build)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(beginning)
                .hasMessageContaining(" will not do; choose ");
    }
}
