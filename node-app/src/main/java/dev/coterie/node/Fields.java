package dev.coterie.node;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The fields of an event, in order.
 *
 * @param map never changed
 */
record Fields(Map<String, Object> map) {

    static final Fields NONE = new Fields(Map.of());

    /** The same and one more. */
    Fields and(String name, Object value) {
        Map<String, Object> more = new LinkedHashMap<>(map);
        more.put(name, value);
        return new Fields(Collections.unmodifiableMap(more));
    }

    /** The same and these. */
    Fields and(Fields others) {
        Map<String, Object> more = new LinkedHashMap<>(map);
        more.putAll(others.map);
        return new Fields(Collections.unmodifiableMap(more));
    }
}
