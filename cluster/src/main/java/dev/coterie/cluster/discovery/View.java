package dev.coterie.cluster.discovery;

import java.util.List;
import java.util.Optional;

/**
 * The members at one moment that all nodes agree on.
 *
 * @param revision the store's revision; grows with every view
 * @param members the oldest session first
 */
public record View(long revision, List<Member> members) {

    /** Copies the list. */
    public View {
        members = List.copyOf(members);
    }

    /** The member with this id, if it is in the view. */
    public Optional<Member> member(String id) {
        return members.stream().filter(member -> member.id().equals(id)).findFirst();
    }
}
