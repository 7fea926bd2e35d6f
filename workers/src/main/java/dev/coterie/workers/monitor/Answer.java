package dev.coterie.workers.monitor;

import dev.coterie.workers.link.Json;
import java.io.IOException;
import java.io.OutputStream;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is answered to a request.
 *
 * @param feed what the answer goes on with after the body; null if it ends there
 */
record Answer(
        int code,
        Map<String, String> headers,
        String body,
        @Nullable Feed feed) {

    /** The type of server-sent events. */
    static final String EVENTS = "text/event-stream";

    /** Nothing, in server-sent events. */
    static final String COMMENT = ":\n\n";

    /** What is said as it comes. One thread. */
    interface Feed extends AutoCloseable {

        /** What may be said while there is nothing, so that both sides see whether the other is still there. */
        String comment();

        /**
         * Writes what there is.
         *
         * @return whether there was anything
         */
        boolean writeTo(OutputStream out) throws IOException;

        @Override
        void close();
    }

    static Answer text(int code, String body) {
        return new Answer(code, Map.of("Content-Type", "text/plain; charset=utf-8"), body, null);
    }

    static Answer json(Map<String, ?> object) {
        return json(200, object);
    }

    static Answer json(int code, Map<String, ?> object) {
        return new Answer(code, Map.of("Content-Type", "application/json"), Json.text(object) + "\n", null);
    }

    /** One that goes on. */
    static Answer stream(String type, Feed feed) {
        return new Answer(200, Map.of("Content-Type", type), "", feed);
    }

    /** To somebody who must not. */
    static Answer refusal() {
        return text(403, "not from there; do it on this machine, or show the token: Authorization: Bearer …\n");
    }

    /** The same with one more header, whose text is made safe. */
    Answer with(String header, String text) {
        Map<String, String> more = new LinkedHashMap<>(headers);
        more.put(header, text.replaceAll("[^\\x20-\\x7e]", "?"));
        return new Answer(code, more, body, feed);
    }
}
