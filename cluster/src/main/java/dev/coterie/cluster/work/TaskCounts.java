package dev.coterie.cluster.work;

import java.util.List;
import java.util.Map;

/**
 * How much work there is and was, as the master of slot 0 counts it since it became master. Counting anew under another
 * term is no decrease.
 *
 * @param term the master's
 * @param totals how often each thing has happened
 * @param latencies how many tasks were done within each of {@link #BOUNDS} after they were due, the rest last; not
 *     cumulative
 * @param live tasks and timers that are not finished
 * @param scheduled of these, those that are not due
 * @param dead of these, the dead letters
 * @param bytes that all of them take on the master, about
 * @param types those of which there are any, a thousand at most
 * @param members those that talk to the master
 * @param events what happened last, behind the number that was asked for; a few hundred at most
 */
public record TaskCounts(
        long term,
        Map<TaskEvent.What, Long> totals,
        List<Long> latencies,
        int live,
        int scheduled,
        int dead,
        long bytes,
        List<Type> types,
        List<Share> members,
        List<TaskEvent> events) {

    /** The bounds of the latencies, in milliseconds. */
    public static final List<Integer> BOUNDS =
            List.of(1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 60_000);

    /** Copies the collections. */
    public TaskCounts {
        totals = Map.copyOf(totals);
        latencies = List.copyOf(latencies);
        types = List.copyOf(types);
        members = List.copyOf(members);
        events = List.copyOf(events);
    }

    /**
     * The tasks of a type.
     *
     * @param tasks in any state, finished ones included as long as they are remembered
     * @param waiting those that are due and with no member
     * @param able how many members handle it
     */
    public record Type(String name, int tasks, int waiting, int able) {}

    /**
     * A member's share.
     *
     * @param id the member's
     * @param capacity how many tasks it takes at a time
     * @param running how many it has
     * @param done how many it has completed under this master
     * @param types what it handles
     */
    public record Share(String id, int capacity, int running, long done, List<String> types) {}
}
