package dev.coterie.workers.supervisor;

import dev.coterie.workers.link.Json;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/** Something that happened to the workers of a supervisor. Immutable. */
public sealed interface SupervisorEvent {

    /** What it is called, such as {@code forked}. */
    String event();

    /** What else there is to say, in order; JSON values only. */
    Map<String, Object> fields();

    /** As one line of JSON, without its end. */
    default String json(Instant time) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("event", event());
        object.putAll(fields());
        object.put("time", time.toString());
        return Json.text(object);
    }

    private static Map<String, Object> of(Object... namesAndValues) {
        Map<String, Object> fields = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            fields.put((String) namesAndValues[i], namesAndValues[i + 1]);
        }
        return fields;
    }

    /** A process of a worker was started. */
    record Forked(int number, String name, long pid) implements SupervisorEvent {
        @Override
        public String event() {
            return "forked";
        }

        @Override
        public Map<String, Object> fields() {
            return of("number", number, "name", name, "pid", pid);
        }
    }

    /**
     * It is ready.
     *
     * @param port on which it serves; 0 if that is not known
     */
    record Listening(int number, String name, long pid, int port) implements SupervisorEvent {
        @Override
        public String event() {
            return "listening";
        }

        @Override
        public Map<String, Object> fields() {
            return of("number", number, "name", name, "pid", pid, "port", port);
        }
    }

    /**
     * It was told to finish what it has and to end.
     *
     * @param why such as that its successor is ready
     */
    record Draining(int number, String name, long pid, String why) implements SupervisorEvent {
        @Override
        public String event() {
            return "draining";
        }

        @Override
        public Map<String, Object> fields() {
            return of("number", number, "name", name, "pid", pid, "why", why);
        }
    }

    /**
     * It has ended, whether it was told to or not.
     *
     * @param cause the exit status or signal, or why it was killed
     */
    record Died(int number, String name, long pid, String cause) implements SupervisorEvent {
        @Override
        public String event() {
            return "died";
        }

        @Override
        public Map<String, Object> fields() {
            return of("number", number, "name", name, "pid", pid, "cause", cause);
        }
    }

    /**
     * The supervisor has got a signal.
     *
     * @param signal such as SIGTERM; the event is called that
     */
    record Signalled(String signal) implements SupervisorEvent {
        @Override
        public String event() {
            return signal;
        }

        @Override
        public Map<String, Object> fields() {
            return of();
        }
    }

    /**
     * From time to time: what the workers together have done.
     *
     * @param workers how many are ready
     * @param connections how many connections those have taken so far
     * @param received how many data those have worked on so far
     * @param memory how many bytes of memory each uses on average, as far as they say
     */
    record Heartbeat(int workers, long connections, long received, long memory) implements SupervisorEvent {
        @Override
        public String event() {
            return "heartbeat";
        }

        @Override
        public Map<String, Object> fields() {
            return of("workers", workers, "connections", connections, "received", received, "memory", memory);
        }
    }

    /** Something that somebody should look at. */
    record Warning(String text) implements SupervisorEvent {
        @Override
        public String event() {
            return "warning";
        }

        @Override
        public Map<String, Object> fields() {
            return of("text", text);
        }
    }
}
