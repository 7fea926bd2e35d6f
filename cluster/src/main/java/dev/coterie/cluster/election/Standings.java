package dev.coterie.cluster.election;

import dev.coterie.cluster.discovery.Member;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Who is master, who would be next, and why, as one node sees it at one moment. Immutable.
 *
 * @param revision the store's revision as of which the slots are shown
 * @param slots those that are required, and others that are taken, in order
 * @param members the masters by slot, then those in line, the first first, then the others
 */
public record Standings(long revision, List<Seat> slots, List<Standing> members) {

    /** Copies the lists. */
    public Standings {
        slots = List.copyOf(slots);
        members = List.copyOf(members);
    }

    /**
     * A slot.
     *
     * @param node the master's id; empty if it is free, or cannot be read
     * @param master the master, if it is a member that is known
     * @param term the revision that made it master; 0 if the slot is free
     * @param since the same by the wall clock of whoever wrote it
     * @param why one sentence: how it came to be, and who of those in line would be before it but does not depose it
     */
    public record Seat(int slot, String node, Optional<Member> master, long term, Optional<Instant> since, String why) {

        /** Whether nobody has it. */
        public boolean free() {
            return term == 0;
        }
    }

    /** What a member is in the election. */
    public enum Role {
        /** It has a slot. */
        MASTER,
        /** It would take a free slot, or be handed one, when its turn comes. */
        IN_LINE,
        /** It has stepped down and waits until another has taken its slot; only the node itself knows. */
        STANDING_ASIDE,
        /** It may not become master. */
        NOT_ELIGIBLE
    }

    /**
     * A member.
     *
     * @param slot what it has, if it is master
     * @param place which it is in line, from 1; 0 if it is not in line
     * @param registered the revision that began its session: among equally heavy ones, the lowest is first
     * @param why one sentence: what it has, or who is before it and why
     */
    public record Standing(Member member, Role role, Optional<Integer> slot, int place, long registered, String why) {}

    /** The slot with this number. */
    public Optional<Seat> slot(int number) {
        return slots.stream().filter(seat -> seat.slot() == number).findFirst();
    }

    /** The member with this id, or else the one with this name. */
    public Optional<Standing> member(String idOrName) {
        return members.stream()
                .filter(standing -> standing.member().id().equals(idOrName))
                .findFirst()
                .or(() -> members.stream()
                        .filter(standing -> standing.member().name().equals(idOrName))
                        .findFirst());
    }

    /** Those who wait for a slot, the first first. */
    public List<Standing> inLine() {
        return members.stream().filter(standing -> standing.place() > 0).toList();
    }
}
