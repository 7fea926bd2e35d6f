package dev.coterie.cluster.discovery;

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
            bytes = payload instanceof byte[] raw ? raw : JSON.writeValueAsBytes(payload);
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

    /**
     * Turns bytes into a payload.
     *
     * @throws IllegalArgumentException if they are no such thing
     */
    public static <T> T read(String channel, byte[] payload, Class<T> type) {
        if (type == byte[].class) {
            return type.cast(payload);
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
