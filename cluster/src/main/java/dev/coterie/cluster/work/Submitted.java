package dev.coterie.cluster.work;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * A task that was submitted.
 *
 * @param id its id, by which any node can ask for it
 * @param accepted completes when it is sure to be done, whatever dies; fails with {@link TaskFailed} if it is refused
 * @param result its result; fails with {@link TaskFailed}. Stages complete on the callback thread
 * @param <R> what the result is read as
 */
public record Submitted<R>(String id, CompletionStage<Void> accepted, CompletableFuture<R> result) {}
