package dev.coterie.cluster.work;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Tasks in a row, each in one list at a time; adding and removing take the same time however many there are. */
final class TaskList {

    private @Nullable LedgerTask first;
    private @Nullable LedgerTask last;
    private int size;

    @Nullable
    LedgerTask first() {
        return first;
    }

    int size() {
        return size;
    }

    /** Adds one that is in no list. */
    void addLast(LedgerTask task) {
        join(task);
        task.previous = last;
        if (last == null) {
            first = task;
        } else {
            last.next = task;
        }
        last = task;
    }

    /** Adds one that is in no list. */
    void addFirst(LedgerTask task) {
        join(task);
        task.next = first;
        if (first == null) {
            last = task;
        } else {
            first.previous = task;
        }
        first = task;
    }

    private void join(LedgerTask task) {
        if (task.list != null) {
            throw new IllegalStateException(task.id + " is in a list already");
        }
        task.list = this;
        size++;
    }

    void remove(LedgerTask task) {
        LedgerTask before = task.previous;
        LedgerTask after = task.next;
        if (before == null) {
            first = after;
        } else {
            before.next = after;
        }
        if (after == null) {
            last = before;
        } else {
            after.previous = before;
        }
        task.previous = null;
        task.next = null;
        task.list = null;
        size--;
    }

    /** All of them now. */
    List<LedgerTask> all() {
        List<LedgerTask> all = new ArrayList<>(size);
        for (LedgerTask task = first; task != null; task = task.next) {
            all.add(task);
        }
        return all;
    }
}
