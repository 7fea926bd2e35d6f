package dev.coterie.cluster.work;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How a task is to be run. Immutable; {@link #DEFAULT} and a changed copy by each {@code with}.
 *
 * @param id the task's own id, so that submitting it twice makes one task of it: 1 to 128 printable ASCII characters
 *     without quotes, backslashes and spaces; empty for a new one
 * @param delay how long after it was accepted it is due; zero for at once
 * @param due when it is due by the wall clock, instead of a delay; null for none
 * @param attempts how often it is tried before it is a dead letter, 1..1000
 * @param backoff the wait after the first failure; it doubles with each
 * @param longestBackoff the longest wait
 * @param deadline how long one attempt may take
 * @param key tasks with the same key go to the same member, as long as that one has room; empty for none
 */
public record TaskOptions(
        String id,
        Duration delay,
        @Nullable Instant due,
        int attempts,
        Duration backoff,
        Duration longestBackoff,
        Duration deadline,
        String key) {

    /** A new id, due at once, five attempts a second to a minute apart, ten minutes for each. */
    public static final TaskOptions DEFAULT = new TaskOptions(
            "", Duration.ZERO, null, 5, Duration.ofSeconds(1), Duration.ofMinutes(1), Duration.ofMinutes(10), "");

    /**
     * Checks what the components say of themselves.
     *
     * @throws IllegalArgumentException names the option, the value and the remedy
     */
    public TaskOptions {
        if (!id.isEmpty()) {
            Names.checkId(id);
        }
        require(!delay.isNegative(), "delay", delay, "choose zero or more");
        require(attempts >= 1 && attempts <= 1000, "attempts", attempts, "choose one of 1..1000");
        require(!backoff.isNegative(), "backoff", backoff, "choose zero or more");
        require(longestBackoff.compareTo(backoff) >= 0, "longestBackoff", longestBackoff, "choose at least " + backoff);
        require(deadline.toMillis() > 0, "deadline", deadline, "choose at least 1 ms");
        require(key.length() <= 128, "key", key, "use 128 characters at most");
    }

    /** The same with its own {@code id}. */
    public TaskOptions withId(String newId) {
        return new TaskOptions(newId, delay, due, attempts, backoff, longestBackoff, deadline, key);
    }

    /** The same, due after a delay. */
    public TaskOptions withDelay(Duration newDelay) {
        return new TaskOptions(id, newDelay, null, attempts, backoff, longestBackoff, deadline, key);
    }

    /** The same, due at an instant. */
    public TaskOptions withDue(Instant newDue) {
        return new TaskOptions(id, Duration.ZERO, newDue, attempts, backoff, longestBackoff, deadline, key);
    }

    /** The same with another number of attempts. */
    public TaskOptions withAttempts(int newAttempts) {
        return new TaskOptions(id, delay, due, newAttempts, backoff, longestBackoff, deadline, key);
    }

    /** The same with another wait between attempts, doubling from the first to the longest. */
    public TaskOptions withBackoff(Duration first, Duration longest) {
        return new TaskOptions(id, delay, due, attempts, first, longest, deadline, key);
    }

    /** The same with another deadline for each attempt. */
    public TaskOptions withDeadline(Duration newDeadline) {
        return new TaskOptions(id, delay, due, attempts, backoff, longestBackoff, newDeadline, key);
    }

    /** The same with a key. */
    public TaskOptions withKey(String newKey) {
        return new TaskOptions(id, delay, due, attempts, backoff, longestBackoff, deadline, newKey);
    }

    private static void require(boolean holds, String field, Object value, String remedy) {
        if (!holds) {
            throw new IllegalArgumentException(field + ": '" + value + "' will not do; " + remedy);
        }
    }
}
