package dev.coterie.node.pipeline;

import dev.coterie.cluster.balance.Balancer;
import java.util.function.ToLongFunction;
import java.util.random.RandomGenerator;

/** How the master chooses who works on a task. */
public enum Strategy {
    /** Any member, each as likely as the others. */
    RANDOM,
    /** Each member in its turn. */
    ROUND_ROBIN,
    /** The member with the fewest unanswered tasks; among equals any. */
    LEAST_LOADED;

    Balancer<String> balancer(RandomGenerator random, ToLongFunction<String> load) {
        return switch (this) {
            case RANDOM -> Balancer.random(random);
            case ROUND_ROBIN -> Balancer.roundRobin();
            case LEAST_LOADED -> Balancer.leastLoaded(load, Balancer.random(random));
        };
    }
}
