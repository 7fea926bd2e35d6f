package dev.coterie.cluster.concurrent;

import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * The world in which a state machine runs: one task at a time, in order, with a clock and a source of randomness.
 *
 * <p>In production it is one thread ({@link ThreadEventLoop}); in the simulation many loops share one thread and time is
 * virtual. A task that throws is logged and counted, and the loop goes on.
 */
public interface EventLoop extends Executor {

    /** Runs a task after all tasks given before it. Any thread; a closed loop drops the task. */
    @Override
    void execute(Runnable task);

    /**
     * Runs a task once, after a delay on the monotonic clock. Any thread.
     *
     * @param delay how long to wait; zero or less means as soon as possible
     * @return takes the task back, if it has not started
     */
    Scheduled schedule(Duration delay, Runnable task);

    /**
     * Runs a part of the current task at once. If it throws, that is logged and counted as with any task, and the
     * current task goes on. On the loop.
     */
    void attempt(Runnable part);

    /** Whether the caller is a task of this loop. */
    boolean inLoop();

    /** The clock by which this loop schedules. */
    Clock clock();

    /** Randomness for this loop's tasks; not for secrets. */
    RandomGenerator random();

    /**
     * Goes on with what a stage brings, as a task of this loop. Whatever {@code success} or {@code failure} throws is
     * treated as with any task, where a stage would swallow it. Any thread.
     *
     * @param failure gets the cause itself, without the wrapping that stages add
     */
    default <T> void then(CompletionStage<T> stage, Consumer<? super T> success, Consumer<Throwable> failure) {
        var unused = stage.whenComplete((value, thrown) -> execute(() -> {
            if (thrown == null) {
                success.accept(value);
            } else {
                failure.accept(
                        thrown instanceof CompletionException && thrown.getCause() != null
                                ? thrown.getCause()
                                : thrown);
            }
        }));
    }

    /** A task that waits for its time. */
    interface Scheduled {

        /** A task that is not there, so that a field need not be null. */
        Scheduled NONE = () -> {};

        /** Takes the task back; does nothing if it ran or was cancelled before. */
        void cancel();
    }
}
