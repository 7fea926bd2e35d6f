package dev.coterie.cluster.lan;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** Writes the packets of one node, in the form of node-discover. Thread-safe. */
final class PacketWriter {

    /** The data is Base64 of what was sent. */
    static final String BYTES = "bytes";

    /** The data is an array with what was sent as its only element. */
    static final String WRAPPED = "wrapped";

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final byte[] EMPTY = "[]".getBytes(StandardCharsets.UTF_8);
    private static final byte[] NOTHING = "{}".getBytes(StandardCharsets.UTF_8);

    private final String sender;

    /** How packets begin, by event; there are few. */
    private final Map<String, byte[]> beginnings = new ConcurrentHashMap<>();

    /** Most hellos say what the last one said. */
    private volatile @Nullable Said last;

    private record Said(Hello hello, byte[] data) {}

    PacketWriter(String process, String id, String host) {
        this.sender = ",\"pid\":" + json(process) + ",\"iid\":" + json(id) + ",\"hostName\":" + json(host);
    }

    /** @param number larger with each, so that one that comes late is known for it */
    byte[] hello(Hello hello, long number) {
        Said said = last;
        if (said == null || !said.hello.equals(hello)) {
            said = new Said(hello, hello.write());
            last = said;
        }
        return packet(Packet.HELLO, ",\"n\":" + number, said.data);
    }

    /** One that says all by its event. */
    byte[] bare(String event) {
        return packet(event, "", NOTHING);
    }

    /** One for a single node. */
    byte[] directed(String event, String to) {
        return packet(event, ",\"to\":" + json(to), NOTHING);
    }

    /** A question, an answer or a refusal. */
    byte[] exchanged(String event, String to, String channel, long id, byte[] payload, boolean raw) {
        String fields = ",\"to\":" + json(to) + ",\"channel\":" + json(channel) + ",\"id\":" + id;
        return raw ? packet(event, fields + form(BYTES), base64(payload)) : packet(event, fields, payload);
    }

    /**
     * A message on a channel.
     *
     * @param raw whether the payload is bytes as they are, rather than JSON
     */
    byte[] message(String channel, long number, byte[] payload, boolean raw) {
        String fields = ",\"n\":" + number;
        if (raw) {
            return packet(channel, fields + form(BYTES), base64(payload));
        }
        // What is falsy node-discover sends but does not hear.
        return isFalsy(payload)
                ? packet(channel, fields + form(WRAPPED), wrapped(payload))
                : packet(channel, fields, payload);
    }

    private byte[] packet(String event, String fields, byte[] data) {
        byte[] beginning = beginnings.computeIfAbsent(
                event, name -> ("{\"event\":" + json(name) + sender).getBytes(StandardCharsets.UTF_8));
        byte[] middle = (fields + ",\"data\":").getBytes(StandardCharsets.UTF_8);
        byte[] packet = new byte[beginning.length + middle.length + data.length + 1];
        System.arraycopy(beginning, 0, packet, 0, beginning.length);
        System.arraycopy(middle, 0, packet, beginning.length, middle.length);
        System.arraycopy(data, 0, packet, beginning.length + middle.length, data.length);
        packet[packet.length - 1] = '}';
        return packet;
    }

    private static String form(String form) {
        return ",\"form\":\"" + form + "\"";
    }

    /** In quotes, or in brackets if it is empty: the empty string is falsy. */
    private static byte[] base64(byte[] payload) {
        if (payload.length == 0) {
            return EMPTY;
        }
        return ("\"" + Base64.getEncoder().encodeToString(payload) + "\"").getBytes(StandardCharsets.ISO_8859_1);
    }

    private static byte[] wrapped(byte[] data) {
        byte[] wrapped = new byte[data.length + 2];
        wrapped[0] = '[';
        System.arraycopy(data, 0, wrapped, 1, data.length);
        wrapped[wrapped.length - 1] = ']';
        return wrapped;
    }

    /** Whether JavaScript takes it for false: 0, false, null and the empty string. */
    private static boolean isFalsy(byte[] json) {
        return switch (json.length == 0 ? 0 : json[0]) {
            case 'n', 'f' -> true;
            case '"' -> json.length == 2;
            case '0', '-' -> Double.parseDouble(new String(json, StandardCharsets.ISO_8859_1)) == 0;
            default -> false;
        };
    }

    private static String json(String text) {
        return JSON.writeValueAsString(text);
    }
}
