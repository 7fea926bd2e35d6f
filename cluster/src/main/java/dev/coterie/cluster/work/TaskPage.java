package dev.coterie.cluster.work;

import java.util.List;

/**
 * Some tasks.
 *
 * @param tasks in order of their ids
 * @param more whether there are more after them
 */
public record TaskPage(List<TaskInfo> tasks, boolean more) {

    /** Copies the list. */
    public TaskPage {
        tasks = List.copyOf(tasks);
    }
}
