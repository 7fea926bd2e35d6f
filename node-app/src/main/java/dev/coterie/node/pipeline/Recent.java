package dev.coterie.node.pipeline;

import java.util.LinkedHashSet;
import java.util.Set;

/** The latest ids of many; the oldest are forgotten. */
final class Recent {

    private final Set<String> ids = new LinkedHashSet<>();
    private final int most;

    Recent(int most) {
        this.most = most;
    }

    boolean has(String id) {
        return ids.contains(id);
    }

    /** Remembers one; false if it was remembered already. */
    boolean add(String id) {
        boolean added = ids.add(id);
        if (ids.size() > most) {
            ids.remove(ids.iterator().next());
        }
        return added;
    }
}
