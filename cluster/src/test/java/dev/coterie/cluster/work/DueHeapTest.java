package dev.coterie.cluster.work;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DueHeapTest {

    @Test
    void the_next_one_is_always_on_top_whatever_is_added_and_taken_out() {
        Random random = new Random(7);
        DueHeap heap = new DueHeap();
        List<LedgerTask> in = new ArrayList<>();
        TaskKind kind = new TaskKind("any");
        for (int step = 0; step < 20_000; step++) {
            if (in.isEmpty() || random.nextInt(5) < 3) {
                LedgerTask task = new LedgerTask("t" + step, kind, new byte[0]);
                task.due = random.nextInt(1000);
                in.add(task);
                heap.add(task);
            } else {
                LedgerTask out = in.remove(random.nextInt(in.size()));
                heap.remove(out);
                assertThat(out.heapIndex).isEqualTo(-1);
            }
            assertThat(heap.size()).isEqualTo(in.size());
            if (step % 100 == 0 && !in.isEmpty()) {
                long least = in.stream()
                        .min(Comparator.comparingLong(task -> task.due))
                        .orElseThrow()
                        .due;
                LedgerTask first = heap.first();
                assertThat(first == null ? -1 : first.due).isEqualTo(least);
            }
        }
    }

    @Test
    void an_empty_one_has_nothing_on_top() {
        assertThat(new DueHeap().first()).isNull();
    }
}
