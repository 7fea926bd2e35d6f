package dev.coterie.node.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coterie.node.output.Event;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TallyTest {

    private final Tally tally = new Tally();

    @Test
    void a_task_with_its_result_is_answered() {
        note("task", Map.of("uuid", "1", "number", 40));
        assertThat(tally.allRight()).isFalse();

        note("work", Map.of("uuid", "1", "number", 40));
        note("answer", Map.of("uuid", "1", "number", 40, "result", 120));
        note("result", Map.of("uuid", "1", "number", 40, "result", 120));

        assertThat(tally.tasks()).isEqualTo(1);
        assertThat(tally.results()).isEqualTo(1);
        assertThat(tally.allRight()).isTrue();
    }

    @Test
    void a_result_that_no_master_has_accepted_yet_is_told_apart() {
        note("task", Map.of("uuid", "1", "number", 40));
        note("answer", Map.of("uuid", "1", "number", 40, "result", 120));
        assertThat(tally.results()).isEqualTo(1);
        assertThat(tally.unaccepted()).isEqualTo(1);

        note("result", Map.of("uuid", "1", "number", 40, "result", 120));
        note("answer", Map.of("uuid", "1", "number", 40, "result", 120));
        assertThat(tally.results()).isEqualTo(1);
        assertThat(tally.unaccepted()).isZero();
    }

    @Test
    void lines_may_arrive_in_any_order() {
        note("result", Map.of("uuid", "1", "number", 40, "result", 120));
        note("task", Map.of("uuid", "1", "number", 40));
        note("answer", Map.of("uuid", "1", "number", 40, "result", 120));

        assertThat(tally.tasks()).isEqualTo(1);
        assertThat(tally.results()).isEqualTo(1);
        assertThat(tally.unanswered()).isZero();
    }

    @Test
    void a_wrong_result_is_counted_even_if_the_master_calls_it_right() {
        note("result", Map.of("uuid", "1", "number", 40, "result", 121, "right", true));

        assertThat(tally.wrong()).isEqualTo(1);
        assertThat(tally.allRight()).isFalse();
    }

    @Test
    void a_task_that_only_a_later_master_told_of_counts() {
        note("adopted", Map.of("tasks", List.of(Map.of("uuid", "1", "number", 40))));
        note("resent", Map.of("uuid", "1", "number", 40));

        assertThat(tally.tasks()).isEqualTo(1);
        assertThat(tally.resent()).isEqualTo(1);
        assertThat(tally.unanswered()).isEqualTo(1);
    }

    @Test
    void the_master_is_the_one_of_the_latest_term() {
        note("master", Map.of("id", "new", "term", 9));
        note("master", Map.of("id", "old", "term", 4));

        assertThat(tally.master()).isEqualTo("new");
    }

    @Test
    void it_does_not_grow_with_time() {
        for (int i = 0; i < 50_000; i++) {
            note("task", Map.of("uuid", "" + i, "number", 1));
            note("result", Map.of("uuid", "" + i, "number", 1, "result", 3));
        }

        assertThat(tally.results()).isEqualTo(50_000);
        assertThat(tally.remembered()).isLessThanOrEqualTo(10_000);
    }

    @Test
    void nodes_are_lettered_beyond_the_alphabet() {
        assertThat(List.of(Demo.label(0), Demo.label(2), Demo.label(25), Demo.label(26), Demo.label(51)))
                .containsExactly("A", "C", "Z", "AA", "AZ");
    }

    private void note(String event, Map<String, Object> fields) {
        tally.note(new Event(event, "a", Instant.EPOCH, fields));
    }
}
