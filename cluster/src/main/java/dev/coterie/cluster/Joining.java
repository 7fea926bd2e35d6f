package dev.coterie.cluster;

import dev.coterie.cluster.concurrent.Clock;
import dev.coterie.cluster.store.StoreException;
import dev.coterie.cluster.store.StoreException.Kind;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A node's way to its first view, and what is in the way, in words that say what to do about it. Thread-safe. */
final class Joining {

    private static final Logger log = LoggerFactory.getLogger(Cluster.class);

    private static final Duration COMPLAIN = Duration.ofSeconds(3);

    private final ClusterConfig config;
    private final Clock clock;
    private final CompletableFuture<Void> joined = new CompletableFuture<>();
    private volatile @Nullable StoreException trouble;

    /** On the loop. */
    private long complainedAt;

    Joining(ClusterConfig config, Clock clock) {
        this.config = config;
        this.clock = clock;
        this.complainedAt = clock.nanoTime();
    }

    /** Completes with the first view; fails if it is certain that there will be none. */
    CompletionStage<Void> stage() {
        return joined;
    }

    /** There is a first view. On the loop. */
    void joined() {
        joined.complete(null);
    }

    /** An attempt to begin a session has failed; another follows, also when this node had joined before. On the loop. */
    void troubled(StoreException cause) {
        trouble = cause;
        if (cause.kind() == Kind.NOT_ETCD || cause.kind() == Kind.REFUSED) {
            joined.completeExceptionally(cause);
            return;
        }
        long now = clock.nanoTime();
        if (now - complainedAt >= COMPLAIN.toNanos()) {
            complainedAt = now;
            log.warn("etcd: {} cannot be reached; trying again ({})", endpoints(), cause.getMessage());
        }
    }

    /**
     * Waits for the first view as long as is configured.
     *
     * @param giveUp is called before it throws
     */
    void await(Runnable giveUp) {
        try {
            joined.get(config.connectTimeout().toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException late) {
            StoreException last = trouble;
            giveUp.run();
            throw new StoreException(
                    Kind.UNAVAILABLE,
                    "etcd: " + endpoints() + " was not reached within "
                            + config.connectTimeout().toSeconds()
                            + " s; check that it runs there, or name another"
                            + (last == null ? "" : " (" + last.getMessage() + ")"),
                    late);
        } catch (ExecutionException refused) {
            giveUp.run();
            throw refused.getCause() instanceof StoreException known
                    ? new StoreException(known.kind(), explained(known), known)
                    : new IllegalStateException(refused.getCause());
        } catch (InterruptedException interrupted) {
            giveUp.run();
            Thread.currentThread().interrupt();
            throw new StoreException(Kind.CLOSED, "interrupted while joining", interrupted);
        }
    }

    private String explained(StoreException refusal) {
        return refusal.kind() == Kind.NOT_ETCD
                ? "etcd: what answers at " + endpoints() + " is not etcd; give the address of one, such as"
                        + " http://127.0.0.1:2379 (" + refusal.getMessage() + ")"
                : refusal.getMessage();
    }

    private String endpoints() {
        return String.join(", ", config.etcd().stream().map(Object::toString).toList());
    }
}
