package dev.coterie.workers.supervisor;

import dev.coterie.cluster.concurrent.Backoff;
import java.time.Duration;

/**
 * What happens when a worker crashes. It is forked again at once the first time within the window, then after the
 * backoff's delays; past the limit the supervisor gives up.
 *
 * @param backoff the delays; default 100 ms, doubling to 10 s
 * @param limit how many crashes of one worker are put up with within the window; default 10
 * @param window how long a crash is remembered; default 60 s
 */
public record RestartPolicy(Backoff backoff, int limit, Duration window) {

    /** The defaults. */
    public static final RestartPolicy DEFAULT = new RestartPolicy(
            Backoff.doubling(Duration.ofMillis(100), Duration.ofSeconds(10)), 10, Duration.ofSeconds(60));

    /** Checks the limit. */
    public RestartPolicy {
        if (limit < 0) {
            throw new IllegalArgumentException(
                    "crashes: '" + limit + "' will not do; choose zero or more, and zero for no restart at all");
        }
        if (window.isNegative()) {
            throw new IllegalArgumentException("crash-window: '" + window + "' will not do; choose zero or more");
        }
    }

    /** So many crashes of one worker within that time, with the usual delays. */
    public static RestartPolicy within(int limit, Duration window) {
        return new RestartPolicy(DEFAULT.backoff(), limit, window);
    }
}
