package dev.coterie.cluster.election;

import dev.coterie.cluster.session.Identity;
import dev.coterie.cluster.store.Entry;
import java.util.Optional;

/**
 * A slot that is taken.
 *
 * @param number from 0
 * @param lease what it hangs on: the master's session
 * @param term the revision that wrote it
 * @param record what stands there; empty if that is not ours to read, which still means that it is taken
 */
record Slot(int number, long lease, long term, Optional<SlotRecord> record) {

    static Slot of(int number, Entry entry) {
        return new Slot(number, entry.lease(), entry.modRevision(), SlotRecord.read(entry.value()));
    }

    /** The master's id; empty if it cannot be read. */
    String node() {
        return record.map(SlotRecord::node).orElse("");
    }

    /** Whether a node holds it in this very session. */
    boolean isOf(Identity node) {
        return lease == node.lease() && node().equals(node.nodeId());
    }

    /** Whether the master got it from this node. */
    boolean isHandedOverBy(String node) {
        return record.filter(known -> SlotRecord.handedOverBy(node).equals(known.how()))
                .isPresent();
    }
}
