package dev.coterie.cluster.balance;

import java.util.List;
import java.util.function.ToLongFunction;
import java.util.random.RandomGenerator;

/**
 * Chooses who gets the next thing. One thread at a time.
 *
 * @param <T> whoever can be chosen; compared by {@code equals}
 */
@FunctionalInterface
public interface Balancer<T> {

    /**
     * Chooses one.
     *
     * @param candidates at least one; they may change from call to call, those that stay keep their order
     * @return one of them
     */
    T choose(List<T> candidates);

    /** Any of them, each as likely as the others. */
    static <T> Balancer<T> random(RandomGenerator random) {
        return candidates -> candidates.get(random.nextInt(candidates.size()));
    }

    /** Each in its turn. */
    static <T> Balancer<T> roundRobin() {
        return new RoundRobin<>();
    }

    /**
     * The one that has least to do.
     *
     * @param load how much a candidate has to do now, in any unit; asked for each candidate at each choice
     * @param ties chooses among those that have equally little
     */
    static <T> Balancer<T> leastLoaded(ToLongFunction<? super T> load, Balancer<T> ties) {
        return new LeastLoaded<>(load, ties);
    }
}
