package dev.coterie.cluster.balance;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;

/** The one that has least to do. */
record LeastLoaded<T>(ToLongFunction<? super T> load, Balancer<T> ties) implements Balancer<T> {

    @Override
    public T choose(List<T> candidates) {
        long least = Long.MAX_VALUE;
        List<T> idlest = new ArrayList<>();
        for (T candidate : candidates) {
            long now = load.applyAsLong(candidate);
            if (now < least) {
                least = now;
                idlest.clear();
            }
            if (now == least) {
                idlest.add(candidate);
            }
        }
        return ties.choose(idlest);
    }
}
