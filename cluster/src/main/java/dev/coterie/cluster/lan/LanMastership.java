package dev.coterie.cluster.lan;

import dev.coterie.cluster.discovery.Mastership;
import java.util.function.BooleanSupplier;

/** A mastership that its holder claims, and nobody can be asked about: it proves nothing to a store. */
final class LanMastership implements Mastership {

    private final int slot;
    private final long term;
    private final BooleanSupplier awake;
    private volatile boolean ended;

    /**
     * Creates it.
     *
     * @param awake whether this node has looked around lately; any thread
     */
    LanMastership(int slot, long term, BooleanSupplier awake) {
        this.slot = slot;
        this.term = term;
        this.awake = awake;
    }

    void end() {
        ended = true;
    }

    @Override
    public int slot() {
        return slot;
    }

    @Override
    public long term() {
        return term;
    }

    @Override
    public boolean isValid() {
        return !ended && awake.getAsBoolean();
    }

    @Override
    public String toString() {
        return "mastership of slot " + slot + " in term " + term + " on the LAN";
    }
}
