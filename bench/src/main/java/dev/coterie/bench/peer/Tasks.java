package dev.coterie.bench.peer;

import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** A durable queue of tasks and one of results. The first 8 bytes of a task, and of its result, are the task's id. */
public interface Tasks {

    /** Completes when the task is as durable as the system makes it. */
    CompletableFuture<?> submit(byte[] task) throws Exception;

    /** Hears the results. Called once, by the producer, before it submits. */
    void onResult(Consumer<byte[]> listener) throws Exception;

    /** Works: publishes the function's result for each task, then acknowledges the task. */
    void work(UnaryOperator<byte[]> function) throws Exception;
}
