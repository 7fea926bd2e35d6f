package dev.coterie.workers.supervisor;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * A worker process as it is at some moment.
 *
 * @param number its worker's number, from 1
 * @param port on which it serves; 0 if that is not known
 * @param connections how many connections it has taken, as of its last heartbeat
 * @param received how many data it has worked on, as of its last heartbeat
 * @param restarts how often its worker was restarted after a crash
 * @param heartbeat how long ago it last said that it is alive
 */
public record WorkerInfo(
        int number,
        String name,
        long pid,
        WorkerState state,
        int port,
        long connections,
        long received,
        long restarts,
        Duration heartbeat) {

    /** As JSON values, in order; the heartbeat in milliseconds. */
    public Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("number", number);
        fields.put("name", name);
        fields.put("pid", pid);
        fields.put("state", state.name().toLowerCase(Locale.ROOT));
        fields.put("port", port);
        fields.put("connections", connections);
        fields.put("received", received);
        fields.put("restarts", restarts);
        fields.put("heartbeat", heartbeat.toMillis());
        return fields;
    }
}
