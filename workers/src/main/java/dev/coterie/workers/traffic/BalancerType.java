package dev.coterie.workers.traffic;

import java.util.List;
import java.util.ServiceLoader;
import java.util.stream.Stream;

/**
 * A kind of balancer for the command line: which flags it takes besides the usual ones, and what it does with each datum.
 * Further ones are found as services ({@link ServiceLoader}).
 */
public interface BalancerType {

    /** What it is called behind {@code -type}. */
    String name();

    /** What it does, in a sentence. */
    String help();

    /** All its flags: those given, extended or with other defaults ({@link Flags#extended}). */
    List<Flag> flags(List<Flag> usual);

    /**
     * What it does with each datum.
     *
     * @throws IllegalArgumentException if one of its flags will not do; the message names it
     */
    Distribution distribution(Flags flags);

    /** All there are: the built-in ones first. */
    static List<BalancerType> all() {
        return Stream.concat(
                        Stream.of(new PlainType(), new NotifyingType()),
                        ServiceLoader.load(BalancerType.class).stream().map(ServiceLoader.Provider::get))
                .toList();
    }
}
