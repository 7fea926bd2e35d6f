package dev.coterie.cluster.election;

import dev.coterie.cluster.discovery.Mastership;
import dev.coterie.cluster.session.Identity;
import dev.coterie.cluster.session.Session;
import dev.coterie.cluster.store.Condition;
import java.util.List;

/** A mastership that the store can check: its guard makes a transaction fail once it has ended. Thread-safe. */
public final class FencedMastership implements Mastership {

    private final Session session;
    private final Identity identity;
    private final String slotKey;
    private final int slot;
    private final long term;
    private volatile boolean ended;

    FencedMastership(Session session, Identity identity, String slotKey, int slot, long term) {
        this.session = session;
        this.identity = identity;
        this.slotKey = slotKey;
        this.slot = slot;
        this.term = term;
    }

    @Override
    public int slot() {
        return slot;
    }

    /** The revision at which the slot was last written: a hand-over writes it without a gap, and still raises it. */
    @Override
    public long term() {
        return term;
    }

    @Override
    public boolean isValid() {
        return !ended && session.isValid(identity);
    }

    /** Holds in a transaction as long as the mastership does: the slot was not written since, the node is registered. */
    public List<Condition> guard() {
        return List.of(new Condition.Modified(slotKey, term), identity.guard());
    }

    void end() {
        ended = true;
    }

    @Override
    public String toString() {
        return "mastership of slot " + slot + ", term " + term;
    }
}
