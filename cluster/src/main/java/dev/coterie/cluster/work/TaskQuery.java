package dev.coterie.cluster.work;

import java.util.Set;

/**
 * Which tasks to list.
 *
 * @param states only those in one of these; none for all
 * @param timers whether timers are listed, or else tasks
 * @param after only those whose id comes after this one; empty for the first page
 * @param limit how many at most, 1..1000
 */
public record TaskQuery(Set<TaskState> states, boolean timers, String after, int limit) {

    /** The first hundred tasks. */
    public static final TaskQuery TASKS = new TaskQuery(Set.of(), false, "", 100);

    /** The first thousand tasks that are still to be done. */
    public static final TaskQuery OPEN =
            new TaskQuery(Set.of(TaskState.SCHEDULED, TaskState.WAITING, TaskState.RUNNING), false, "", 1000);

    /** The first hundred timers. */
    public static final TaskQuery TIMERS = new TaskQuery(Set.of(), true, "", 100);

    /** The first hundred dead letters. */
    public static final TaskQuery DEAD = new TaskQuery(Set.of(TaskState.DEAD), false, "", 100);

    /** Refuses a limit that is out of range. */
    public TaskQuery {
        states = Set.copyOf(states);
        if (limit < 1 || limit > 1000) {
            throw new IllegalArgumentException("limit: '" + limit + "' will not do; choose one of 1..1000");
        }
    }

    /** The same in one state. */
    public TaskQuery withState(TaskState newState) {
        return new TaskQuery(Set.of(newState), timers, after, limit);
    }

    /** The same, of as many at most. */
    public TaskQuery withLimit(int newLimit) {
        return new TaskQuery(states, timers, after, newLimit);
    }

    /** The page that follows. */
    public TaskQuery after(String id) {
        return new TaskQuery(states, timers, id, limit);
    }
}
