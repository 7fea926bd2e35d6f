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
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ThreadEventLoopTest {

    private final ThreadEventLoop loop = new ThreadEventLoop("test-loop");

    @AfterEach
    void close() {
        loop.close();
    }

    @Test
    void runs_the_tasks_of_each_thread_in_the_order_given() throws InterruptedException {
        int threads = 4;
        int each = 20_000;
        List<List<Integer>> seen = IntStream.range(0, threads)
                .mapToObj(i -> (List<Integer>) new ArrayList<Integer>())
                .toList();
        CountDownLatch all = new CountDownLatch(threads * each);

        List<Thread> givers = seen.stream()
                .map(mine -> new Thread(() -> IntStream.range(0, each)
                        .forEach(i -> loop.execute(() -> {
                            mine.add(i);
                            all.countDown();
                        }))))
                .toList();
        givers.forEach(Thread::start);

        assertThat(all.await(30, TimeUnit.SECONDS)).isTrue();
        List<Integer> expected = IntStream.range(0, each).boxed().toList();
        assertThat(seen).allSatisfy(mine -> assertThat(mine).isEqualTo(expected));
    }

    @Test
    void wakes_for_every_task_that_finds_it_asleep() {
        for (int i = 0; i < 2_000; i++) {
            CompletableFuture<Boolean> ran = new CompletableFuture<>();
            loop.execute(() -> ran.complete(loop.inLoop()));
            assertThat(ran.orTimeout(10, TimeUnit.SECONDS).join()).isTrue();
        }
        assertThat(loop.inLoop()).isFalse();
    }

    @Test
    void runs_scheduled_tasks_by_the_time_they_are_due() {
        List<String> order = new ArrayList<>();
        CompletableFuture<Long> last = new CompletableFuture<>();
        long start = loop.clock().nanoTime();
        loop.execute(() -> {
            loop.schedule(Duration.ofMillis(60), () -> {
                order.add("third");
                last.complete(loop.clock().nanoTime());
            });
            loop.schedule(Duration.ofMillis(20), () -> order.add("first"));
            loop.schedule(Duration.ofMillis(20), () -> order.add("second"));
        });

        assertThat(last.orTimeout(10, TimeUnit.SECONDS).join() - start)
                .isGreaterThanOrEqualTo(TimeUnit.MILLISECONDS.toNanos(60));
        assertThat(order).containsExactly("first", "second", "third");
    }

    @Test
    void a_cancelled_task_does_not_run() {
        AtomicInteger runs = new AtomicInteger();
        CompletableFuture<Void> later = new CompletableFuture<>();
        EventLoop.Scheduled cancelled = loop.schedule(Duration.ofMillis(30), runs::incrementAndGet);
        cancelled.cancel();
        cancelled.cancel();
        loop.schedule(Duration.ofMillis(60), () -> later.complete(null));

        later.orTimeout(10, TimeUnit.SECONDS).join();
        assertThat(runs).hasValue(0);
    }

    @Test
    void a_timer_that_renews_itself_at_once_leaves_room_for_tasks() {
        AtomicInteger turns = new AtomicInteger();
        loop.schedule(Duration.ZERO, () -> renew(turns));

        await().until(() -> turns.get() > 100);
        CompletableFuture<Void> ran = new CompletableFuture<>();
        loop.execute(() -> ran.complete(null));

        ran.orTimeout(10, TimeUnit.SECONDS).join();
    }

    private void renew(AtomicInteger turns) {
        turns.incrementAndGet();
        loop.schedule(Duration.ZERO, () -> renew(turns));
    }

    @Test
    void goes_on_after_a_task_that_throws_or_leaves_the_thread_interrupted() {
        CompletableFuture<Void> ran = new CompletableFuture<>();
        loop.execute(() -> {
            throw new AssertionError("thrown on purpose");
        });
        loop.execute(() -> Thread.currentThread().interrupt());
        loop.schedule(Duration.ofMillis(20), () -> ran.complete(null));

        ran.orTimeout(10, TimeUnit.SECONDS).join();
        assertThat(loop.failures()).isEqualTo(1);
    }

    @Test
    void closing_runs_what_was_given_and_drops_what_is_scheduled_or_comes_later() {
        AtomicInteger given = new AtomicInteger();
        AtomicInteger dropped = new AtomicInteger();
        CountDownLatch hold = new CountDownLatch(1);
        loop.execute(() -> assertThat(uninterrupted(hold)).isTrue());
        loop.execute(given::incrementAndGet);
        loop.schedule(Duration.ofHours(1), dropped::incrementAndGet);
        hold.countDown();

        loop.close();
        loop.execute(dropped::incrementAndGet);
        loop.schedule(Duration.ZERO, dropped::incrementAndGet).cancel();

        assertThat(given).hasValue(1);
        assertThat(dropped).hasValue(0);
    }

    @Test
    void can_be_closed_by_one_of_its_own_tasks() {
        CompletableFuture<Thread> closedBy = new CompletableFuture<>();
        loop.execute(() -> {
            loop.close();
            closedBy.complete(Thread.currentThread());
        });

        Thread thread = closedBy.orTimeout(10, TimeUnit.SECONDS).join();
        await().until(() -> !thread.isAlive());
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
