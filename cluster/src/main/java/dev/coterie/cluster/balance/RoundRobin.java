package dev.coterie.cluster.balance;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Each in its turn. It goes on behind the one chosen last rather than by counting, so that nobody is passed over or
 * preferred when candidates come and go.
 */
final class RoundRobin<T> implements Balancer<T> {

    private @Nullable T last;
    private int position;

    @Override
    public T choose(List<T> candidates) {
        int at = last == null ? -1 : candidates.indexOf(last);
        // If the last one is gone, whoever followed it now stands where it stood.
        position = (at < 0 ? position : at + 1) % candidates.size();
        T chosen = candidates.get(position);
        last = chosen;
        return chosen;
    }
}
