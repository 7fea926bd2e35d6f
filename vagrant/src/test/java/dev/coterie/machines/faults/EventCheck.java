package dev.coterie.machines.faults;

import dev.coterie.machines.faults.Happening.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Each process is told of every member that comes and goes exactly once: what it was told adds up to what it sees in
 * the end. And a session that was lost is followed by another.
 */
final class EventCheck implements Check {

    @Override
    public List<String> violations(History history) {
        List<String> found = new ArrayList<>();
        history.byProcess(Kind.MEMBERS, Kind.ADDED, Kind.REMOVED, Kind.VIEW)
                .values()
                .forEach(ofProcess -> members(ofProcess, found));
        history.byProcess(Kind.LOST, Kind.REJOINED).values().forEach(ofProcess -> sessions(ofProcess, found));
        return found;
    }

    private static void members(List<Happening> ofProcess, List<String> found) {
        Set<String> known = new TreeSet<>();
        boolean begun = false;
        for (Happening one : ofProcess) {
            if (one.kind() == Kind.MEMBERS) {
                begun = true;
                known.clear();
                known.addAll(split(one.id()));
            }
            if (!begun) {
                continue;
            }
            switch (one.kind()) {
                case ADDED -> {
                    if (!known.add(one.id())) {
                        found.add("told twice of a member that has come: " + one);
                    }
                }
                case REMOVED -> {
                    if (!known.remove(one.id())) {
                        found.add("told of a member that has gone, and was not there: " + one);
                    }
                }
                default -> {
                    if (!known.equals(split(one.id()))) {
                        found.add("the events of " + one.process() + " add up to " + known + ", and it sees " + one);
                    }
                }
            }
        }
    }

    private static void sessions(List<Happening> ofProcess, List<String> found) {
        @Nullable Happening before = null;
        for (Happening one : ofProcess) {
            if (before != null && before.kind() == one.kind()) {
                found.add("a session was lost, or there again, twice in a row: " + before + ", " + one);
            }
            before = one;
        }
    }

    static Set<String> split(String ids) {
        return ids.isEmpty() ? new TreeSet<>() : new TreeSet<>(Set.of(ids.split(",", -1)));
    }
}
