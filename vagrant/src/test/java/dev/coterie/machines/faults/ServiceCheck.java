package dev.coterie.machines.faults;

import dev.coterie.machines.faults.Happening.Kind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Each process is told of every service that comes into use, says something else, or goes, exactly once, and of what one
 * process says in order; nobody is told to use one that is not ready; and what it was told adds up to what it uses.
 */
final class ServiceCheck implements Check {

    static final String READY = "ready";

    @Override
    public List<String> violations(History history) {
        List<String> found = new ArrayList<>();
        Map<String, String> offers = new HashMap<>();
        history.of(Kind.OFFER).forEach(offer -> offers.put(offer.id(), offer.text()));
        history.byProcess(Kind.SERVICES, Kind.USABLE, Kind.CHANGED, Kind.UNUSABLE, Kind.USES)
                .values()
                .forEach(ofProcess -> {
                    Map<String, String> sum = addUp(ofProcess, found);
                    inOrder(ofProcess, found);
                    Happening last = ofProcess.get(ofProcess.size() - 1);
                    if (last.kind() == Kind.USES && !last.id().equals(said(sum))) {
                        found.add("what " + last.process() + " was told of services adds up to " + said(sum)
                                + ", and it uses " + last);
                    }
                });
        history.of(Kind.USABLE, Kind.CHANGED)
                .filter(one -> !offers.getOrDefault(one.text(), READY).equals(READY))
                .forEach(one -> found.add("a service is to be used, and says that it is not ready: " + one));
        return found;
    }

    /** What is in use after all that a process was told, by instance; its own history begins with what was in use. */
    private static Map<String, String> addUp(List<Happening> ofProcess, List<String> found) {
        Map<String, String> known = new TreeMap<>();
        boolean begun = false;
        for (Happening one : ofProcess) {
            if (one.kind() == Kind.SERVICES) {
                begun = true;
                known.clear();
                EventCheck.split(one.id()).forEach(there -> known.put(there.split("=", 2)[0], there.split("=", 2)[1]));
            } else if (begun && one.kind() != Kind.USES) {
                boolean there =
                        one.kind() == Kind.UNUSABLE ? known.remove(one.id()) != null : known.containsKey(one.id());
                if (there == (one.kind() == Kind.USABLE)) {
                    found.add("told of a service that was " + (there ? "there already: " : "not there: ") + one);
                }
                if (one.kind() != Kind.UNUSABLE) {
                    known.put(one.id(), one.text());
                }
            }
        }
        return known;
    }

    private static String said(Map<String, String> known) {
        return String.join(",", known.values().stream().sorted().toList());
    }

    private static void inOrder(List<Happening> ofProcess, List<String> found) {
        Map<String, Long> last = new HashMap<>();
        for (Happening one : ofProcess) {
            if (one.kind() == Kind.USABLE || one.kind() == Kind.CHANGED) {
                int dash = one.text().lastIndexOf('-');
                long number = Long.parseLong(one.text().substring(dash + 1));
                Long before = last.put(offerer(one.text()), number);
                if (before != null && before > number) {
                    found.add("told of what a service said before, after it said something else: " + one);
                }
            }
        }
    }

    /** The process that has said something. */
    static String offerer(String said) {
        return said.substring(0, said.lastIndexOf('-'));
    }
}
