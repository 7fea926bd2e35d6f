package dev.coterie.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coterie.cluster.store.KeyValueStore.Space;
import dev.coterie.cluster.store.Range;
import dev.coterie.cluster.work.WorkSettings;
import dev.coterie.etcd.EtcdProcess;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * What a long load leaves in etcd: an hour of a hundred tasks a second makes 360,000 tasks, of which the results of the
 * last ten minutes are kept. Here they come as fast as they can, a few at a time so that there are as many small segments.
 * By default it is a thirtieth of that; {@code -Dhour.tasks=360000} runs all of it.
 */
class TasksSpaceIT {

    private static final int TASKS = Integer.getInteger("hour.tasks", 12_000);

    /** As many at a time as are under way when a hundred come each second, or a few more. */
    private static final int AT_A_TIME = 6;

    /** Bytes of etcd's file, however long the load lasts. */
    private static final long MOST = 128 << 20;

    @Test
    void an_hour_of_tasks_leaves_no_more_in_etcd_than_a_fixed_bound() throws InterruptedException {
        try (EtcdProcess etcd = EtcdProcess.with().fastStorage().start();
                TestNode node = TestNode.join(
                        etcd.endpoints(),
                        "node",
                        config -> config.withWork(
                                WorkSettings.DEFAULT.withRetention(Duration.ofMinutes(10), TASKS / 6)))) {
            node.cluster.tasks().handle("echo", String.class, text -> text);
            Semaphore room = new Semaphore(AT_A_TIME);
            String payload = "x".repeat(98);
            long largest = 0;
            for (int i = 0; i < TASKS; i++) {
                assertThat(room.tryAcquire(30, TimeUnit.SECONDS)).isTrue();
                var unused = node.cluster
                        .tasks()
                        .submit("echo", payload, String.class)
                        .result()
                        .thenRun(room::release);
                if (i % 1_000 == 0) {
                    largest = Math.max(largest, space(node).file());
                }
            }
            assertThat(room.tryAcquire(AT_A_TIME, 30, TimeUnit.SECONDS)).isTrue();
            long segments = lastSegment(node);
            System.out.printf(
                    "%,d tasks in %,d segments: etcd's file has %,d KiB, %,d in use; at most it had %,d KiB%n",
                    TASKS, segments, space(node).file() >> 10, space(node).inUse() >> 10, largest >> 10);
            assertThat(segments).isGreaterThan(TASKS / 6);
            assertThat(Math.max(largest, space(node).file())).isLessThan(MOST);
        }
    }

    private static long lastSegment(TestNode node) {
        return get(node.cluster.store().range(Range.prefix("journal/tasks/"))).entries().stream()
                .map(entry -> entry.key().substring("journal/tasks/".length()))
                .mapToLong(Long::parseLong)
                .max()
                .orElse(0);
    }

    private static Space space(TestNode node) {
        return get(node.cluster.store().space());
    }

    private static <T> T get(CompletionStage<T> stage) {
        return stage.toCompletableFuture().orTimeout(20, TimeUnit.SECONDS).join();
    }
}
