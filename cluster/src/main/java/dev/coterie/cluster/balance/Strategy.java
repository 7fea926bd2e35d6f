package dev.coterie.cluster.balance;

import java.util.function.ToLongFunction;
import java.util.random.RandomGenerator;

/** The usual ways to choose who gets the next thing. */
public enum Strategy {
    /** Any, each as likely as the others. */
    RANDOM,
    /** Each in its turn. */
    ROUND_ROBIN,
    /** The one with the least to do; among equals any. */
    LEAST_LOADED;

    /**
     * A balancer that chooses so.
     *
     * @param load how much a candidate has to do now, in any unit
     */
    public <T> Balancer<T> balancer(RandomGenerator random, ToLongFunction<? super T> load) {
        return switch (this) {
            case RANDOM -> Balancer.random(random);
            case ROUND_ROBIN -> Balancer.roundRobin();
            case LEAST_LOADED -> Balancer.leastLoaded(load, Balancer.random(random));
        };
    }
}
