package dev.coterie.node.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What is kept of what happened, and for how long. */
class FlightRecorderTest {

    private final FlightRecorder recorder = new FlightRecorder(3);

    @Test
    void what_follows_a_number_is_told_in_order_as_long_as_it_is_kept() {
        record("member", 5);
        record("task", 0);
        record("member", 6);

        assertThat(recorder.after(1)).extracting(FlightRecord::seq).containsExactly(2L, 3L);
        assertThat(recorder.hasAllAfter(0)).isTrue();
        assertThat(recorder.hasAllAfter(4)).isFalse();
        assertThat(recorder.revision()).isEqualTo(6);
    }

    @Test
    void many_tasks_never_drive_out_what_happened_to_the_cluster() {
        record("member", 5);
        for (int i = 0; i < 10; i++) {
            record("task", 0);
        }

        assertThat(recorder.clusterFrom(1)).hasSize(1);
        assertThat(recorder.after(0)).hasSize(4);
        assertThat(recorder.hasAllAfter(7)).isFalse();
        assertThat(recorder.hasAllAfter(8)).isTrue();
    }

    @Test
    void a_task_that_is_ahead_of_the_cluster_does_not_hide_what_follows() {
        record("member", 5);
        record("task", 9);

        assertThat(recorder.revision()).isEqualTo(5);
    }

    @Test
    void what_was_forgotten_about_the_cluster_is_known_to_be() {
        recorder.completeFrom(2);
        for (int i = 0; i < 4; i++) {
            record("member", 10 + i);
        }

        assertThat(recorder.since()).isEqualTo(11);
    }

    @Test
    void pages_go_backwards_by_kind() {
        record("member", 5);
        record("task", 0);
        record("master", 6);
        record("task", 0);

        assertThat(recorder.before(Long.MAX_VALUE, Set.of("task"), 1))
                .extracting(FlightRecord::seq)
                .containsExactly(4L);
        assertThat(recorder.before(4, Set.of("task"), 5))
                .extracting(FlightRecord::seq)
                .containsExactly(2L);
        assertThat(recorder.before(3, Set.of(), 5))
                .extracting(FlightRecord::seq)
                .containsExactly(1L, 2L);
    }

    @Test
    void whoever_listens_hears_each_once_until_it_does_not() {
        List<Long> heard = new ArrayList<>();
        java.util.function.Consumer<FlightRecord> listener = record -> heard.add(record.seq());
        recorder.listen(listener);
        record("member", 5);
        recorder.ignore(listener);
        record("member", 6);

        assertThat(heard).containsExactly(1L);
    }

    @Test
    void a_position_is_read_as_it_was_written_and_nonsense_is_none() {
        Position position = new Position("b1", 7, 42, 9);

        assertThat(Position.parse(position.toString())).isEqualTo(position);
        assertThat(Position.parse("")).isEqualTo(Position.NONE);
        assertThat(Position.parse("a-b-c-d")).isEqualTo(Position.NONE);
    }

    private void record(String kind, long revision) {
        recorder.add(revision, null, kind, "happened", "id", Map.of());
    }
}
