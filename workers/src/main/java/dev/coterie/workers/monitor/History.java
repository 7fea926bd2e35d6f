package dev.coterie.workers.monitor;

import dev.coterie.workers.link.Json;
import dev.coterie.workers.supervisor.SupervisorEvent;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The last events, numbered from 1 without a gap, so that whoever has lost the connection can go on where it was: as JSON,
 * or as server-sent events, whose id is the number. Any thread.
 */
final class History {

    /** How many are remembered. */
    static final int MOST = 1000;

    private final Deque<Entry> last = new ArrayDeque<>();
    private long count;

    private record Entry(long id, Map<String, Object> fields) {}

    synchronized void add(SupervisorEvent event, Instant time) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("id", ++count);
        fields.put("event", event.event());
        fields.putAll(event.fields());
        fields.put("time", time.toString());
        last.add(new Entry(count, fields));
        if (last.size() > MOST) {
            last.remove();
        }
    }

    private synchronized List<Entry> since(long id) {
        return last.stream().filter(entry -> entry.id() > id).toList();
    }

    /** Those after {@code since}, or after the browser's last one. */
    Answer answer(Caller caller) {
        long since = caller.number("since", 0, 0, Long.MAX_VALUE);
        if (!caller.accepts(Answer.EVENTS)) {
            return Answer.json(
                    Map.of("events", since(since).stream().map(Entry::fields).toList()));
        }
        String seen = caller.header("Last-Event-ID");
        return Answer.stream(Answer.EVENTS, new Following(seen.matches("[0-9]{1,18}") ? Long.parseLong(seen) : since));
    }

    /** Somebody who follows. */
    private final class Following implements Answer.Feed {

        private long seen;

        Following(long seen) {
            this.seen = seen;
        }

        @Override
        public String comment() {
            return Answer.COMMENT;
        }

        @Override
        public boolean writeTo(OutputStream out) throws IOException {
            List<Entry> more = since(seen);
            for (Entry entry : more) {
                String text = "id: " + entry.id() + "\ndata: " + Json.text(entry.fields()) + "\n\n";
                out.write(text.getBytes(StandardCharsets.UTF_8));
                seen = entry.id();
            }
            return !more.isEmpty();
        }

        @Override
        public void close() {
            // There is nothing to let go.
        }
    }
}
