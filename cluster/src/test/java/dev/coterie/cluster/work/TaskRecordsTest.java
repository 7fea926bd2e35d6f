package dev.coterie.cluster.work;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coterie.cluster.work.LedgerTask.Extras;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class TaskRecordsTest {

    private final TaskRecords records = new TaskRecords();

    @Test
    void a_plain_task_is_a_short_line_that_anybody_can_read() {
        LedgerTask task = task("a-1", "{\"number\":14}");
        task.due = 1_700_000_000_000L;
        assertThat(line(task))
                .isEqualTo(
                        "{\"task\":\"a-1\",\"type\":\"multiply\",\"due\":1700000000000,\"payload\":{\"number\":14}}");
    }

    @Test
    void everything_there_is_to_say_of_a_task_is_found_again() {
        LedgerTask task = task("timer:t", "\"p,\\\"payload\\\":1\"");
        task.due = 17;
        task.run = 3;
        task.failures = 2;
        task.fired = true;
        task.rules = new Rules(9, 1, 2, 3);
        task.extras(new Extras("a key", 1000, 77, "it said \"no\",\"payload\":7\nand more"));
        TaskRecords.Found found = read(task);
        assertThat(found.verb).isEqualTo("task");
        assertThat(found.id).isEqualTo("timer:t");
        assertThat(new String(found.payload, StandardCharsets.UTF_8)).isEqualTo("\"p,\\\"payload\\\":1\"");
        assertThat(found.numbers)
                .containsEntry("due", 17L)
                .containsEntry("run", 3L)
                .containsEntry("failures", 2L)
                .containsEntry("fired", 1L)
                .containsEntry("attempts", 9L)
                .containsEntry("backoff", 1L)
                .containsEntry("longest", 2L)
                .containsEntry("deadline", 3L)
                .containsEntry("period", 1000L)
                .containsEntry("token", 77L);
        assertThat(found.texts)
                .containsEntry("type", "multiply")
                .containsEntry("key", "a key")
                .containsEntry("cause", "it said \"no\",\"payload\":7\nand more");
    }

    @Test
    void a_finished_task_has_its_result_or_none() {
        LedgerTask task = task("a-1", "42");
        task.state = TaskState.COMPLETED;
        task.due = 5;
        assertThat(line(task)).isEqualTo("{\"done\":\"a-1\",\"type\":\"multiply\",\"at\":5,\"result\":42}");
        assertThat(new String(read(task).payload, StandardCharsets.UTF_8)).isEqualTo("42");
        task.state = TaskState.CANCELLED;
        assertThat(line(task)).isEqualTo("{\"cancelled\":\"a-1\",\"type\":\"multiply\",\"at\":5}");
        assertThat(read(task).payload).isEmpty();
        assertThat(read(task).number("at", 0)).isEqualTo(5);
    }

    @Test
    void the_id_is_found_without_reading_the_rest() {
        byte[] line = "xx{\"task\":\"a-1\",\"type\":".getBytes(StandardCharsets.UTF_8);
        assertThat(TaskRecords.id(line, 2, line.length)).isEqualTo("a-1");
        assertThat(TaskRecords.id(line, 2, 8)).isEmpty();
    }

    private static LedgerTask task(String id, String payload) {
        return new LedgerTask(id, new TaskKind("multiply"), payload.getBytes(StandardCharsets.UTF_8));
    }

    private String line(LedgerTask task) {
        records.write(task);
        return new String(records.line(), 0, records.size(), StandardCharsets.UTF_8);
    }

    private TaskRecords.Found read(LedgerTask task) {
        records.write(task);
        return TaskRecords.read(records.line(), 0, records.size());
    }
}
