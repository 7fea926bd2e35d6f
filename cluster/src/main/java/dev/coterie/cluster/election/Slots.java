package dev.coterie.cluster.election;

import dev.coterie.cluster.session.Identity;
import dev.coterie.cluster.store.Change;
import dev.coterie.cluster.store.Condition;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The slots as the store has them: which are taken, and which of those that are required are free. A slot beyond those,
 * as a node that was told of more may take it, counts as a mastership but is never filled again. Single-threaded.
 */
final class Slots {

    /** How a slot's number is written in its key. */
    static final String NUMBER = "0|[1-9][0-9]{0,8}";

    private final String directory;
    private final int required;
    private final TreeMap<Integer, Slot> taken = new TreeMap<>();
    private final Map<Integer, String> lastHolders = new HashMap<>();

    /**
     * Creates it; all are free.
     *
     * @param directory what the keys begin with
     * @param required how many are to be filled
     */
    Slots(String directory, int required) {
        this.directory = directory;
        this.required = required;
    }

    /** What has happened to the keys. Those that are no slots are left alone. */
    void changed(List<Change> changes) {
        for (Change change : changes) {
            int number = number(change.key());
            if (number >= 0 && change instanceof Change.Written written) {
                Slot slot = Slot.of(number, written.entry());
                taken.put(number, slot);
                lastHolders.put(number, slot.node());
            } else if (number >= 0) {
                taken.remove(number);
            }
        }
    }

    private int number(String key) {
        String number = key.substring(directory.length());
        return number.matches(NUMBER) ? Integer.parseInt(number) : -1;
    }

    String key(int number) {
        return directory + number;
    }

    /** Holds as long as a session has no slot: no node is ever in two. */
    Condition noneOn(long lease) {
        return new Condition.NoneOn(directory, lease);
    }

    /** Those that are taken, in order. */
    Collection<Slot> taken() {
        return Collections.unmodifiableCollection(taken.values());
    }

    Optional<Slot> at(int number) {
        return Optional.ofNullable(taken.get(number));
    }

    /** The one that a node holds in this very session. */
    Optional<Slot> of(Identity node) {
        return taken.values().stream().filter(slot -> slot.isOf(node)).findFirst();
    }

    /** The one that will be free and is to be filled if a node goes. */
    Optional<Integer> leftBy(String node) {
        return taken.values().stream()
                .filter(slot -> slot.node().equals(node) && slot.number() < required)
                .map(Slot::number)
                .findFirst();
    }

    boolean isMaster(String node) {
        return taken.values().stream().anyMatch(slot -> slot.node().equals(node));
    }

    /** Those that are to be filled, in order. */
    List<Integer> free() {
        return IntStream.range(0, required)
                .filter(number -> !taken.containsKey(number))
                .boxed()
                .toList();
    }

    /** The nodes that were the last to hold those that are free now. */
    Set<String> leavers() {
        return free().stream()
                .flatMap(number -> Optional.ofNullable(lastHolders.get(number)).stream())
                .collect(Collectors.toSet());
    }

    /**
     * The one that a promotion takes: a free one, else the one with the oldest term. So the newest promotions stand, as
     * many as there are slots.
     */
    int forPromotion() {
        return free().stream()
                .findFirst()
                .orElseGet(() -> taken.values().stream()
                        .filter(slot -> slot.number() < required)
                        .min(Comparator.comparingLong(Slot::term))
                        .map(Slot::number)
                        .orElse(0));
    }
}
