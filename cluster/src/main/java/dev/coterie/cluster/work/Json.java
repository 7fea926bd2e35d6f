package dev.coterie.cluster.work;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Payloads and results as JSON, on one line. */
final class Json {

    private static final JsonMapper JSON = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    private Json() {}

    static byte[] write(@org.jspecify.annotations.Nullable Object value) {
        try {
            byte[] json = JSON.writeValueAsBytes(value);
            for (int i = 0; i < json.length; i++) {
                // Only between things: within a text it is written otherwise. The journal is made of lines.
                if (json[i] == '\n' || json[i] == '\r') {
                    json[i] = ' ';
                }
            }
            return json;
        } catch (JacksonException notJson) {
            throw new IllegalArgumentException(
                    "a " + (value == null ? "null" : value.getClass().getName())
                            + " cannot become JSON; use a type that Jackson can write",
                    notJson);
        }
    }

    static <T> T read(byte[] json, Class<T> type) {
        try {
            return JSON.readValue(json, type);
        } catch (JacksonException notThis) {
            throw new IllegalArgumentException(
                    "what was sent is no " + type.getName() + ": " + notThis.getOriginalMessage(), notThis);
        }
    }
}
