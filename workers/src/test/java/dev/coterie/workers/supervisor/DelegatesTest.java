package dev.coterie.workers.supervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coterie.workers.ManualLoop;
import dev.coterie.workers.link.Json;
import dev.coterie.workers.link.Kind;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DelegatesTest {

    private final ManualLoop loop = new ManualLoop();
    private final WorkerProcess one = new WorkerProcess(new Slot(1, "W-1"), 1, 1, 0);
    private final WorkerProcess two = new WorkerProcess(new Slot(2, "W-2"), 1, 1, 0);
    private final Map<WorkerProcess, List<Map<String, Object>>> got = new LinkedHashMap<>();
    private final List<Question> asked = new ArrayList<>();
    private final Delegates delegates = new Delegates(
            loop,
            asked::add,
            () -> Set.of(one, two),
            (worker, frame) ->
                    got.computeIfAbsent(worker, none -> new ArrayList<>()).add(content(frame)));

    @Test
    void only_who_asks_gets_the_answer_that_matches() {
        ask(one, 7, "key", "a");
        delegates.answer("other", Map.of("key", "a"));
        delegates.answer("found", Map.of("key", "b"));
        assertThat(got).isEmpty();

        delegates.answer("found", Map.of("key", "a", "value", 1));
        delegates.answer("found", Map.of("key", "a", "value", 2));

        assertThat(got.get(one))
                .containsExactly(Map.of("id", 7, "type", "found", "data", Map.of("key", "a", "value", 1)));
        assertThat(got).doesNotContainKey(two);
    }

    @Test
    void equal_questions_that_wait_are_asked_once_and_each_asker_is_answered() {
        ask(one, 1, "key", "a");
        ask(two, 1, "key", "a");
        ask(two, 2, "key", "b");
        assertThat(asked).hasSize(2);

        delegates.answer("found", Map.of("key", "a"));
        assertThat(got.get(one)).hasSize(1);
        assertThat(got.get(two)).hasSize(1);

        ask(one, 2, "key", "a");
        assertThat(asked).as("it waits no longer, so it is asked again").hasSize(3);
    }

    @Test
    void without_an_answer_in_time_only_that_asker_is_told_so() {
        ask(one, 1, "key", "a");
        loop.advance(Duration.ofSeconds(5));
        ask(two, 1, "key", "a");
        loop.advance(Duration.ofSeconds(5));

        assertThat(got.get(one))
                .containsExactly(Map.of("id", 1, "type", "found", "error", "no answer within 10000 ms"));
        assertThat(got).doesNotContainKey(two);
        delegates.answer("found", Map.of("key", "a"));
        assertThat(got.get(two)).hasSize(1);
    }

    @Test
    void later_changes_go_to_whoever_wants_them_as_long_as_it_is_there() {
        delegates.ask(one, message(1, Map.of("key", "a"), Map.of("notification", true)));
        delegates.answer("found", Map.of("key", "a", "value", 1));
        delegates.answer("found", Map.of("key", "a", "value", 2));
        delegates.answer("found", Map.of("key", "b", "value", 3));
        assertThat(got.get(one))
                .hasSize(2)
                .last()
                .isEqualTo(Map.of("type", "found", "data", Map.of("key", "a", "value", 2)));

        delegates.gone(one);
        delegates.answer("found", Map.of("key", "a", "value", 4));
        assertThat(got.get(one)).hasSize(2);
    }

    @Test
    void named_workers_get_the_answer_too() {
        delegates.ask(one, message(1, Map.of("key", "a"), Map.of("targets", List.of("W-2"))));
        delegates.answer("found", Map.of("key", "a"));
        assertThat(got.get(two)).containsExactly(Map.of("type", "found", "data", Map.of("key", "a")));
    }

    @Test
    void without_an_expected_answer_nothing_waits() {
        delegates.ask(one, Map.of("delegate", "note", "data", Map.of("key", "a")));
        loop.advance(Duration.ofHours(1));
        assertThat(asked).hasSize(1);
        assertThat(got).isEmpty();
    }

    @Test
    void what_waits_is_bounded() {
        for (int id = 0; id < 10_000; id++) {
            ask(one, id, "key", id);
        }
        ask(two, 1, "key", "more");

        assertThat(asked).hasSize(10_000);
        assertThat(got.get(two)).singleElement().asString().contains("too many questions wait");
    }

    @Test
    void a_question_without_a_name_is_refused() {
        assertThatThrownBy(() -> delegates.ask(one, Map.of("data", Map.of())))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private void ask(WorkerProcess worker, int id, String field, Object value) {
        delegates.ask(worker, message(id, Map.of(field, value), Map.of()));
    }

    private static Map<String, Object> message(int id, Map<String, Object> data, Map<String, Object> more) {
        Map<String, Object> message = new LinkedHashMap<>(more);
        message.putAll(
                Map.of("id", id, "delegate", "find", "expect", "found", "matches", List.of("key"), "data", data));
        return message;
    }

    private static Map<String, Object> content(ByteBuffer frame) {
        assertThat(Kind.ANSWER.is(frame.get(4))).isTrue();
        return Json.object(frame.position(5));
    }
}
