package dev.coterie.cluster.discovery;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Why something is as it is, as one node sees it.
 *
 * @param lines for people, the answer first; none if this node has nothing to say about it
 * @param facts the same for programs; JSON values only
 */
public record Explanation(List<String> lines, Map<String, Object> facts) {

    /** This node has nothing to say. */
    public static final Explanation NONE = new Explanation(List.of(), Map.of());

    /** Copies the collections, keeping their order. */
    public Explanation {
        lines = List.copyOf(lines);
        facts = Collections.unmodifiableMap(new LinkedHashMap<>(facts));
    }
}
