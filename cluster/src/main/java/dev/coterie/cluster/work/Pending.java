package dev.coterie.cluster.work;

import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A task or timer that this node has submitted, or whose outcome it awaits. On the loop, but for the futures. */
final class Pending<R> {

    final String id;
    final CompletableFuture<Void> accepted = new CompletableFuture<>();
    final CompletableFuture<R> result = new CompletableFuture<>();
    private final Function<byte[], R> read;

    /** What is submitted, until it is accepted; null if it is only awaited. */
    @Nullable
    Submission submission;

    /** Its number among the submissions of the present conversation, from 1; 0 if it was not sent in it. */
    long number;

    /** Another one of the same id. */
    @Nullable
    Pending<?> next;

    Pending(String id, @Nullable Submission submission, Function<byte[], R> read) {
        this.id = id;
        this.submission = submission;
        this.read = read;
    }

    /** On the callback loop. */
    void completed(byte[] bytes) {
        accepted.complete(null);
        try {
            result.complete(read.apply(bytes));
        } catch (IllegalArgumentException notThis) {
            result.completeExceptionally(notThis);
        }
    }

    /** On the callback loop. */
    void failed(TaskFailed why) {
        if (why.reason() == TaskFailed.Reason.DEAD || why.reason() == TaskFailed.Reason.CANCELLED) {
            accepted.complete(null);
        } else {
            accepted.completeExceptionally(why);
        }
        result.completeExceptionally(why);
    }
}
