package dev.coterie.cluster.simulation;

import dev.coterie.cluster.concurrent.Clock;
import dev.coterie.cluster.concurrent.EventLoop;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.random.RandomGenerator;

/** An event loop on virtual time, in a process that can freeze, die, and have a clock that runs fast or slow. */
final class SimulatedLoop implements EventLoop {

    private static final Instant EPOCH = Instant.parse("2026-01-01T00:00:00Z");
    /** What a task takes, at least and at most. */
    private static final long TASK_LEAST_NANOS = 1_000;

    private static final long TASK_MOST_NANOS = 50_000;

    private final World world;
    private final SimulatedProcess process;
    private final RandomGenerator random;
    private final Clock clock;
    private final Deque<Runnable> tasks = new ArrayDeque<>();
    private boolean turning;
    private boolean inside;

    SimulatedLoop(World world, SimulatedProcess process) {
        this.world = world;
        this.process = process;
        this.random = world.split();
        long origin = random.nextLong();
        this.clock = new Clock() {
            @Override
            public long nanoTime() {
                return origin + local(world.now());
            }

            @Override
            public Instant now() {
                return EPOCH.plusNanos(world.now());
            }
        };
    }

    @Override
    public void execute(Runnable task) {
        if (process.alive()) {
            tasks.add(task);
            turnLater();
        }
    }

    @Override
    public Scheduled schedule(Duration delay, Runnable task) {
        boolean[] cancelled = {false};
        long real = (long) (Math.max(0, delay.toNanos()) / process.clockRate());
        world.after(
                real,
                () -> execute(() -> {
                    if (!cancelled[0]) {
                        task.run();
                    }
                }));
        return () -> cancelled[0] = true;
    }

    @Override
    public void attempt(Runnable part) {
        try {
            part.run();
        } catch (RuntimeException | AssertionError failure) {
            world.violated("a task of " + process.name() + " failed: " + failure + " at " + failure.getStackTrace()[0]);
        }
    }

    @Override
    public boolean inLoop() {
        return inside;
    }

    @Override
    public Clock clock() {
        return clock;
    }

    @Override
    public RandomGenerator random() {
        return random;
    }

    /** The process runs again: what has piled up is done now. */
    void thawed() {
        turnLater();
    }

    private long local(long worldNanos) {
        return (long) (worldNanos * process.clockRate());
    }

    private void turnLater() {
        if (!turning && !tasks.isEmpty()) {
            turning = true;
            world.after(world.random().nextLong(TASK_LEAST_NANOS, TASK_MOST_NANOS), this::turn);
        }
    }

    private void turn() {
        turning = false;
        if (!process.alive()) {
            tasks.clear();
        } else if (!process.frozen() && !tasks.isEmpty()) {
            inside = true;
            attempt(tasks.poll());
            inside = false;
            turnLater();
        }
    }
}
