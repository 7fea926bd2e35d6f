package dev.coterie.workers.link;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** Objects as JSON. Nothing is read but plain maps, lists and values. */
public final class Json {

    private static final JsonMapper MAPPER = new JsonMapper();

    private Json() {}

    /** An object as text in one line. */
    public static String text(Map<String, ?> object) {
        return MAPPER.writeValueAsString(object);
    }

    /** An object as UTF-8. */
    public static byte[] bytes(Map<String, ?> object) {
        return MAPPER.writeValueAsBytes(object);
    }

    /**
     * Reads an object.
     *
     * @throws IllegalArgumentException if it is anything else
     */
    public static Map<String, Object> object(ByteBuffer utf8) {
        byte[] bytes = new byte[utf8.remaining()];
        utf8.get(bytes);
        return object(new String(bytes, StandardCharsets.UTF_8));
    }

    /**
     * Reads an object.
     *
     * @throws IllegalArgumentException if it is anything else
     */
    public static Map<String, Object> object(String text) {
        try {
            Map<String, Object> object = new LinkedHashMap<>();
            Map<?, ?> read = MAPPER.readValue(text, Map.class);
            read.forEach((name, value) -> {
                if (value != null) {
                    object.put(String.valueOf(name), value);
                }
            });
            return object;
        } catch (JacksonException | NullPointerException malformed) {
            throw new IllegalArgumentException("no JSON object: " + text, malformed);
        }
    }

    /** A field as text; empty if it is not there. */
    public static String text(Map<String, ?> object, String field) {
        Object value = object.get(field);
        return value == null ? "" : value.toString();
    }

    /** A field as a whole number; {@code otherwise} if it is not there or none. */
    public static long number(Map<String, ?> object, String field, long otherwise) {
        return object.get(field) instanceof Number number ? number.longValue() : otherwise;
    }
}
