package dev.coterie.node.demo;

import dev.coterie.node.output.Event;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Counts tasks and results by what the nodes say. Lines of different nodes may arrive in any order, and a node that is
 * killed leaves some unsaid, so a task is known from the first line that mentions it, and answered from the first that
 * mentions its result. One thread.
 */
final class Tally {

    /** How many answered tasks are remembered, so that late lines about them count for nothing. */
    private static final int MOST_ANSWERED = 10_000;

    private final Map<String, Long> unanswered = new LinkedHashMap<>();
    private final Map<String, Boolean> answered = new LinkedHashMap<>();
    private long tasks;
    private long results;
    private long wrong;
    private long resent;
    private String master = "";
    private long term = -1;

    /** Notes what a node said. */
    void note(Event event) {
        switch (event.event()) {
            case "task", "work" -> task(event.text("uuid"), event.number("number"));
            case "resent" -> {
                resent++;
                task(event.text("uuid"), event.number("number"));
            }
            case "adopted" ->
                event.list("tasks").forEach(task -> {
                    if (task instanceof Map<?, ?> fields && fields.get("number") instanceof Number number) {
                        task(String.valueOf(fields.get("uuid")), number.longValue());
                    }
                });
            case "answer", "result" -> {
                task(event.text("uuid"), event.number("number"));
                result(event.text("uuid"), event.number("result"));
            }
            case "master" -> master(event.text("id"), event.number("term"));
            default -> {
                // The rest is about members.
            }
        }
    }

    private void task(String uuid, long number) {
        if (!answered.containsKey(uuid) && unanswered.putIfAbsent(uuid, number) == null) {
            tasks++;
        }
    }

    private void result(String uuid, long result) {
        Long number = unanswered.remove(uuid);
        if (number == null) {
            return;
        }
        results++;
        wrong += result == number * 3 ? 0 : 1;
        answered.put(uuid, true);
        if (answered.size() > MOST_ANSWERED) {
            answered.remove(answered.keySet().iterator().next());
        }
    }

    private void master(String id, long newTerm) {
        if (newTerm > term) {
            term = newTerm;
            master = id;
        }
    }

    long tasks() {
        return tasks;
    }

    long results() {
        return results;
    }

    long wrong() {
        return wrong;
    }

    long resent() {
        return resent;
    }

    /** The latest master's id; empty if there was none. */
    String master() {
        return master;
    }

    int unanswered() {
        return unanswered.size();
    }

    /** How many tasks it has in mind, answered or not. */
    int remembered() {
        return unanswered.size() + answered.size();
    }

    /** Whether every task was answered, and right. */
    boolean allRight() {
        return unanswered.isEmpty() && wrong == 0;
    }
}
