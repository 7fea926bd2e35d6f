package dev.coterie.workers.supervisor;

import java.time.Duration;

/**
 * When a worker is replaced though nothing is wrong with it.
 *
 * @param connections after how many connections; default 10,000
 * @param age after how long; default 24 h
 * @param jitter how much later it may be, by chance, as a share of both, so that not all workers are replaced at once;
 *     default 0.5
 */
public record RecyclePolicy(long connections, Duration age, double jitter) {

    /** The defaults. */
    public static final RecyclePolicy DEFAULT = new RecyclePolicy(10_000, Duration.ofHours(24), 0.5);

    /** Checks that both are positive. */
    public RecyclePolicy {
        check(connections >= 1, "recycle-connections", connections, "choose 1 or more");
        check(!age.isNegative() && !age.isZero(), "recycle-age", age, "choose more than zero");
        check(jitter >= 0, "recycle-jitter", jitter, "choose zero or more");
    }

    private static void check(boolean right, String field, Object value, String remedy) {
        if (!right) {
            throw new IllegalArgumentException(field + ": '" + value + "' will not do; " + remedy);
        }
    }

    /** After so many connections or so long, with the usual jitter. */
    public static RecyclePolicy after(long connections, Duration age) {
        return new RecyclePolicy(connections, age, DEFAULT.jitter());
    }
}
