package dev.coterie.node.output;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * One thing that happened, and where and when.
 *
 * @param event what happened, such as {@code task}
 * @param node the id of the node that says so; its name while it has no id; {@code demo} for the demo itself
 * @param time by that process's wall clock
 * @param fields what else there is to say: JSON values only, in the order in which they are written
 */
public record Event(String event, String node, Instant time, Map<String, Object> fields) {

    private static final JsonMapper JSON = new JsonMapper();

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

    /** An instant as all output has it: ISO-8601, UTC, milliseconds. */
    public static String shown(Instant time) {
        return TIME.format(time);
    }

    /** As one line of JSON, without its end. */
    public String json() {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("event", event);
        object.putAll(fields);
        object.put("node", node);
        object.put("time", shown(time));
        return JSON.writeValueAsString(object);
    }

    /** Reads what {@link #json()} wrote; empty if the line is anything else. */
    public static Optional<Event> parse(String line) {
        try {
            Map<?, ?> object = JSON.readValue(line, Map.class);
            Map<String, Object> fields = new LinkedHashMap<>();
            object.forEach((name, value) -> {
                if (value != null) {
                    fields.put(String.valueOf(name), value);
                }
            });
            Object event = fields.remove("event");
            Object node = fields.remove("node");
            Object time = fields.remove("time");
            if (event == null || node == null || time == null) {
                return Optional.empty();
            }
            return Optional.of(new Event(event.toString(), node.toString(), Instant.parse(time.toString()), fields));
        } catch (JacksonException | java.time.format.DateTimeParseException malformed) {
            return Optional.empty();
        }
    }

    /** A field as text; empty if it is not there. */
    public String text(String field) {
        return String.valueOf(fields.getOrDefault(field, ""));
    }

    /** A field as a number; 0 if it is not there or none. */
    public long number(String field) {
        return fields.get(field) instanceof Number number ? number.longValue() : 0;
    }

    /** A field as true or false; false if it is not there or neither. */
    public boolean flag(String field) {
        return Boolean.TRUE.equals(fields.get(field));
    }

    /** A field as a list; empty if it is not there or none. */
    public List<?> list(String field) {
        return fields.get(field) instanceof List<?> list ? list : List.of();
    }

    /** What a person calls a node: its id without the UUID. */
    public static String name(@Nullable Object id) {
        return String.valueOf(id).replaceFirst("-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", "");
    }
}
