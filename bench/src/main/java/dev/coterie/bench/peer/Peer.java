package dev.coterie.bench.peer;

import java.nio.file.Path;
import java.util.Map;

/**
 * One system under test. The driver calls {@link #start} once for each cluster; every agent makes its own instance, by a
 * public constructor without arguments, and calls {@link #connect} for each node that it hosts.
 */
public interface Peer {

    /**
     * Starts what the system needs beside its nodes: a broker, a store.
     *
     * @param dir for its files
     * @param options a profile's, and the benchmark's own
     * @throws MissingServer if it is not installed
     */
    Server start(Path dir, Map<String, String> options) throws Exception;

    /**
     * Makes a node, connected. Where there is no server, joining may wait for the first thing that needs it.
     *
     * @param address {@link Server#address()}
     */
    Node connect(String address, String id, Map<String, String> options) throws Exception;

    /** Options for failure detection, by name; there is always a {@code default}. */
    default Map<String, Map<String, String>> profiles() {
        return Map.of("default", Map.of());
    }
}
