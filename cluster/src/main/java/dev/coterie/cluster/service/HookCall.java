package dev.coterie.cluster.service;

import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/** One call of a hook, which can be given up before it begins, while it is in the call, and while its stage runs. */
final class HookCall {

    private final CompletableFuture<CompletionStage<?>> called;
    private volatile boolean givenUp;

    /** Has the hook called. */
    HookCall(Hook hook, Instance instance, Executor callbacks) {
        called = CompletableFuture.supplyAsync(
                () -> {
                    if (givenUp) {
                        throw new CancellationException("given up before it began");
                    }
                    return hook.setUp(instance);
                },
                callbacks);
    }

    /** What comes of it. */
    CompletionStage<?> outcome() {
        return called.thenCompose(stage -> stage);
    }

    /** Nobody waits for it any more. Any thread. */
    void giveUp() {
        givenUp = true;
        var unused = called.thenAccept(stage -> stage.toCompletableFuture().cancel(true));
    }
}
