package dev.coterie.workers.monitor;

import dev.coterie.workers.supervisor.LogPolicy;
import dev.coterie.workers.supervisor.SupervisorConfig;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the workers have written.
 *
 * <ul>
 *   <li>{@code GET /logs}: the files, as JSON
 *   <li>{@code GET /logs?worker=N}: the end of a worker's current one, {@code bytes} of it
 *   <li>{@code GET /logs?worker=N&follow}: the same, and then what comes; as server-sent events, one for each line, if that
 *       is what the client accepts
 * </ul>
 */
final class Logs {

    private static final long USUAL_BYTES = 64 * 1024;
    private static final long MOST_BYTES = 1024 * 1024;
    private static final int BUFFER = 32 * 1024;

    private final MonitorConfig config;
    private final SupervisorConfig supervised;

    Logs(MonitorConfig config, SupervisorConfig supervised) {
        this.config = config;
        this.supervised = supervised;
    }

    Answer answer(Caller caller) throws IOException {
        if (!caller.isTrusted(config)) {
            return Answer.refusal();
        }
        if (supervised.logs().isEmpty()) {
            return Answer.text(
                    404, "the workers' logs go to standard error; name a folder for them where this is started\n");
        }
        LogPolicy policy = supervised.logs().get();
        if (caller.field("worker").isEmpty()) {
            return Answer.json(files(policy));
        }
        int worker = (int) caller.number("worker", 0, 1, supervised.workers());
        LogTail tail = new LogTail(
                policy.file(supervised.workerName(worker)), caller.number("bytes", USUAL_BYTES, 0, MOST_BYTES));
        if (caller.field("follow").isPresent()) {
            boolean events = caller.accepts(Answer.EVENTS);
            return Answer.stream(events ? Answer.EVENTS : "text/plain; charset=utf-8", new Following(tail, events));
        }
        try (tail) {
            return Answer.text(200, whole(tail));
        }
    }

    private static String whole(LogTail tail) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
        while (all.size() <= MOST_BYTES && tail.read(buffer)) {
            all.write(buffer.array(), 0, buffer.limit());
        }
        return all.toString(StandardCharsets.UTF_8);
    }

    private Map<String, Object> files(LogPolicy policy) throws IOException {
        List<Map<String, Object>> files = new ArrayList<>();
        for (int worker = 1; worker <= supervised.workers(); worker++) {
            Path current = policy.file(supervised.workerName(worker));
            for (int age = 0; age < policy.files(); age++) {
                Path file = age == 0 ? current : current.resolveSibling(current.getFileName() + "." + age);
                try {
                    files.add(file(worker, file));
                } catch (NoSuchFileException none) {
                    break;
                }
            }
        }
        return Map.of("folder", policy.folder().toString(), "files", files);
    }

    private static Map<String, Object> file(int worker, Path file) throws IOException {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("worker", worker);
        fields.put("file", file.getFileName().toString());
        fields.put("bytes", Files.size(file));
        fields.put("changed", Files.getLastModifiedTime(file).toInstant().toString());
        return fields;
    }

    /** A log that is followed. */
    private static final class Following implements Answer.Feed {

        private static final byte[] FIELD = "data: ".getBytes(StandardCharsets.US_ASCII);
        private static final byte[] END = "\n\n".getBytes(StandardCharsets.US_ASCII);

        private final LogTail tail;
        private final boolean events;
        private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER);

        /** Of an event: a line that has no end yet. */
        private final ByteArrayOutputStream line = new ByteArrayOutputStream();

        Following(LogTail tail, boolean events) {
            this.tail = tail;
            this.events = events;
        }

        @Override
        public String comment() {
            return events ? Answer.COMMENT : "";
        }

        @Override
        public boolean writeTo(OutputStream out) throws IOException {
            if (!tail.read(buffer)) {
                return false;
            }
            if (!events) {
                out.write(buffer.array(), 0, buffer.limit());
                return true;
            }
            while (buffer.hasRemaining()) {
                byte next = buffer.get();
                if (next == '\n' || line.size() >= BUFFER) {
                    out.write(FIELD);
                    line.writeTo(out);
                    out.write(END);
                    line.reset();
                }
                if (next != '\n' && next != '\r') {
                    line.write(next);
                }
            }
            return true;
        }

        @Override
        public void close() {
            tail.close();
        }
    }
}
