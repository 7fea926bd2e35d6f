package dev.coterie.cluster.lan;

import dev.coterie.cluster.discovery.Member;
import dev.coterie.cluster.discovery.View;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Which nodes there are, this one included. Changed on the event loop; what is volatile may be read by any thread. */
final class Roster {

    /** A hello is not proof of anything, and whoever can send one can send many. */
    static final int MOST_MEMBERS = 1024;

    private static final Comparator<Member> OLDEST_FIRST =
            Comparator.comparing(Member::startedAt).thenComparing(Member::id);

    private final Map<String, Seen> seen = new LinkedHashMap<>();
    private volatile Member self;
    private volatile View view;
    private volatile Map<String, Peer> peers = Map.of();

    Roster(Member self) {
        this.self = self;
        this.view = new View(1, List.of(self));
    }

    Member self() {
        return self;
    }

    View view() {
        return view;
    }

    /** The others, by id. */
    Map<String, Peer> peers() {
        return peers;
    }

    Collection<Seen> others() {
        return seen.values();
    }

    Optional<Seen> find(String id) {
        return Optional.ofNullable(seen.get(id));
    }

    boolean isFull() {
        return seen.size() >= MOST_MEMBERS;
    }

    /** The masters among the others, the first in rank first. */
    List<Seen> masters() {
        return seen.values().stream()
                .filter(Seen::isMaster)
                .sorted(Comparator.comparing(Seen::rank))
                .toList();
    }

    void self(Member changed) {
        self = changed;
        publish();
    }

    void add(Seen one) {
        seen.put(one.id(), one);
        publish();
    }

    void remove(Seen one) {
        seen.remove(one.id());
        publish();
    }

    /** Something about the members has changed: the next view. */
    void publish() {
        List<Member> members = new ArrayList<>(List.of(self));
        Map<String, Peer> reached = new HashMap<>();
        for (Seen one : seen.values()) {
            members.add(one.member());
            boolean shared = seen.values().stream().anyMatch(other -> other != one && other.sameAddress(one));
            reached.put(one.id(), one.peer(shared));
        }
        members.sort(OLDEST_FIRST);
        peers = Map.copyOf(reached);
        view = new View(view.revision() + 1, members);
    }
}
