package dev.coterie.cluster.concurrent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

class RelayLoopTest {

    private final RelayLoop loop = new RelayLoop("test-relay", Waiting.parked());
    private final EventLoop callbacks = loop.callbacks();

    @AfterEach
    void close() {
        loop.close();
    }

    @Test
    void one_thread_runs_tasks_timers_and_quick_callbacks() {
        List<Thread> ran = new ArrayList<>();
        CompletableFuture<Void> done = new CompletableFuture<>();
        loop.execute(() -> {
            ran.add(Thread.currentThread());
            callbacks.execute(() -> {
                ran.add(Thread.currentThread());
                loop.schedule(Duration.ofMillis(1), () -> {
                    ran.add(Thread.currentThread());
                    done.complete(null);
                });
            });
        });

        join(done);
        assertThat(ran).hasSize(3).containsOnly(ran.get(0));
    }

    @Test
    void wakes_for_every_task_and_callback_that_finds_it_asleep() {
        for (int i = 0; i < 2_000; i++) {
            EventLoop one = i % 2 == 0 ? loop : callbacks;
            EventLoop other = i % 2 == 0 ? callbacks : loop;
            CompletableFuture<Boolean> ran = new CompletableFuture<>();
            one.execute(() -> ran.complete(one.inLoop() && !other.inLoop()));
            assertThat(join(ran)).isTrue();
        }
        assertThat(loop.inLoop() || callbacks.inLoop()).isFalse();
    }

    @Test
    void callbacks_that_take_long_hold_nothing_up_but_one_another() {
        CountDownLatch hold = new CountDownLatch(1);
        List<String> order = new ArrayList<>();
        callbacks.execute(() -> {
            order.add("held up: " + uninterrupted(hold));
            order.add("by a task: " + loop.inLoop());
        });
        for (int i = 0; i < 100; i++) {
            CompletableFuture<Boolean> task = new CompletableFuture<>();
            loop.schedule(Duration.ofMillis(1), () -> task.complete(loop.inLoop()));
            assertThat(join(task)).isTrue();
        }
        callbacks.execute(() -> order.add("next"));
        CompletableFuture<Void> last = new CompletableFuture<>();
        loop.execute(() -> callbacks.execute(() -> {
            order.add("last");
            last.complete(null);
        }));
        hold.countDown();

        join(last);
        assertThat(order).containsExactly("held up: true", "by a task: false", "next", "last");
    }

    @RepeatedTest(3)
    void keeps_order_and_runs_one_at_a_time_however_long_they_take() {
        int many = 3_000;
        AtomicInteger running = new AtomicInteger();
        AtomicInteger tasksRunning = new AtomicInteger();
        List<Integer> seen = new ArrayList<>();
        List<Integer> tasksSeen = new ArrayList<>();
        CompletableFuture<Void> done = new CompletableFuture<>();
        IntStream.range(0, many)
                .forEach(i -> loop.execute(() -> {
                    tasksSeen.add(tasksRunning.incrementAndGet() == 1 ? i : -1);
                    callbacks.execute(() -> {
                        seen.add(running.incrementAndGet() == 1 ? i : -1);
                        if (i % 300 == 0) {
                            LockSupport.parkNanos(25_000_000);
                        }
                        running.decrementAndGet();
                        if (i == many - 1) {
                            done.complete(null);
                        }
                    });
                    tasksRunning.decrementAndGet();
                }));

        join(done);
        List<Integer> expected = IntStream.range(0, many).boxed().toList();
        assertThat(seen).isEqualTo(expected);
        assertThat(tasksSeen).isEqualTo(expected);
    }

    @Test
    void a_callback_may_wait_for_the_loop() {
        CompletableFuture<String> said = new CompletableFuture<>();
        callbacks.execute(() -> {
            CompletableFuture<String> task = new CompletableFuture<>();
            loop.execute(() -> task.complete("by the loop"));
            said.complete(join(task));
        });
        assertThat(join(said)).isEqualTo("by the loop");
    }

    @Test
    void goes_on_after_what_throws_or_leaves_the_thread_interrupted() {
        CompletableFuture<Void> ran = new CompletableFuture<>();
        callbacks.execute(() -> {
            throw new AssertionError("thrown on purpose");
        });
        loop.execute(() -> {
            throw new AssertionError("thrown on purpose");
        });
        callbacks.execute(() -> Thread.currentThread().interrupt());
        callbacks.schedule(Duration.ofMillis(20), () -> ran.complete(null));
        join(ran);
    }

    @Test
    void closing_runs_what_was_given_and_drops_what_is_scheduled_or_comes_later() {
        AtomicInteger given = new AtomicInteger();
        AtomicInteger dropped = new AtomicInteger();
        callbacks.execute(() -> LockSupport.parkNanos(30_000_000));
        loop.execute(() -> callbacks.execute(given::incrementAndGet));
        loop.schedule(Duration.ofHours(1), dropped::incrementAndGet);

        loop.close();
        loop.execute(dropped::incrementAndGet);
        callbacks.execute(dropped::incrementAndGet);

        assertThat(given).hasValue(1);
        assertThat(dropped).hasValue(0);
    }

    @Test
    void can_be_closed_by_one_of_its_own_callbacks_and_then_has_run_its_tasks() {
        AtomicInteger tasks = new AtomicInteger();
        CompletableFuture<Thread> closedBy = new CompletableFuture<>();
        callbacks.execute(() -> {
            loop.execute(tasks::incrementAndGet);
            loop.close();
            assertThat(tasks).hasValue(1);
            closedBy.complete(Thread.currentThread());
        });

        Thread thread = join(closedBy);
        await().until(() -> !thread.isAlive());
    }

    @Test
    void can_be_closed_by_one_of_its_own_tasks() {
        CompletableFuture<Thread> closedBy = new CompletableFuture<>();
        loop.execute(() -> {
            loop.close();
            closedBy.complete(Thread.currentThread());
        });

        Thread thread = join(closedBy);
        await().until(() -> !thread.isAlive());
    }

    private static <T> T join(CompletableFuture<T> future) {
        return future.orTimeout(10, TimeUnit.SECONDS).join();
    }

    private static boolean uninterrupted(CountDownLatch latch) {
        try {
            return latch.await(10, TimeUnit.SECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
