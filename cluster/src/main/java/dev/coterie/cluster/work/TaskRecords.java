package dev.coterie.cluster.work;

import dev.coterie.cluster.work.LedgerTask.Extras;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.json.JsonMapper;

/**
 * Tasks as lines of JSON in the journal: each says all there is to say of a task, so the latest line is enough. The
 * payload or result stands last and is copied as it is. One thread.
 */
final class TaskRecords {

    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final byte[] PAYLOAD = ascii(",\"payload\":");
    private static final byte[] RESULT = ascii(",\"result\":");
    private static final int LONGEST_CAUSE = 1000;

    private byte[] line = new byte[1 << 10];
    private int size;

    /** What is found in a record. */
    static final class Found {
        String verb = "";
        String id = "";
        byte[] payload = {};
        final Map<String, Long> numbers = new HashMap<>();
        final Map<String, String> texts = new HashMap<>();

        long number(String name, long otherwise) {
            return numbers.getOrDefault(name, otherwise);
        }
    }

    byte[] line() {
        return line;
    }

    int size() {
        return size;
    }

    /** Writes a task's line; {@link #line} has it until the next call. */
    void write(LedgerTask task) {
        size = 0;
        switch (task.state) {
            case COMPLETED -> finished(task, "{\"done\":\"");
            case CANCELLED -> finished(task, "{\"cancelled\":\"");
            default -> live(task);
        }
        put('}');
    }

    private void finished(LedgerTask task, String verb) {
        raw(verb)
                .raw(task.id)
                .raw("\",\"type\":\"")
                .raw(task.kind.name)
                .raw("\",\"at\":")
                .number(task.due);
        number("token", task.extras().token(), 0);
        if (task.state == TaskState.COMPLETED) {
            copy(RESULT).copy(task.payload);
        }
    }

    private void live(LedgerTask task) {
        raw("{\"task\":\"")
                .raw(task.id)
                .raw("\",\"type\":\"")
                .raw(task.kind.name)
                .raw("\",\"due\":")
                .number(task.due);
        number("fired", task.fired ? 1 : 0, 0);
        number("dead", task.state == TaskState.DEAD ? 1 : 0, 0);
        number("run", task.fired || task.failures > 0 || task.isTimer() ? task.run : 0, 0);
        number("failures", task.failures, 0);
        Rules rules = task.rules;
        if (!rules.equals(Rules.DEFAULT)) {
            number("attempts", rules.attempts(), -1);
            number("backoff", rules.backoff(), -1);
            number("longest", rules.longest(), -1);
            number("deadline", rules.deadline(), -1);
        }
        Extras extras = task.extras();
        number("period", extras.period(), 0);
        number("token", extras.token(), 0);
        text("key", extras.key());
        text("cause", extras.cause());
        copy(PAYLOAD).copy(task.payload);
    }

    private void number(String name, long value, long leftOut) {
        if (value != leftOut) {
            raw(",\"").raw(name).raw("\":").number(value);
        }
    }

    private void text(String name, String value) {
        if (!value.isEmpty()) {
            String bounded = value.length() > LONGEST_CAUSE ? value.substring(0, LONGEST_CAUSE) : value;
            raw(",\"").raw(name).raw("\":").copy(JSON.writeValueAsBytes(bounded));
        }
    }

    private TaskRecords raw(String ascii) {
        return copy(ascii(ascii));
    }

    private TaskRecords number(long value) {
        return raw(Long.toString(value));
    }

    private TaskRecords copy(byte[] bytes) {
        reserve(bytes.length);
        System.arraycopy(bytes, 0, line, size, bytes.length);
        size += bytes.length;
        return this;
    }

    private void put(char one) {
        reserve(1);
        line[size++] = (byte) one;
    }

    private void reserve(int more) {
        if (size + more > line.length) {
            line = Arrays.copyOf(line, Math.max(size + more, 2 * line.length));
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    // --- Reading ----------------------------------------------------------------------------------------------------

    /** The id in a line, which is the first text in it. */
    static String id(byte[] bytes, int from, int to) {
        int quotes = 0;
        int begin = from;
        for (int at = from; at < to; at++) {
            if (bytes[at] == '"') {
                quotes++;
                if (quotes == 3) {
                    begin = at + 1;
                } else if (quotes == 4) {
                    return new String(bytes, begin, at - begin, StandardCharsets.ISO_8859_1);
                }
            }
        }
        return "";
    }

    /**
     * What a line says.
     *
     * @throws tools.jackson.core.JacksonException if it is no JSON
     */
    static Found read(byte[] bytes, int from, int to) {
        Found found = new Found();
        // Within a text a quote has a backslash before it, so the first match is the field.
        int payload = find(bytes, from, to, PAYLOAD);
        int result = payload >= 0 ? -1 : find(bytes, from, to, RESULT);
        int end = payload >= 0 ? payload : result >= 0 ? result : to - 1;
        if (end < to - 1) {
            int begin = end + (payload >= 0 ? PAYLOAD.length : RESULT.length);
            found.payload = Arrays.copyOfRange(bytes, begin, to - 1);
        }
        byte[] head = Arrays.copyOfRange(bytes, from, end + 1);
        head[head.length - 1] = '}';
        readHead(head, found);
        return found;
    }

    private static void readHead(byte[] head, Found found) {
        try (JsonParser parser = JSON.createParser(head)) {
            parser.nextToken();
            String name = parser.nextName();
            while (name != null) {
                JsonToken value = parser.nextToken();
                if (found.verb.isEmpty()) {
                    found.verb = name;
                    found.id = parser.getString();
                } else if (value == JsonToken.VALUE_NUMBER_INT) {
                    found.numbers.put(name, parser.getLongValue());
                } else {
                    found.texts.put(name, parser.getString());
                }
                name = parser.nextName();
            }
        }
    }

    private static int find(byte[] bytes, int from, int to, byte[] what) {
        for (int at = from; at <= to - what.length; at++) {
            if (bytes[at] == ',' && Arrays.equals(bytes, at, at + what.length, what, 0, what.length)) {
                return at;
            }
        }
        return -1;
    }
}
