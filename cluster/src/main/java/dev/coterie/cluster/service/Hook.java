package dev.coterie.cluster.service;

import dev.coterie.cluster.discovery.Service;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;

/**
 * What has to be done before an instance of a service can be used, such as connecting to it.
 *
 * <p>Called on the one callback thread of the {@link ServiceDiscovery}, once for each instance that is {@link
 * Service#ready()}, after the hooks registered before it; again after it failed or took too long, and again when an
 * instance is ready after it was not. One call for an instance at a time, but a call that was given up may still be
 * running if it does not heed that its stage is cancelled.
 */
@FunctionalInterface
public interface Hook {

    /**
     * Begins to set an instance up, without blocking.
     *
     * @return completes when that is done; fails, or is thrown at, if it cannot be. It is cancelled when the deadline
     *     passes or the instance is gone
     */
    CompletionStage<?> setUp(Instance instance);

    /**
     * A hook that may block, and does so on an executor. When it is given up, its thread is interrupted; an executor
     * that has no room makes it fail, and so be tried again.
     */
    static Hook on(Executor executor, Action action) {
        return instance -> {
            CompletableFuture<Object> done = new CompletableFuture<>();
            FutureTask<Object> task =
                    new FutureTask<>(() -> {
                        action.run(instance);
                        return instance;
                    }) {
                        @Override
                        protected void done() {
                            try {
                                done.complete(get());
                            } catch (ExecutionException failed) {
                                done.completeExceptionally(failed.getCause());
                            } catch (CancellationException | InterruptedException givenUp) {
                                done.cancel(true);
                            }
                        }
                    };
            var unused = done.whenComplete((value, failure) -> task.cancel(true));
            executor.execute(task);
            return done;
        };
    }

    /** What a blocking hook does. */
    @FunctionalInterface
    interface Action {

        /** Sets an instance up; that it returns means success. */
        void run(Instance instance) throws Exception;
    }
}
