package dev.coterie.workers.traffic;

import dev.coterie.cluster.balance.Balancer;
import dev.coterie.workers.supervisor.WorkerProcess;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToLongFunction;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/** Which worker gets the next thing. */
public enum Strategy {
    /** Each in its turn; the first comes first. */
    ROUND_ROBIN("round-robin"),
    /** The one that has least to do: bytes that wait for it, or connections that it has. */
    LEAST_LOADED("least-loaded"),
    /** Any. */
    RANDOM("random"),
    /** The same for the same remote address, as long as it is there. */
    STICKY("sticky");

    private final String text;

    Strategy(String text) {
        this.text = text;
    }

    /**
     * Reads a name, such as {@code round-robin}.
     *
     * @throws IllegalArgumentException says which there are
     */
    public static Strategy of(String name) {
        return Arrays.stream(values())
                .filter(strategy -> strategy.text.equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("choose one of "
                        + Arrays.stream(values()).map(Strategy::toString).collect(Collectors.joining(", "))));
    }

    @Override
    public String toString() {
        return text;
    }

    /** Chooses a worker for something from somewhere. */
    @FunctionalInterface
    public interface Choice {

        /**
         * Chooses one.
         *
         * @param remote where it comes from
         * @param workers at least one
         */
        WorkerProcess choose(InetSocketAddress remote, List<WorkerProcess> workers);
    }

    /** What chooses in this way. */
    Choice choice(ToLongFunction<WorkerProcess> load, RandomGenerator random) {
        if (this == STICKY) {
            return Strategy::sticky;
        }
        Balancer<WorkerProcess> turns = Balancer.roundRobin();
        Balancer<WorkerProcess> balancer = switch (this) {
            case LEAST_LOADED -> Balancer.leastLoaded(load, turns);
            case RANDOM -> Balancer.random(random);
            default -> turns;
        };
        return (remote, workers) -> balancer.choose(workers);
    }

    /** The highest of all hashes of address and worker: when a worker goes, only those that it had go elsewhere. */
    private static WorkerProcess sticky(InetSocketAddress remote, List<WorkerProcess> workers) {
        WorkerProcess best = workers.get(0);
        long highest = Long.MIN_VALUE;
        for (WorkerProcess worker : workers) {
            long hash = mix(remote.getAddress().hashCode() * 0x9E3779B97F4A7C15L + worker.number());
            if (hash >= highest) {
                highest = hash;
                best = worker;
            }
        }
        return best;
    }

    /** The finalizer of SplitMix64: every bit of the result depends on every bit given. */
    private static long mix(long bits) {
        long a = (bits ^ (bits >>> 30)) * 0xBF58476D1CE4E5B9L;
        long b = (a ^ (a >>> 27)) * 0x94D049BB133111EBL;
        return b ^ (b >>> 31);
    }
}
