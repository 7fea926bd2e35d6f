package dev.coterie.cluster.discovery;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * Something that a node offers to the others, as it stands in its member record.
 *
 * @param name what others need it by; a node offers a name once
 * @param ready whether it can be used now; one that is not is seen and waited for
 * @param info what else there is to say of it, such as where it answers; JSON values only
 */
public record Service(String name, boolean ready, Map<String, Object> info) {

    /** Copies {@code info}, keeping its order. What another program left out is empty: names are checked by who offers. */
    public Service {
        name = Objects.requireNonNullElse(name, "");
        info = Collections.unmodifiableMap(new LinkedHashMap<>(Objects.requireNonNullElse(info, Map.of())));
    }

    /** A service that is ready and says nothing else of itself. */
    public static Service of(String name) {
        return new Service(name, true, Map.of());
    }

    /** The same service, ready or not. */
    public Service withReady(boolean nowReady) {
        return new Service(name, nowReady, info);
    }

    /** The same service, saying something else of itself. */
    public Service withInfo(Map<String, Object> newInfo) {
        return new Service(name, ready, newInfo);
    }
}
