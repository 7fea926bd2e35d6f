package dev.coterie.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.coterie.cluster.concurrent.Clock;
import dev.coterie.cluster.discovery.Subscription;
import dev.coterie.cluster.work.Cleared;
import dev.coterie.cluster.work.Submitted;
import dev.coterie.cluster.work.TaskOptions;
import dev.coterie.etcd.EtcdProcess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tasks and timers while processes are killed: workers, masters, etcd, and all at once. */
class TasksCrashIT {

    private static final Duration PATIENCE = Duration.ofSeconds(40);

    private final EtcdProcess etcd = EtcdProcess.with().fastStorage().start();
    private final List<AutoCloseable> open = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable one : open) {
            one.close();
        }
        etcd.close();
    }

    @Test
    void the_tasks_of_a_worker_that_is_killed_run_elsewhere_within_200_ms() {
        TestNode master = node("master");
        // The quickest of three: what else this machine does is not measured.
        List<Long> millis = List.of(kill(master, 1), kill(master, 2), kill(master, 3));
        System.out.println("from kill -9 of a worker to the start of its task elsewhere, in ms: " + millis);
        assertThat(Collections.min(millis)).isLessThan(200);
    }

    private long kill(TestNode master, int number) {
        NodeProcess worker = process("worker" + number);
        Submitted<Integer> task = submit(master, "hold", number);
        await().atMost(PATIENCE).until(() -> worker.said("holds " + number));
        CompletableFuture<Long> begun = new CompletableFuture<>();
        Subscription here = master.cluster.tasks().handle("hold", Integer.class, held -> {
            begun.complete(Clock.system().nanoTime());
            return held;
        });
        long killed = Clock.system().nanoTime();
        worker.process.kill();
        assertThat(get(task.result())).isEqualTo(number);
        here.close();
        return TimeUnit.NANOSECONDS.toMillis(get(begun) - killed);
    }

    @Test
    void what_was_accepted_is_done_though_masters_are_killed_one_after_the_other() {
        NodeProcess first = process("first");
        TestNode submitter = node("submitter", config -> config.withEligible(false));
        List<Submitted<Integer>> tasks = new ArrayList<>();
        IntStream.range(0, 100).forEach(i -> tasks.add(submit(submitter, "echo", i)));
        NodeProcess second = process("second");
        first.process.kill();
        IntStream.range(100, 200).forEach(i -> tasks.add(submit(submitter, "echo", i)));
        NodeProcess third = process("third");
        second.process.kill();
        IntStream.range(200, 300).forEach(i -> tasks.add(submit(submitter, "echo", i)));
        for (int i = 0; i < 300; i++) {
            assertThat(get(tasks.get(i).result())).isEqualTo(i);
        }
        assertThat(third.process.isAlive()).isTrue();
    }

    @Test
    void what_was_accepted_is_done_though_etcd_and_every_process_are_killed_at_once() {
        NodeProcess worker = process("worker");
        TestNode submitter = node("submitter", config -> config.withEligible(false));
        get(submit(submitter, "echo", 0).result());
        List<Submitted<Integer>> tasks = new ArrayList<>();
        IntStream.range(1, 500).forEach(i -> tasks.add(submit(submitter, "echo", i)));
        get(tasks.get(0).accepted());
        get(submitter.cluster.timers().set("late", Duration.ofMillis(1), "ring", "late"));
        get(submitter.cluster.timers().set("later", Duration.ofHours(1), "ring", "later"));
        etcd.kill();
        worker.process.kill();
        etcd.restart();
        NodeProcess again = process("again");
        for (int i = 1; i < 500; i++) {
            assertThat(get(tasks.get(i - 1).result())).isEqualTo(i);
        }
        // A late master fires what is overdue at once and says how late.
        CompletableFuture<Duration> late = new CompletableFuture<>();
        submitter.cluster.tasks().handle("ring", String.class, (text, run) -> late.complete(run.late()));
        assertThat(get(late)).isPositive();
        assertThat(get(submitter.cluster.timers().clear("late"))).isEqualTo(Cleared.FIRED);
        assertThat(get(submitter.cluster.timers().clear("later"))).isEqualTo(Cleared.CLEARED);
        assertThat(again.process.isAlive()).isTrue();
    }

    @Test
    void the_same_id_submitted_across_a_change_of_master_is_one_task() {
        NodeProcess first = process("first");
        TestNode one = node("one", config -> config.withEligible(false));
        TestNode two = node("two", config -> config.withEligible(false));
        List<Integer> runs = new CopyOnWriteArrayList<>();
        two.cluster.tasks().handle("count", Integer.class, number -> {
            runs.add(number);
            return runs.size();
        });
        TaskOptions options = TaskOptions.DEFAULT.withId("once");
        assertThat(get(one.cluster
                        .tasks()
                        .submit("count", 1, Integer.class, options)
                        .result()))
                .isEqualTo(1);
        process("second");
        first.process.kill();
        assertThat(get(two.cluster
                        .tasks()
                        .submit("count", 1, Integer.class, options)
                        .result()))
                .isEqualTo(1);
        assertThat(get(one.cluster
                        .tasks()
                        .submit("count", 1, Integer.class, options)
                        .result()))
                .isEqualTo(1);
        assertThat(runs).hasSize(1);
    }

    private static Submitted<Integer> submit(TestNode node, String type, int number) {
        return node.cluster.tasks().submit(type, number, Integer.class);
    }

    private TestNode node(String name) {
        return node(name, config -> config);
    }

    private TestNode node(String name, java.util.function.UnaryOperator<ClusterConfig> change) {
        TestNode node = TestNode.join(etcd.endpoints(), name, change);
        open.add(node);
        return node;
    }

    private NodeProcess process(String name) {
        NodeProcess process = new NodeProcess(
                WorkNodeMain.class, name, List.of(etcd.endpoints().get(0), name, "0"));
        open.add(process);
        await().atMost(PATIENCE).until(() -> process.said("joined"));
        return process;
    }

    private static <T> T get(CompletionStage<T> stage) {
        return stage.toCompletableFuture()
                .orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS)
                .join();
    }
}
