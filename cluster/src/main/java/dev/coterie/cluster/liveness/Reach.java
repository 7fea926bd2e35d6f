package dev.coterie.cluster.liveness;

import dev.coterie.cluster.discovery.Member;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Whom this node was in touch with, and when: what it goes by when it has to know whether it is cut off itself.
 *
 * <p>Who wants to evict needs to have been in touch with more than half of the members since the suspicion. A refusal
 * from this very machine is a fact that no network comes between: such a member does not count at all. Exactly half will
 * do if all others have refused, so that the one survivor of two, or two of four, can go on.
 */
final class Reach {

    private final Map<String, Known> known = new LinkedHashMap<>();
    private Member self;

    /** Another member. */
    private static final class Known {
        Member member;
        boolean reached;
        long reachedAt;
        boolean refused;
        long refusedAt;
        boolean looking;

        Known(Member member) {
            this.member = member;
        }

        boolean reachedSince(long start) {
            return reached && reachedAt - start >= 0;
        }

        boolean refusedSince(long start) {
            return refused && refusedAt - start >= 0;
        }
    }

    Reach(Member self) {
        this.self = self;
    }

    /** These are the members now, this node among them. */
    void members(Member nowSelf, Collection<Member> members) {
        self = nowSelf;
        known.keySet().retainAll(members.stream().map(Member::id).collect(Collectors.toSet()));
        members.stream()
                .filter(member -> !member.id().equals(nowSelf.id()))
                .forEach(member -> known.computeIfAbsent(member.id(), id -> new Known(member)).member = member);
    }

    /** A sign of life, or what came of a look. */
    void saw(String id, Sighting what, long now) {
        Known one = known.get(id);
        if (one == null) {
            return;
        }
        one.looking = false;
        if (what == Sighting.REACHED) {
            one.reached = true;
            one.reachedAt = now;
            one.refused = false;
        } else if (what == Sighting.REFUSED) {
            one.refused = true;
            one.refusedAt = now;
        }
    }

    /** All members, this node and the suspect included. */
    int members() {
        return known.size() + 1;
    }

    /** How many members this node was in touch with since then, itself included. */
    int reachedSince(long start) {
        return 1
                + (int) known.values().stream()
                        .filter(one -> one.reachedSince(start))
                        .count();
    }

    /** Whether this node is in touch with enough members to say that another is dead. */
    boolean suffices(long start) {
        int gone = (int) known.values().stream()
                .filter(one -> one.refusedSince(start) && isHere(one.member))
                .count();
        int reached = reachedSince(start);
        int counted = members() - gone;
        boolean restRefused =
                known.values().stream().allMatch(one -> one.reachedSince(start) || one.refusedSince(start));
        return 2 * reached > counted || (2 * reached == counted && restRefused);
    }

    /** Whether a member was in touch since then. */
    boolean isReached(String id, long start) {
        Known one = known.get(id);
        return one != null && one.reachedSince(start);
    }

    /** Those of whom nothing is known since then, and at whom nobody looks: their ids. */
    Set<String> unseen(long start) {
        return known.values().stream()
                .filter(one -> !one.looking && !one.reachedSince(start) && !one.refusedSince(start))
                .map(one -> one.member.id())
                .collect(Collectors.toSet());
    }

    /** A look at a member is on its way. */
    void looking(String id) {
        Known one = known.get(id);
        if (one != null) {
            one.looking = true;
        }
    }

    /** All other members. */
    Stream<Member> others() {
        return known.values().stream().map(one -> one.member);
    }

    private boolean isHere(Member member) {
        return member.address().equals(self.address());
    }
}
