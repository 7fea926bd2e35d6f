package dev.coterie.workers.worker;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A question to the supervisor. Immutable; {@link #of} gives the defaults, each {@code with} a changed copy.
 *
 * @param delegate what is asked, as the application calls it
 * @param data what belongs to it: JSON values
 * @param expect the type of the answer
 * @param matches which fields of the data the answer must have with the same values; default none
 * @param timeout how long to wait; default 10 s
 * @param notification whether later answers of the kind are wanted too; default no
 * @param targets names or process ids of other workers that are to get the answer too; default none
 */
public record Delegation(
        String delegate,
        Map<String, Object> data,
        String expect,
        List<String> matches,
        Duration timeout,
        boolean notification,
        List<String> targets) {

    /** Copies the collections. */
    public Delegation {
        data = new LinkedHashMap<>(data);
        matches = List.copyOf(matches);
        targets = List.copyOf(targets);
    }

    /** A question with the defaults. */
    public static Delegation of(String delegate, Map<String, Object> data, String expect) {
        return new Delegation(delegate, data, expect, List.of(), Duration.ofSeconds(10), false, List.of());
    }

    /** The same with other {@code matches}. */
    public Delegation withMatches(String... fields) {
        return new Delegation(delegate, data, expect, List.of(fields), timeout, notification, targets);
    }

    /** The same with another {@code timeout}. */
    public Delegation withTimeout(Duration time) {
        return new Delegation(delegate, data, expect, matches, time, notification, targets);
    }

    /** The same with {@code notification}. */
    public Delegation withNotification() {
        return new Delegation(delegate, data, expect, matches, timeout, true, targets);
    }

    /** The same with other {@code targets}. */
    public Delegation withTargets(String... workers) {
        return new Delegation(delegate, data, expect, matches, timeout, notification, List.of(workers));
    }

    Map<String, Object> fields(long id) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("id", id);
        fields.put("delegate", delegate);
        fields.put("data", data);
        fields.put("expect", expect);
        fields.put("matches", matches);
        fields.put("timeout", timeout.toMillis());
        fields.put("notification", notification);
        fields.put("targets", targets);
        return fields;
    }
}
