package dev.coterie.node.console;

import dev.coterie.cluster.work.TaskCounts;
import dev.coterie.node.pipeline.Result;
import dev.coterie.node.pipeline.Task;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The demo's own tasks, which no journal has: what this node has heard of them. On the console's loop. */
final class Flow {

    /** What they are called where tasks have a type. */
    static final String TYPE = "demo";

    private static final int MOST_UNDER_WAY = 10_000;

    private final long[] latencies = new long[TaskCounts.BOUNDS.size() + 1];
    private final Map<String, Task> underWay = new LinkedHashMap<>();
    private long given;
    private long completed;

    /**
     * What there is to say of it now; as {@link TaskCounts} has it.
     *
     * @param running how many have no result, by the id of their member
     */
    record Counts(long given, long completed, List<Long> latencies, Map<String, Integer> running) {}

    void given(Task task) {
        given++;
        if (underWay.size() == MOST_UNDER_WAY) {
            underWay.remove(underWay.keySet().iterator().next());
        }
        underWay.put(task.uuid(), task);
    }

    /** How long it took, in ms. */
    long completed(Result result) {
        completed++;
        underWay.remove(result.uuid());
        long ms = Math.max(0, Duration.between(result.start(), result.finish()).toMillis());
        int bucket = 0;
        while (bucket < TaskCounts.BOUNDS.size() && TaskCounts.BOUNDS.get(bucket) < ms) {
            bucket++;
        }
        latencies[bucket]++;
        return ms;
    }

    /** Tasks of a member that is gone go to another, which is told again. */
    Counts counts() {
        Map<String, Integer> running = new LinkedHashMap<>();
        underWay.values().forEach(task -> running.merge(task.executor(), 1, Integer::sum));
        return new Counts(
                given, completed, java.util.Arrays.stream(latencies).boxed().toList(), running);
    }
}
