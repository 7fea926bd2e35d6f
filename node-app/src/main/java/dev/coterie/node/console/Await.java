package dev.coterie.node.console;

import dev.coterie.cluster.store.StoreException;
import dev.coterie.cluster.work.TaskFailed;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Waits on one of the server's threads for what the cluster brings; what it refuses becomes a status. */
final class Await {

    /** How long whoever looks at a page waits. */
    static final Duration PATIENCE = Duration.ofSeconds(5);

    private Await() {}

    /**
     * What a stage brings.
     *
     * @throws Refused if it does not, or not in time
     */
    static <T> T answer(CompletionStage<T> stage) {
        try {
            return stage.toCompletableFuture().get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException late) {
            throw new Refused(504, "there was no answer within " + PATIENCE.toSeconds() + " s; try again");
        } catch (ExecutionException failed) {
            throw refused(failed.getCause());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new Refused(503, "this node ends");
        }
    }

    private static RuntimeException refused(@org.jspecify.annotations.Nullable Throwable cause) {
        if (cause instanceof StoreException store) {
            return switch (store.kind()) {
                case COMPACTED -> new Refused(410, "revision: etcd keeps it no more; choose a later one");
                case REFUSED, NO_SPACE -> new Refused(409, store.getMessage());
                default -> new Refused(503, store.getMessage());
            };
        }
        if (cause instanceof TaskFailed failed) {
            return new Refused(409, String.valueOf(failed.getMessage()));
        }
        if (cause instanceof IllegalArgumentException malformed) {
            return Refused.malformed(String.valueOf(malformed.getMessage()));
        }
        return new IllegalStateException(cause);
    }
}
