package dev.coterie.cluster.liveness;

import dev.coterie.cluster.discovery.Member;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Who watches whom: the members in a circle, ordered by a hash of their ids, each watched by the {@link #NEIGHBOURS}
 * that follow it; a master also by the first candidates for its place. Everybody finds the same from the same view.
 */
final class Ring {

    /** How many watch a member, and how many candidates watch a master besides. */
    static final int NEIGHBOURS = 3;

    private final List<Member> circle;
    private final Map<String, Integer> places = new HashMap<>();
    private final List<Member> candidates;
    private final Set<String> masters;

    /**
     * Makes it of a view.
     *
     * @param members the oldest session first
     * @param masters the ids of those that are master
     */
    Ring(Collection<Member> members, Set<String> masters) {
        this.masters = masters;
        circle = members.stream()
                .sorted(Comparator.comparingLong((Member member) -> hash(member.id()))
                        .thenComparing(Member::id))
                .toList();
        for (int i = 0; i < circle.size(); i++) {
            places.put(circle.get(i).id(), i);
        }
        candidates = members.stream()
                .filter(member -> member.eligible() && !masters.contains(member.id()))
                .sorted(Comparator.comparingDouble(Member::weight).reversed())
                .limit(NEIGHBOURS)
                .toList();
    }

    /** Those who watch one of the members, the first to act first: of a master the candidates, who wait for its place. */
    List<Member> watchers(Member watched) {
        Map<String, Member> watchers = new LinkedHashMap<>();
        if (masters.contains(watched.id())) {
            candidates.forEach(candidate -> watchers.put(candidate.id(), candidate));
        }
        int place = places.getOrDefault(watched.id(), 0);
        for (int i = 1; i <= NEIGHBOURS && i < circle.size(); i++) {
            Member neighbour = circle.get((place + i) % circle.size());
            watchers.putIfAbsent(neighbour.id(), neighbour);
        }
        return List.copyOf(watchers.values());
    }

    /** Ids differ at their ends; this spreads them over the circle. */
    private static long hash(String id) {
        long hash = 0xcbf29ce484222325L;
        for (int i = 0; i < id.length(); i++) {
            hash = (hash ^ id.charAt(i)) * 0x100000001b3L;
        }
        hash ^= hash >>> 32;
        hash *= 0xd6e8feb86659fd93L;
        return hash ^ (hash >>> 32);
    }
}
