package dev.coterie.cluster.work;

import java.util.random.RandomGenerator;

/**
 * How a task is tried; shared by all tasks that are tried alike. Times in milliseconds.
 *
 * @param attempts how often, before it is a dead letter
 * @param backoff the wait after the first failure; it doubles with each
 * @param longest the longest wait
 * @param deadline how long one attempt may take
 */
record Rules(int attempts, long backoff, long longest, long deadline) {

    static final Rules DEFAULT = of(TaskOptions.DEFAULT);

    static Rules of(TaskOptions options) {
        return new Rules(
                options.attempts(),
                options.backoff().toMillis(),
                options.longestBackoff().toMillis(),
                options.deadline().toMillis());
    }

    /** The wait after so many failures; half of it is left to chance. */
    long wait(int failures, RandomGenerator random) {
        double whole = Math.min((double) longest, backoff * Math.pow(2, failures - 1));
        return (long) (whole * (1 - random.nextDouble() / 2));
    }
}
