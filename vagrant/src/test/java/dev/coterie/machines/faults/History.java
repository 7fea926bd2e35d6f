package dev.coterie.machines.faults;

import dev.coterie.machines.faults.Happening.Kind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What happened in one round of traffic: what all processes said, in the order in which each said it, and when something
 * was wrong with the machines.
 *
 * @param happenings of one process in order; those of different processes may be mixed in any way
 * @param troubles when something was wrong, from the beginning of a fault until all had recovered from it
 * @param lastTerm the last term of each slot before this round
 */
record History(List<Happening> happenings, List<Trouble> troubles, Map<String, Long> lastTerm) {

    /** A time in which messages may be lost. */
    record Trouble(String fault, long from, long to) {

        boolean touches(long since, long until) {
            return from <= until && since <= to;
        }
    }

    /** All of some kinds. */
    Stream<Happening> of(Kind... kinds) {
        Set<Kind> wanted = Set.of(kinds);
        return happenings.stream().filter(one -> wanted.contains(one.kind()));
    }

    /** The ids of all that something happened to. */
    Set<String> ids(Kind kind) {
        return of(kind).map(Happening::id).collect(Collectors.toSet());
    }

    /** All of a kind, by what they happened to. */
    Map<String, List<Happening>> byId(Kind... kinds) {
        return of(kinds).collect(Collectors.groupingBy(Happening::id));
    }

    /** All of some kinds, by who said them. */
    Map<String, List<Happening>> byProcess(Kind... kinds) {
        return of(kinds).collect(Collectors.groupingBy(Happening::process, LinkedHashMap::new, Collectors.toList()));
    }

    /** Whether something was wrong at some moment of a time. */
    boolean wasTrouble(long since, long until) {
        return troubles.stream().anyMatch(trouble -> trouble.touches(since, until));
    }

    /** The last term of each slot now. */
    Map<String, Long> termsSoFar() {
        Map<String, Long> terms = new HashMap<>(lastTerm);
        of(Kind.WROTE).forEach(write -> terms.merge(write.id(), Long.valueOf(write.text()), Math::max));
        return terms;
    }

    /** Everything that some rule does not allow, in words. */
    List<String> violations() {
        List<String> found = new ArrayList<>();
        Check.ALL.forEach(check -> found.addAll(check.violations(this)));
        return found;
    }
}
