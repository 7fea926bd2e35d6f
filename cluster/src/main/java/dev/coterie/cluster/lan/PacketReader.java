package dev.coterie.cluster.lan;

import java.util.Arrays;
import java.util.Base64;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.exc.UnexpectedEndOfInputException;
import tools.jackson.core.json.JsonFactory;

/** Reads packets, of node-discover and our own. What is in {@code data} is checked to be JSON and cut out. */
final class PacketReader {

    private static final JsonFactory JSON = new JsonFactory();

    private String event = "";
    private String process = "";
    private String sender = "";
    private String host = "";
    private String to = "";
    private String channel = "";
    private String form = "";
    private long number;
    private int numberAt = -1;
    private String lastField = "";
    private String fieldBefore = "";
    private long id;
    private boolean complete;
    private byte[] data = {};

    private PacketReader() {}

    /**
     * Reads one.
     *
     * @throws Unreadable if it is none
     */
    static Packet read(byte[] bytes, int length) throws Unreadable {
        return parse(bytes, length).packet();
    }

    /**
     * Reads one, and keeps what it is made of.
     *
     * @throws Unreadable if it is none
     */
    static PacketReader parse(byte[] bytes, int length) throws Unreadable {
        PacketReader reader = new PacketReader();
        try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), bytes, 0, length)) {
            reader.fields(parser, bytes);
        } catch (JacksonException notJson) {
            throw new Unreadable(
                    reader.endsTooEarly(notJson, bytes, length) ? DropReason.TRUNCATED : DropReason.MALFORMED);
        }
        return reader;
    }

    /** Whether it ends with its number and its data, in no form but its own: all else stands before the number. */
    boolean endsWithNumberAndData() {
        return fieldBefore.equals("n") && lastField.equals("data") && form.isEmpty();
    }

    /** Where its number begins; -1 if it has none. */
    int numberAt() {
        return numberAt;
    }

    /** Whether the packet is one that ends before its last bracket. */
    private boolean endsTooEarly(JacksonException failure, byte[] bytes, int length) {
        return length > 0
                && bytes[0] == '{'
                && !complete
                && (failure instanceof UnexpectedEndOfInputException || bytes[length - 1] != '}');
    }

    private void fields(JsonParser parser, byte[] bytes) throws Unreadable {
        if (parser.nextToken() != JsonToken.START_OBJECT) {
            throw new Unreadable(DropReason.MALFORMED);
        }
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = parser.currentName();
            JsonToken value = parser.nextToken();
            fieldBefore = lastField;
            lastField = name;
            switch (name) {
                case "event" -> event = text(parser, value);
                case "pid" -> process = text(parser, value);
                case "iid" -> sender = text(parser, value);
                case "hostName" -> host = text(parser, value);
                case "to" -> to = text(parser, value);
                case "channel" -> channel = text(parser, value);
                case "form" -> form = text(parser, value);
                case "n" -> {
                    number = number(parser, value);
                    numberAt = (int) parser.currentTokenLocation().getByteOffset();
                }
                case "id" -> id = number(parser, value);
                case "data" -> data = slice(parser, bytes);
                default -> parser.skipChildren();
            }
        }
        complete = true;
        if (parser.nextToken() != null) {
            throw new Unreadable(DropReason.MALFORMED);
        }
    }

    private static String text(JsonParser parser, JsonToken value) throws Unreadable {
        if (value != JsonToken.VALUE_STRING) {
            throw new Unreadable(DropReason.MALFORMED);
        }
        return parser.getString();
    }

    private static long number(JsonParser parser, JsonToken value) throws Unreadable {
        if (value != JsonToken.VALUE_NUMBER_INT) {
            throw new Unreadable(DropReason.MALFORMED);
        }
        return parser.getLongValue();
    }

    /** The value's own bytes, whatever it is. */
    private static byte[] slice(JsonParser parser, byte[] bytes) {
        int start = (int) parser.currentTokenLocation().getByteOffset();
        parser.skipChildren();
        parser.finishToken();
        int end = (int) parser.currentLocation().getByteOffset();
        return Arrays.copyOfRange(bytes, start, end);
    }

    /**
     * What was read.
     *
     * @throws Unreadable if something is missing
     */
    Packet packet() throws Unreadable {
        if (event.isEmpty() || sender.isEmpty() || data.length == 0) {
            throw new Unreadable(DropReason.MALFORMED);
        }
        return new Packet(event, process, sender, host, number, to, channel, id, payload());
    }

    private byte[] payload() throws Unreadable {
        return switch (form) {
            case PacketWriter.BYTES -> bytes();
            case PacketWriter.WRAPPED -> Arrays.copyOfRange(data, 1, Math.max(1, data.length - 1));
            default -> data;
        };
    }

    private byte[] bytes() throws Unreadable {
        try {
            return Base64.getDecoder().decode(Arrays.copyOfRange(data, 1, Math.max(1, data.length - 1)));
        } catch (IllegalArgumentException notBase64) {
            throw new Unreadable(DropReason.MALFORMED);
        }
    }
}
