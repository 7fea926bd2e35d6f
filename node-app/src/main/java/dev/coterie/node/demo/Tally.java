package dev.coterie.node.demo;

import dev.coterie.node.output.Event;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Counts tasks and results by what the nodes say. Lines of different nodes may arrive in any order, and a node that is
 * killed leaves some unsaid, so a task is known from the first line that mentions it. It is answered when a master has
 * accepted its result; if that master died, when its executor has sent it. One thread.
 */
final class Tally {

    /** How many answered tasks are remembered, so that late lines about them count for nothing. */
    private static final int MOST_ANSWERED = 10_000;

    private final Map<String, Long> unanswered = new LinkedHashMap<>();
    private final Map<String, Boolean> sent = new LinkedHashMap<>();
    private final Map<String, Boolean> accepted = new LinkedHashMap<>();
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
            case "answer" -> {
                task(event.text("uuid"), event.number("number"));
                result(event, sent);
            }
            case "result" -> {
                task(event.text("uuid"), event.number("number"));
                result(event, accepted);
                sent.remove(event.text("uuid"));
            }
            case "master" -> master(event.text("id"), event.number("term"));
            default -> {
                // The rest is about members.
            }
        }
    }

    private void task(String uuid, long number) {
        boolean known = unanswered.containsKey(uuid) || sent.containsKey(uuid) || accepted.containsKey(uuid);
        if (!known) {
            unanswered.put(uuid, number);
            tasks++;
        }
    }

    private void result(Event event, Map<String, Boolean> how) {
        String uuid = event.text("uuid");
        Long number = unanswered.remove(uuid);
        if (number != null) {
            results++;
            wrong += event.number("result") == number * 3 ? 0 : 1;
        }
        if (number != null || how == accepted) {
            how.put(uuid, true);
        }
        if (how.size() > MOST_ANSWERED) {
            how.remove(how.keySet().iterator().next());
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

    /** Tasks that were answered. */
    long results() {
        return results;
    }

    /** How many of these no master has accepted yet. */
    int unaccepted() {
        return sent.size();
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
        return unanswered.size() + sent.size() + accepted.size();
    }

    /** Whether every task was answered, and right. */
    boolean allRight() {
        return unanswered.isEmpty() && wrong == 0;
    }
}
