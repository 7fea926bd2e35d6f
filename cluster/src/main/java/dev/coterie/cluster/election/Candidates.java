package dev.coterie.cluster.election;

import dev.coterie.cluster.discovery.Member;
import dev.coterie.cluster.membership.Membership;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** Who may become master, in order. Single-threaded: on the event loop. */
final class Candidates {

    private final Membership membership;
    private final Slots slots;

    Candidates(Membership membership, Slots slots) {
        this.membership = membership;
        this.slots = slots;
    }

    /** Those eligible that are not masters, the first in line first: the heaviest, and among equals the oldest session. */
    List<Member> inLine() {
        return heaviestFirst(membership.view().members(), Function.identity()).stream()
                .filter(Member::eligible)
                .filter(member -> !slots.isMaster(member.id()))
                .toList();
    }

    /** In the order in which they would become master, all else being equal. */
    static <T> List<T> heaviestFirst(List<T> oldestFirst, Function<T, Member> member) {
        return oldestFirst.stream()
                .sorted(Comparator.comparingDouble((T one) -> member.apply(one).weight())
                        .reversed())
                .toList();
    }

    /**
     * When it is a node's turn, and for what.
     *
     * @param slot the free slot that it would take
     * @param before how many times others would have tried to take that slot
     */
    record Turn(int slot, int before) {}

    /**
     * The turn of a node; empty if it is no candidate, or no slot is free. As many as there are free slots have theirs at
     * once, one slot each, then as many again. Whoever held one of them last has it last, and not at once: most likely
     * it is gone, though its registration may still be seen, or it does not know yet.
     */
    Optional<Turn> turn(String self) {
        List<Integer> free = slots.free();
        if (free.isEmpty()) {
            // As nearly always; and this is asked at every change among the members.
            return Optional.empty();
        }
        Set<String> leavers = slots.leavers();
        List<String> line = inLine().stream()
                .map(Member::id)
                .sorted(Comparator.comparing(leavers::contains))
                .toList();
        int rank = line.indexOf(self);
        if (rank < 0) {
            return Optional.empty();
        }
        if (leavers.contains(self) || rank >= free.size()) {
            return Optional.of(new Turn(free.get(rank % free.size()), Math.max(1, rank / free.size())));
        }
        // By age among themselves: whoever joins now, and is not seen by all yet, does not change what the others take.
        Set<String> first = Set.copyOf(line.subList(0, Math.min(free.size(), line.size())));
        int turn = membership.view().members().stream()
                .map(Member::id)
                .filter(first::contains)
                .toList()
                .indexOf(self);
        return Optional.of(new Turn(free.get(turn), 0));
    }
}
