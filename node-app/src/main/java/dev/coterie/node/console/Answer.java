package dev.coterie.node.console;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/**
 * What is answered.
 *
 * @param status the HTTP status
 * @param type the content type
 * @param headers further ones
 * @param body what is written; its length is not known before
 */
public record Answer(int status, String type, Map<String, String> headers, Body body) {

    private static final JsonMapper JSON = new JsonMapper();

    /** Writes the body; may take as long as somebody reads it. */
    @FunctionalInterface
    public interface Body {
        /** Writes it. */
        void writeTo(OutputStream out) throws IOException;

        /** Nobody is there to write it to. */
        default void abandon() {}
    }

    /** Something as JSON. */
    public static Answer json(Object value) {
        return json(200, value);
    }

    /** Something as JSON, with a status. */
    public static Answer json(int status, Object value) {
        return of(status, "application/json", JSON.writeValueAsBytes(value));
    }

    /** Text. */
    public static Answer text(int status, String text) {
        return of(status, "text/plain; charset=utf-8", text.getBytes(StandardCharsets.UTF_8));
    }

    /** An error, as all of them are told below {@code /api}. */
    static Answer error(int status, String message) {
        return json(status, Map.of("error", message));
    }

    /** Bytes of some type. */
    public static Answer of(int status, String type, byte[] body) {
        return new Answer(status, type, Map.of(), out -> out.write(body));
    }

    /** The same with one more header. */
    public Answer with(String header, String value) {
        Map<String, String> more = new LinkedHashMap<>(headers);
        more.put(header, value);
        return new Answer(status, type, more, body);
    }
}
