package dev.coterie.cluster.discovery;

import java.nio.charset.StandardCharsets;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** What travels in a message: {@code byte[]} untouched, anything else as JSON, read as a type its receiver names. */
public final class Payload {

    private static final JsonMapper JSON = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    private Payload() {}

    /**
     * Turns a payload into bytes.
     *
     * @param most how many bytes may come of it
     * @throws IllegalArgumentException if there are more, or it cannot become JSON
     */
    public static byte[] write(String channel, Object payload, int most) {
        byte[] bytes;
        try {
            bytes = payload instanceof byte[] raw ? raw : json(payload);
        } catch (JacksonException notJson) {
            throw new IllegalArgumentException(
                    "payload on channel " + channel + ": a "
                            + payload.getClass().getName()
                            + " cannot become JSON; send byte[], or a type that Jackson can write",
                    notJson);
        }
        if (bytes.length > most) {
            throw new IllegalArgumentException("payload on channel " + channel + ": " + bytes.length
                    + " bytes, at most " + most + " fit; send less, or in parts");
        }
        return bytes;
    }

    private static byte[] json(Object payload) {
        if (payload instanceof String text) {
            byte[] quoted = quoted(text);
            if (isPlainText(quoted, 0, quoted.length)) {
                return quoted;
            }
        }
        return JSON.writeValueAsBytes(payload);
    }

    private static byte[] quoted(String text) {
        byte[] plain = text.getBytes(StandardCharsets.UTF_8);
        byte[] quoted = new byte[plain.length + 2];
        System.arraycopy(plain, 0, quoted, 1, plain.length);
        quoted[0] = '"';
        quoted[quoted.length - 1] = '"';
        return quoted;
    }

    /**
     * Whether bytes are a JSON text of ASCII characters that stand for themselves. Many messages are, and need neither a
     * parser nor a generator, which takes longer than all else about a message.
     *
     * @param from the first byte
     * @param to after the last one
     */
    public static boolean isPlainText(byte[] bytes, int from, int to) {
        if (to - from < 2 || bytes[from] != '"' || bytes[to - 1] != '"') {
            return false;
        }
        for (int i = from + 1; i < to - 1; i++) {
            byte one = bytes[i];
            if (one < ' ' || one == '"' || one == '\\' || one == 127) {
                return false;
            }
        }
        return true;
    }

    /**
     * Turns bytes into a payload.
     *
     * @throws IllegalArgumentException if they are no such thing
     */
    public static <T> T read(String channel, byte[] payload, Class<T> type) {
        if (type == byte[].class) {
            return type.cast(payload);
        }
        if (type == String.class && isPlainText(payload, 0, payload.length)) {
            return type.cast(new String(payload, 1, payload.length - 2, StandardCharsets.ISO_8859_1));
        }
        try {
            return JSON.readValue(payload, type);
        } catch (JacksonException notThis) {
            throw new IllegalArgumentException(
                    "payload on channel " + channel + ": is no " + type.getName() + ": " + notThis.getOriginalMessage(),
                    notThis);
        }
    }
}
