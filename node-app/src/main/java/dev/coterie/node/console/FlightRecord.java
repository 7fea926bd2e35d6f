package dev.coterie.node.console;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Something that happened, as the flight recorder keeps it.
 *
 * @param seq counts from 1 within the recorder's life
 * @param revision of etcd's that brought it, or at which it was seen; 0 where there is none
 * @param time by this node's wall clock; null if it happened before this node looked
 * @param kind of what it is about: a member, master, task, timer, or this node itself
 * @param event what happened, such as {@code joined}
 * @param id of the member, task or timer that it is about; a slot's number
 * @param fields what else there is to say
 */
record FlightRecord(
        long seq,
        long revision,
        @Nullable Instant time,
        String kind,
        String event,
        String id,
        Map<String, Object> fields) {

    /** Whether it is about the cluster itself, and not about its work, of which there may be far more. */
    boolean isAboutCluster() {
        return !kind.equals("task") && !kind.equals("timer");
    }
}
