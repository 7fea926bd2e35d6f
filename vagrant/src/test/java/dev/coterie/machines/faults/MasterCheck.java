package dev.coterie.machines.faults;

import dev.coterie.machines.faults.Happening.Kind;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Of one slot, what masters write under their guards never overlaps: in the order of etcd's revisions, terms only grow,
 * and each belongs to one process. A process is promoted once for each term, and demoted once from it.
 */
final class MasterCheck implements Check {

    @Override
    public List<String> violations(History history) {
        List<String> found = new ArrayList<>();
        Map<String, List<Happening>> writes = new TreeMap<>(history.byId(Kind.WROTE));
        writes.forEach((slot, ofSlot) -> writes(slot, ofSlot, history.lastTerm().getOrDefault(slot, 0L), found));
        history.byProcess(Kind.HOLDS, Kind.PROMOTED, Kind.DEMOTED)
                .values()
                .forEach(ofProcess -> promotions(ofProcess, found));
        Map<String, String> holders = new HashMap<>();
        history.of(Kind.HOLDS, Kind.PROMOTED, Kind.WROTE).forEach(one -> {
            String term = "slot " + one.id() + ", term " + term(one);
            String holder = holders.putIfAbsent(term, one.process());
            if (holder != null && !holder.equals(one.process())) {
                found.add(term + " belongs to " + holder + " and to " + one.process() + ": " + one);
            }
        });
        return found;
    }

    private static void writes(String slot, List<Happening> writes, long lastTerm, List<String> found) {
        long term = lastTerm;
        for (Happening write : writes.stream()
                .sorted(Comparator.comparingLong(Happening::number))
                .toList()) {
            if (term(write) < term) {
                found.add("slot " + slot + ": a master wrote after another with a later term, " + term + ": " + write);
            }
            if (write.number() <= term(write)) {
                found.add("slot " + slot + ": a write at a revision before its term: " + write);
            }
            term = Math.max(term, term(write));
        }
    }

    private static void promotions(List<Happening> ofProcess, List<String> found) {
        // By slot; 0 is for none.
        Map<String, Long> held = new HashMap<>();
        for (Happening one : ofProcess) {
            Long before = held.put(one.id(), one.kind() == Kind.DEMOTED ? 0 : term(one));
            if (one.kind() == Kind.PROMOTED && before != null && before != 0) {
                found.add("promoted while it was master, with term " + before + ": " + one);
            } else if (one.kind() == Kind.DEMOTED && before != null && before != term(one)) {
                found.add("demoted from what it did not hold, it held " + before + ": " + one);
            }
        }
    }

    private static long term(Happening one) {
        return Long.parseLong(one.text());
    }
}
