package dev.coterie.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coterie.etcd.EtcdProcess;
import dev.coterie.node.output.Event;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What nodes answer who are asked why. */
class ExplainIT {

    private static EtcdProcess etcd;
    private static CoterieProcess alpha;
    private static CoterieProcess beta;

    @BeforeAll
    static void start() {
        etcd = EtcdProcess.with().fastStorage().start();
        alpha = coterie("node", "--json", "--port", "0", "--name", "alpha", "--weight", "2", "--offers", "database");
        beta = coterie("node", "--json", "--port", "0", "--name", "beta", "--needs", "database,cache");
        beta.await("service");
    }

    @AfterAll
    static void stop() {
        alpha.close();
        beta.close();
        etcd.close();
    }

    @Test
    void who_needs_a_service_says_which_instances_there_are_and_what_is_missed() {
        try (CoterieProcess database = coterie("explain", "--json", "service", "database");
                CoterieProcess cache = coterie("explain", "service", "cache")) {
            assertThat(database.exitStatus())
                    .as(() -> String.join("\n", database.errors()))
                    .isZero();
            Event answer = database.await("explanation", event -> event.node().startsWith("beta-"));

            assertThat(answer.fields().get("facts"))
                    .isInstanceOfSatisfying(
                            Map.class, facts -> assertThat(facts.get("met")).isEqualTo(true));
            assertThat(answer.list("lines"))
                    .anySatisfy(line ->
                            assertThat(line).asString().contains("alpha-").contains("can be used"));
            assertThat(cache.exitStatus()).isZero();
            assertThat(cache.output())
                    .contains("beta says:")
                    .anySatisfy(line -> assertThat(line).contains("cache: needed, cannot be used since"));
        }
    }

    @Test
    void the_master_says_who_comes_next_and_a_member_how_its_session_stands() {
        try (CoterieProcess master = coterie("explain", "master");
                CoterieProcess member = coterie("explain", "member", "beta")) {
            assertThat(master.exitStatus())
                    .as(() -> String.join("\n", master.errors()))
                    .isZero();
            assertThat(master.output())
                    .anySatisfy(line -> assertThat(line).contains("slot 0 is held by", "with term"))
                    .anySatisfy(line -> assertThat(line).contains("1. in line:"))
                    .anySatisfy(line -> assertThat(line).contains("s without another refresh"));
            assertThat(member.exitStatus())
                    .as(() -> String.join("\n", member.errors()))
                    .isZero();
            assertThat(member.output())
                    .contains("beta says:")
                    .doesNotContain("alpha says:")
                    .anySatisfy(line -> assertThat(line).contains("the session of beta stands for"));
        }
    }

    @Test
    void a_task_that_nobody_handles_and_a_timer_say_why_they_wait() {
        try (CoterieProcess submit = coterie("tasks", "submit", "launder", "1", "--id", "money", "--no-wait");
                CoterieProcess set = coterie("timers", "set", "tea", "1h", "launder")) {
            assertThat(submit.exitStatus())
                    .as(() -> String.join("\n", submit.errors()))
                    .isZero();
            assertThat(set.exitStatus())
                    .as(() -> String.join("\n", set.errors()))
                    .isZero();
        }
        try (CoterieProcess task = coterie("explain", "--json", "task", "money");
                CoterieProcess timer = coterie("explain", "timer", "tea");
                CoterieProcess none = coterie("explain", "task", "none")) {
            assertThat(task.exitStatus())
                    .as(() -> String.join("\n", task.errors()))
                    .isZero();
            Event answer =
                    task.await("explanation", event -> !event.list("lines").isEmpty());
            assertThat(answer.list("lines"))
                    .anySatisfy(line -> assertThat(line).isEqualTo("1 of its type wait: no member handles launder"));
            assertThat(answer.fields().get("facts")).isInstanceOfSatisfying(Map.class, facts -> {
                assertThat(facts.get("state")).isEqualTo("WAITING");
                assertThat(facts.get("able")).isEqualTo(List.of());
            });
            assertThat(timer.exitStatus()).isZero();
            assertThat(timer.output())
                    .anySatisfy(line -> assertThat(line).contains("timer tea of type launder is SCHEDULED, due at"));
            assertThat(none.exitStatus()).isEqualTo(ExitCode.FAILED);
            assertThat(none.errors()).singleElement().asString().contains("knows anything about 'none'; check the id");
        }
    }

    @Test
    void what_nobody_knows_is_said_to_be_unknown() {
        try (CoterieProcess explain = coterie("explain", "service", "nothing")) {
            assertThat(explain.exitStatus()).isEqualTo(ExitCode.FAILED);
            assertThat(explain.errors()).singleElement().asString().contains(" knows anything about 'nothing'; check");
        }
    }

    @Test
    void what_cannot_be_explained_is_answered_with_what_can() {
        try (CoterieProcess explain = coterie("explain", "weather")) {
            assertThat(explain.exitStatus()).isEqualTo(ExitCode.FAILED);
            assertThat(explain.output())
                    .hasSize(2)
                    .allSatisfy(
                            line -> assertThat(line).contains("'weather' cannot be explained here; ask about one of"));
        }
    }

    private static CoterieProcess coterie(String... arguments) {
        List<String> all = new ArrayList<>(Arrays.asList(arguments));
        all.addAll(List.of("--etcd", etcd.endpoints().get(0)));
        return CoterieProcess.start(all.toArray(String[]::new));
    }
}
