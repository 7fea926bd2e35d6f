package dev.coterie.cluster.work;

import dev.coterie.cluster.balance.Balancer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Chooses which member gets a task: one that can run it and has room. On the loop. */
final class Dispatcher {

    private final Balancer<NodeLine> balancer;
    private final List<NodeLine> candidates = new ArrayList<>();

    Dispatcher(Balancer<NodeLine> balancer) {
        this.balancer = balancer;
    }

    @Nullable
    NodeLine choose(LedgerTask task) {
        candidates.clear();
        for (NodeLine line : task.kind.able) {
            if (line.hasRoom()) {
                candidates.add(line);
            }
        }
        if (candidates.isEmpty()) {
            return null;
        }
        String key = task.extras().key();
        NodeLine usual = key.isEmpty() ? null : usual(key, task.kind.able);
        return usual != null && usual.hasRoom() ? usual : balancer.choose(candidates);
    }

    /** By the highest hash of key and member, so that a member that comes or goes moves few keys. */
    private static @Nullable NodeLine usual(String key, List<NodeLine> able) {
        NodeLine best = null;
        long highest = Long.MIN_VALUE;
        for (NodeLine line : able) {
            long mixed = (key.hashCode() * 31L + line.member.id().hashCode()) * 0x9E3779B97F4A7C15L;
            long hash = mixed ^ (mixed >>> 32);
            if (best == null || hash > highest) {
                best = line;
                highest = hash;
            }
        }
        return best;
    }
}
