package dev.coterie.workers.link;

import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Something that every worker is told.
 *
 * @param type what it is, as the application calls it
 * @param source who it came from
 * @param data what there is to say: JSON values
 * @param created when it was made
 */
public record Notification(String type, String source, Map<String, Object> data, Instant created) {

    /** Copies the data. */
    public Notification {
        data = new LinkedHashMap<>(data);
    }

    /** As JSON values. */
    public Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("type", type);
        fields.put("source", source);
        fields.put("data", data);
        fields.put("created", created.toString());
        return fields;
    }

    /**
     * Reads what {@link #fields()} made.
     *
     * @throws IllegalArgumentException if it is anything else
     */
    @SuppressWarnings("unchecked")
    public static Notification of(Map<String, Object> fields) {
        if (!(fields.get("data") instanceof Map<?, ?> data)) {
            throw new IllegalArgumentException("no notification: " + fields);
        }
        try {
            Instant created = Instant.parse(Json.text(fields, "created"));
            return new Notification(
                    Json.text(fields, "type"), Json.text(fields, "source"), (Map<String, Object>) data, created);
        } catch (DateTimeParseException malformed) {
            throw new IllegalArgumentException("no notification: " + fields, malformed);
        }
    }
}
