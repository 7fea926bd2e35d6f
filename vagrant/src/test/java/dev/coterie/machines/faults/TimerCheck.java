package dev.coterie.machines.faults;

import dev.coterie.machines.faults.Happening.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * A timer whose clearing was answered CLEARED never fires; one that was set, and that nobody tried to clear, does; and
 * so does one of which FIRED was answered. Each is set once, so UNKNOWN is no answer for one that was acknowledged.
 */
final class TimerCheck implements Check {

    @Override
    public List<String> violations(History history) {
        List<String> found = new ArrayList<>();
        Set<String> set = new TreeSet<>(history.ids(Kind.WAS_SET));
        Set<String> fired = history.ids(Kind.FIRED);
        Set<String> mayBeCleared = history.ids(Kind.CLEAR);
        for (String id : set) {
            if (!fired.contains(id) && !mayBeCleared.contains(id)) {
                found.add("timer " + id + " was set and did not fire");
            }
        }
        history.of(Kind.CLEARED).forEach(answer -> {
            boolean hasFired = fired.contains(answer.id());
            switch (answer.text()) {
                case "CLEARED" -> {
                    if (hasFired) {
                        found.add("timer " + answer.id() + " was cleared and fired: " + answer + ", "
                                + history.byId(Kind.FIRED).get(answer.id()));
                    }
                }
                case "FIRED" -> {
                    if (!hasFired) {
                        found.add("timer " + answer.id() + " is said to have fired, and has not: " + answer);
                    }
                }
                default -> {
                    if (set.contains(answer.id())) {
                        found.add("timer " + answer.id() + " was set, and is not known: " + answer);
                    }
                }
            }
        });
        return found;
    }
}
