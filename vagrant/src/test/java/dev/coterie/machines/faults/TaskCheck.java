package dev.coterie.machines.faults;

import dev.coterie.machines.faults.Happening.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * A task that was acknowledged has a result; all who ask see the same one; and it is that of a run of this very task.
 * Each run has a result of its own, so that two of them can be told apart.
 */
final class TaskCheck implements Check {

    @Override
    public List<String> violations(History history) {
        List<String> found = new ArrayList<>();
        Map<String, List<Happening>> results = history.byId(Kind.RESULT, Kind.ANSWERED);
        Map<String, Set<String>> runs = history.of(Kind.RAN)
                .collect(Collectors.groupingBy(Happening::id, Collectors.mapping(Happening::text, Collectors.toSet())));
        for (String id : new TreeSet<>(history.ids(Kind.ACCEPTED))) {
            if (!results.containsKey(id)) {
                found.add("task " + id + " was accepted and has no result; runs: " + runs.get(id));
            }
        }
        results.forEach((id, told) -> {
            Set<String> different = told.stream().map(Happening::text).collect(Collectors.toCollection(TreeSet::new));
            if (different.size() > 1) {
                found.add("task " + id + " has several results: " + told);
            }
            if (!runs.getOrDefault(id, Set.of()).containsAll(different)) {
                found.add(
                        "task " + id + " has a result that no run of it had: " + different + "; runs: " + runs.get(id));
            }
        });
        for (Happening refusal : history.of(Kind.FAILED).toList()) {
            boolean wasRefused = refusal.text().startsWith("REFUSED");
            if (wasRefused && runs.containsKey(refusal.id())) {
                found.add("task " + refusal.id() + " was refused and run: " + refusal);
            } else if (!wasRefused && !refusal.text().startsWith("UNTOLD")) {
                found.add("task " + refusal.id() + " failed, and no handler here ever fails: " + refusal);
            }
        }
        return found;
    }
}
