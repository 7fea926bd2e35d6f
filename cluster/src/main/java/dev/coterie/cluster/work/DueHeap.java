package dev.coterie.cluster.work;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Tasks that are not due, the next one on top; each knows its place, so that any can be taken out. */
final class DueHeap {

    private @Nullable LedgerTask[] tasks = new LedgerTask[64];
    private int size;

    int size() {
        return size;
    }

    @Nullable
    LedgerTask first() {
        return size == 0 ? null : tasks[0];
    }

    void add(LedgerTask task) {
        if (size == tasks.length) {
            tasks = Arrays.copyOf(tasks, size + size / 2);
        }
        rise(task, size++);
    }

    void remove(LedgerTask task) {
        int at = task.heapIndex;
        task.heapIndex = -1;
        LedgerTask last = at(--size);
        tasks[size] = null;
        if (at != size) {
            rise(last, at);
            sink(last, last.heapIndex);
        }
    }

    private void rise(LedgerTask task, int from) {
        int at = from;
        while (at > 0 && at((at - 1) >> 1).due > task.due) {
            place(at((at - 1) >> 1), at);
            at = (at - 1) >> 1;
        }
        place(task, at);
    }

    private void sink(LedgerTask task, int from) {
        int at = from;
        while (2 * at + 1 < size) {
            int child = 2 * at + 1;
            if (child + 1 < size && at(child + 1).due < at(child).due) {
                child++;
            }
            if (at(child).due >= task.due) {
                break;
            }
            place(at(child), at);
            at = child;
        }
        place(task, at);
    }

    private void place(LedgerTask task, int at) {
        tasks[at] = task;
        task.heapIndex = at;
    }

    private LedgerTask at(int index) {
        LedgerTask task = tasks[index];
        if (task == null) {
            throw new IllegalStateException("the heap has a hole");
        }
        return task;
    }
}
