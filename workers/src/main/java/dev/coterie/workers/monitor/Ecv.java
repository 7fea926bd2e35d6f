package dev.coterie.workers.monitor;

import dev.coterie.cluster.concurrent.Clock;
import java.time.Instant;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Extended content verification: whether this host is to get traffic, for a load balancer in front of it that asks from
 * time to time. An operator can take the host out, and the state is the supervisor's, so it outlives every worker.
 * Any thread, one at a time.
 */
public final class Ecv {

    private static final Logger log = LoggerFactory.getLogger(Ecv.class);

    private final Clock clock;
    private final Check check;
    private Optional<Switch> off = Optional.empty();

    /**
     * Creates it, enabled.
     *
     * @param check whether what runs here is well
     */
    public Ecv(Clock clock, Check check) {
        this.clock = clock;
        this.check = check;
    }

    /** Looks whether what runs here is well. */
    @FunctionalInterface
    public interface Check {

        /** False, or an exception, if traffic had better go elsewhere. May take a few seconds. */
        boolean isWell() throws Exception;
    }

    /**
     * That somebody has taken the host out.
     *
     * @param by who
     * @param why for what reason; may be empty
     * @param until when it is in again by itself; empty for when somebody says so
     */
    public record Switch(String by, String why, Optional<Instant> until) {}

    /** What the answer is. */
    public enum Status {
        /** Send traffic here. */
        AVAILABLE(200),
        /** Somebody has taken the host out. */
        DISABLED(400),
        /** Something is wrong. */
        WARNING(500);

        private final int code;

        Status(int code) {
            this.code = code;
        }

        /** The status code of HTTP. */
        public int code() {
            return code;
        }
    }

    /** Takes the host out. */
    public synchronized void disable(Switch newSwitch) {
        off = Optional.of(newSwitch);
    }

    /** Takes it in again. */
    public synchronized void enable() {
        off = Optional.empty();
    }

    /** Who has taken it out, if somebody has. */
    public synchronized Optional<Switch> disabled() {
        off = off.filter(
                one -> one.until().isEmpty() || clock.now().isBefore(one.until().get()));
        return off;
    }

    /** The answer now. */
    public Status status() {
        if (disabled().isPresent()) {
            return Status.DISABLED;
        }
        try {
            return check.isWell() ? Status.AVAILABLE : Status.WARNING;
        } catch (Exception failure) {
            // The application's own check: whatever it throws means the same.
            log.debug("The check failed", failure);
            return Status.WARNING;
        }
    }
}
