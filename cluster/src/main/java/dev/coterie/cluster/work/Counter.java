package dev.coterie.cluster.work;

import dev.coterie.cluster.journal.Segment;
import dev.coterie.cluster.work.TaskEvent.What;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Counts what happens to tasks, and keeps the last of it. Costs next to nothing also where a lot happens. On the loop. */
final class Counter {

    private static final int MOST_KEPT = 1_000;
    private static final int MOST_TOLD = 500;

    /** More than so many in a window are counted only. */
    private static final int MOST_IN_WINDOW = 250;

    private static final int WINDOW = 250;

    private final Map<What, Long> totals = new EnumMap<>(What.class);
    private final long[] latencies = new long[TaskCounts.BOUNDS.size() + 1];
    private final int[] bounds =
            TaskCounts.BOUNDS.stream().mapToInt(Integer::intValue).toArray();
    private final Deque<Kept> last = new ArrayDeque<>();
    private long number;
    private long window;
    private int inWindow;

    /** Something that happened, and where it stands in the journal: its revision is known when that is in the store. */
    private record Kept(
            long number,
            Segment segment,
            long at,
            What what,
            String id,
            String type,
            boolean timer,
            @Nullable String member,
            @Nullable String cause) {

        TaskEvent event() {
            return new TaskEvent(
                    number, segment.revision(), Instant.ofEpochMilli(at), what, id, type, timer, member, cause);
        }
    }

    /** Something has happened to a task, at a time in ms since 1970, and was saved if it is to be. */
    void happened(What what, LedgerTask task, @Nullable NodeLine member, long now) {
        totals.merge(what, 1L, Long::sum);
        number++;
        if (now - window >= WINDOW) {
            window = now;
            inWindow = 0;
        }
        if (++inWindow > MOST_IN_WINDOW) {
            return;
        }
        if (last.size() == MOST_KEPT) {
            last.removeFirst();
        }
        boolean timer = task.isTimer();
        boolean failed = what == What.FAILED || what == What.DEAD;
        last.addLast(new Kept(
                number,
                Objects.requireNonNull(task.segment, "it was saved"),
                now,
                what,
                timer ? task.id.substring(Names.TIMER.length()) : task.id,
                task.kind.name,
                timer,
                member == null ? null : member.member.id(),
                failed ? task.extras().cause() : null));
    }

    /** A member was done with a task, so long after it was due. */
    void completed(LedgerTask task, NodeLine member, long now, long ms) {
        member.done++;
        int bucket = Arrays.binarySearch(bounds, (int) Math.min(Integer.MAX_VALUE, Math.max(0, ms)));
        latencies[bucket >= 0 ? bucket : -bucket - 1]++;
        happened(What.COMPLETED, task, member, now);
    }

    Map<What, Long> totals() {
        Map<What, Long> all = new EnumMap<>(What.class);
        for (What what : What.values()) {
            all.put(what, totals.getOrDefault(what, 0L));
        }
        return all;
    }

    List<Long> latencies() {
        return Arrays.stream(latencies).boxed().toList();
    }

    /** What happened last and is in the store, the newest last; what is on its way there is told of another time. */
    List<TaskEvent> after(long known) {
        List<TaskEvent> news = last.stream()
                .filter(event -> event.number() > known)
                .takeWhile(event -> event.segment().revision() != 0)
                .map(Kept::event)
                .toList();
        return news.subList(Math.max(0, news.size() - MOST_TOLD), news.size());
    }
}
