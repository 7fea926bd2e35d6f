package dev.coterie.cluster.work;

import dev.coterie.cluster.discovery.Explanation;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.LongFunction;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** Answers what nodes ask the master about tasks. On the loop. */
final class Answers {

    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final byte[] NOTHING = {};

    private final Ledger ledger;
    private final LongSupplier time;
    private final Function<LedgerTask, String> whyNotSent;
    private final LongFunction<TaskCounts> counts;

    /**
     * Prepares it.
     *
     * @param counts gets the number of the last event that is known
     */
    Answers(
            Ledger ledger,
            LongSupplier time,
            Function<LedgerTask, String> whyNotSent,
            LongFunction<TaskCounts> counts) {
        this.ledger = ledger;
        this.time = time;
        this.whyNotSent = whyNotSent;
        this.counts = counts;
    }

    /**
     * The answer, which may be told when what it changes is in the journal.
     *
     * @param stop is told of a task that was cancelled, and who ran it
     */
    byte[] to(Question question, String about, BiConsumer<LedgerTask, @Nullable NodeLine> stop) {
        boolean aboutAll = question == Question.LIST || question == Question.COUNT;
        LedgerTask task = aboutAll ? null : ledger.find(about);
        return switch (question) {
            case CANCEL -> ascii(cancel(task, stop).name());
            case CLEAR -> ascii(clear(task, stop).name());
            case FIND -> task == null ? NOTHING : JSON.writeValueAsBytes(info(task));
            case LIST -> JSON.writeValueAsBytes(list(JSON.readValue(about, TaskQuery.class)));
            case COUNT -> JSON.writeValueAsBytes(counts.apply(Long.parseLong(about)));
            case RETRY -> ascii(String.valueOf(retry(task)));
            case DROP -> ascii(String.valueOf(drop(task, stop)));
            case EXPLAIN -> String.join("\n", explain(about, task)).getBytes(StandardCharsets.UTF_8);
        };
    }

    private Cancelled cancel(@Nullable LedgerTask task, BiConsumer<LedgerTask, @Nullable NodeLine> stop) {
        if (task == null) {
            return Cancelled.UNKNOWN;
        }
        if (task.state == TaskState.COMPLETED) {
            return Cancelled.FINISHED;
        }
        end(task, stop);
        return Cancelled.CANCELLED;
    }

    private Cleared clear(@Nullable LedgerTask timer, BiConsumer<LedgerTask, @Nullable NodeLine> stop) {
        if (timer == null) {
            return Cleared.UNKNOWN;
        }
        boolean again = timer.extras().period() > 0 && !timer.state.isFinal();
        if (!again && (timer.fired || timer.state == TaskState.COMPLETED || timer.state == TaskState.DEAD)) {
            return Cleared.FIRED;
        }
        end(timer, stop);
        return Cleared.CLEARED;
    }

    private void end(LedgerTask task, BiConsumer<LedgerTask, @Nullable NodeLine> stop) {
        if (task.state != TaskState.CANCELLED) {
            NodeLine member = task.member;
            ledger.cancel(task, time.getAsLong());
            stop.accept(task, member);
        }
    }

    private boolean retry(@Nullable LedgerTask task) {
        if (task == null || task.state != TaskState.DEAD) {
            return false;
        }
        ledger.retry(task, time.getAsLong());
        return true;
    }

    private boolean drop(@Nullable LedgerTask task, BiConsumer<LedgerTask, @Nullable NodeLine> stop) {
        if (task == null || task.state != TaskState.DEAD) {
            return false;
        }
        end(task, stop);
        return true;
    }

    /** Walks over all of them: not for every second when there are a million. */
    private TaskPage list(TaskQuery query) {
        String after = (query.timers() ? Names.TIMER : "") + query.after();
        PriorityQueue<LedgerTask> first = new PriorityQueue<>(
                Comparator.comparing((LedgerTask task) -> task.id).reversed());
        for (LedgerTask task : ledger.all()) {
            boolean wanted = task.isTimer() == query.timers()
                    && (query.states().isEmpty() || query.states().contains(task.state))
                    && task.id.compareTo(after) > 0;
            if (wanted) {
                first.add(task);
                if (first.size() > query.limit() + 1) {
                    first.remove();
                }
            }
        }
        boolean more = first.size() > query.limit();
        if (more) {
            first.remove();
        }
        List<TaskInfo> page = new ArrayList<>();
        first.stream().sorted(Comparator.comparing(task -> task.id)).forEach(task -> page.add(info(task)));
        return new TaskPage(page, more);
    }

    /** As others may see it. */
    static TaskInfo info(LedgerTask task) {
        String cause = task.extras().cause();
        return new TaskInfo(
                task.isTimer() ? task.id.substring(Names.TIMER.length()) : task.id,
                task.kind.name,
                task.isTimer(),
                task.state,
                Instant.ofEpochMilli(task.due),
                task.failures + (task.state == TaskState.RUNNING ? 1 : 0),
                task.member == null ? null : task.member.member.id(),
                cause.isEmpty() ? null : cause,
                new String(task.payload, StandardCharsets.UTF_8));
    }

    /** Why a task is where it is; nothing if it is not known. */
    Explanation explanation(String id) {
        LedgerTask task = ledger.find(id);
        if (task == null) {
            return Explanation.NONE;
        }
        Map<String, Object> facts = JSON.convertValue(info(task), new TypeReference<>() {});
        facts.put("waiting", task.kind.waiting.size());
        facts.put("able", task.kind.able.stream().map(line -> line.member.id()).toList());
        return new Explanation(explain(id, task), facts);
    }

    private List<String> explain(String id, @Nullable LedgerTask task) {
        String what = id.startsWith(Names.TIMER) ? "timer " + id.substring(Names.TIMER.length()) : "task " + id;
        if (task == null) {
            return List.of(
                    what + " is not known: it was never accepted, or finished so long ago that it was forgotten");
        }
        List<String> lines = new ArrayList<>();
        lines.add(what + " of type " + task.kind.name + " is " + task.state + ", " + since(task));
        if (task.state == TaskState.WAITING && task.fired && task.list == null) {
            lines.add("it has fired, and is sent off when the journal has that");
        } else if (task.state == TaskState.WAITING) {
            lines.add(task.kind.waiting.size() + " of its type wait: " + whyNotSent.apply(task));
        } else if (task.state == TaskState.RUNNING && task.member != null) {
            lines.add("it is with " + task.member.member.name() + ", which has " + task.member.running.size() + " of "
                    + task.member.capacity + " tasks that it takes at a time");
        } else if (task.state == TaskState.DEAD) {
            lines.add("all its attempts have failed; it can be retried or dropped");
        }
        if (task.failures > 0) {
            lines.add(task.failures + " of " + task.rules.attempts() + " attempts have failed, the last one with: "
                    + task.extras().cause());
        }
        if (task.losses > 0) {
            lines.add(task.losses + " members have died while they had it");
        }
        if (task.segment != null) {
            lines.add("the journal has it in segment " + task.segment.sequence());
        }
        return lines;
    }

    private String since(LedgerTask task) {
        long ms = task.due - time.getAsLong();
        String when = Instant.ofEpochMilli(task.due).toString();
        return switch (task.state) {
            case SCHEDULED -> "due at " + when + ", in " + ms + " ms";
            case WAITING, RUNNING -> "due since " + when + ", for " + -ms + " ms";
            default -> "since " + when;
        };
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
