package dev.coterie.node;

import dev.coterie.cluster.store.StoreException;
import dev.coterie.node.output.Event;
import dev.coterie.node.output.Output;
import dev.coterie.node.settings.UsageException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.Option;

/** How much of what happens a command tells: so many, for so long, or until Ctrl-C or nobody reads it any more. */
final class Bound {

    @Option(names = "--count", paramLabel = "N", description = "End after so many. Default: no end.")
    private long count = Long.MAX_VALUE;

    @Option(names = "--for", paramLabel = "DURATION", description = "End after so long. Default: no end.")
    private String patience = "";

    private final CompletableFuture<Void> end = new CompletableFuture<>();
    private long told;

    /**
     * Checks what was given.
     *
     * @throws UsageException names the field, the value and the remedy
     */
    Bound check() {
        if (count < 1) {
            throw new UsageException("count: '" + count + "' will not do; choose at least 1");
        }
        if (!patience.isEmpty()) {
            var unused = Guest.duration("for", patience);
        }
        return this;
    }

    /** Says something, if there is still room for it. */
    synchronized void tell(Output output, Event event, String words) {
        if (end.isDone()) {
            return;
        }
        if (words.isEmpty()) {
            output.say(event);
        } else {
            output.say(event, words);
        }
        if (++told >= count || output.isBroken()) {
            enough();
        }
    }

    /** All is told. */
    void enough() {
        end.complete(null);
    }

    /** It cannot go on. */
    void fail(StoreException cause) {
        end.completeExceptionally(cause);
    }

    /**
     * Waits for the end.
     *
     * @throws StoreException if it could not go on
     */
    void await() {
        long millis = patience.isEmpty()
                ? Long.MAX_VALUE
                : Guest.duration("for", patience).toMillis();
        try {
            end.get(millis, TimeUnit.MILLISECONDS);
        } catch (TimeoutException longEnough) {
            enough();
        } catch (ExecutionException failed) {
            throw failed.getCause() instanceof StoreException known ? known : new IllegalStateException(failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
