package dev.coterie.machines.faults;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What must hold at every revision of etcd: no more masters than slots, each of them a member whose registration hangs
 * on the same lease; and terms only grow. It is told of all changes, one revision after the other.
 */
final class EtcdCheck {

    private static final String MASTERS = "masters/";
    private static final String SERVICES = "services/";

    private final int slots;
    private final Map<String, KeyState> keys = new HashMap<>();
    private final Map<String, Long> terms = new HashMap<>();
    private final List<String> violations = new ArrayList<>();

    /**
     * What a key became.
     *
     * @param value empty if it was deleted
     * @param lease 0 if it was deleted
     */
    record KeyState(String name, String value, long lease, boolean deleted) {}

    EtcdCheck(int slots) {
        this.slots = slots;
    }

    /** All that changed in one revision. */
    void revision(long revision, List<KeyState> changes) {
        for (KeyState change : changes) {
            if (change.deleted()) {
                keys.remove(change.name());
            } else {
                keys.put(change.name(), change);
            }
            if (change.name().startsWith(MASTERS) && !change.deleted()) {
                Long before = terms.put(change.name(), revision);
                if (before != null && before >= revision) {
                    violations.add(
                            "revision " + revision + ": a term that does not grow, after " + before + ": " + change);
                }
            }
        }
        List<KeyState> masters = starting(MASTERS);
        if (masters.size() > slots) {
            violations.add("revision " + revision + ": " + masters.size() + " masters: " + masters);
        }
        for (KeyState master : masters) {
            if (starting(SERVICES).stream().noneMatch(member -> isOf(master, member))) {
                violations.add("revision " + revision + ": a master that is no member: " + master + "; members: "
                        + starting(SERVICES).stream().map(KeyState::name).collect(Collectors.toSet()));
            }
        }
    }

    /** What is known of the keys is not so any more: some revisions were not seen. */
    void missed() {
        keys.clear();
    }

    private static boolean isOf(KeyState master, KeyState member) {
        String id = member.value().replaceAll(".*\"id\":\"([^\"]*)\".*", "$1");
        return member.lease() == master.lease() && master.value().contains("\"" + id + "\"");
    }

    private List<KeyState> starting(String prefix) {
        return keys.values().stream()
                .filter(key -> key.name().startsWith(prefix))
                .toList();
    }

    /** What was not as it must be. */
    List<String> violations() {
        return violations;
    }
}
