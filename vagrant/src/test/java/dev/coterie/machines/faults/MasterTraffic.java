package dev.coterie.machines.faults;

import dev.coterie.cluster.Cluster;
import dev.coterie.cluster.discovery.DiscoveryEvent.Demoted;
import dev.coterie.cluster.discovery.DiscoveryEvent.Promoted;
import dev.coterie.cluster.discovery.Mastership;
import dev.coterie.cluster.discovery.Subscription;
import dev.coterie.cluster.store.Operation;
import dev.coterie.cluster.store.Transaction;
import dev.coterie.machines.faults.Happening.Kind;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Writes of masters, under their guard and one after the other. Whether a mastership is still valid is not asked, so that
 * only the guard keeps an old master from writing.
 */
final class MasterTraffic {

    private final Cluster cluster;
    private final Teller teller;
    private final String process;
    private final AtomicBoolean writing = new AtomicBoolean();
    private Subscription holding = () -> {};

    /** The last one that was held; it stays here when it is lost. */
    private volatile @Nullable Mastership last;

    MasterTraffic(Cluster cluster, Teller teller, String process) {
        this.cluster = cluster;
        this.teller = teller;
        this.process = process;
    }

    void begin() {
        cluster.on(Promoted.class, event -> {
            last = event.mastership();
            tell(Kind.PROMOTED, event.mastership());
        });
        cluster.on(Demoted.class, event -> tell(Kind.DEMOTED, event.mastership()));
    }

    /** Says what is held where a history begins. */
    void holds() {
        holding.close();
        holding = cluster.on(Promoted.class, event -> tell(Kind.HOLDS, event.mastership()));
    }

    private void tell(Kind kind, Mastership mastership) {
        teller.tell(kind, "" + mastership.slot(), "" + mastership.term());
    }

    void tick() {
        Mastership held = last;
        if (held == null || !writing.compareAndSet(false, true)) {
            return;
        }
        String slot = "" + held.slot();
        var unused = cluster.store()
                .commit(Transaction.when(cluster.guard(held)).then(Operation.put("written/" + slot, process)))
                .whenComplete((result, failure) -> {
                    if (failure == null && result.succeeded()) {
                        teller.tell(Kind.WROTE, slot, "" + held.term(), result.revision());
                    }
                    writing.set(false);
                });
    }
}
