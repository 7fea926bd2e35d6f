package dev.coterie.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.coterie.cluster.discovery.Explanation;
import dev.coterie.cluster.journal.Journal;
import dev.coterie.cluster.store.Entry;
import dev.coterie.cluster.store.Range;
import dev.coterie.cluster.work.Cancelled;
import dev.coterie.cluster.work.Cleared;
import dev.coterie.cluster.work.Submitted;
import dev.coterie.cluster.work.TaskCounts;
import dev.coterie.cluster.work.TaskEvent;
import dev.coterie.cluster.work.TaskFailed;
import dev.coterie.cluster.work.TaskInfo;
import dev.coterie.cluster.work.TaskOptions;
import dev.coterie.cluster.work.TaskQuery;
import dev.coterie.cluster.work.TaskRun;
import dev.coterie.cluster.work.TaskState;
import dev.coterie.cluster.work.WorkSettings;
import dev.coterie.etcd.EtcdProcess;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tasks and timers on nodes in this JVM and a real etcd. */
class TasksIT {

    private static EtcdProcess etcd;
    private static int prefixes;

    private final List<TestNode> nodes = new ArrayList<>();
    private String prefix;

    @BeforeAll
    static void startEtcd() {
        etcd = EtcdProcess.with().fastStorage().start();
    }

    @AfterAll
    static void stopEtcd() {
        etcd.close();
    }

    @BeforeEach
    void newCluster() {
        prefix = "test" + ++prefixes + "/";
    }

    @AfterEach
    void closeNodes() {
        nodes.forEach(TestNode::close);
    }

    @Test
    void a_task_is_done_by_whoever_handles_it_and_its_result_comes_back() {
        TestNode submitter = join("a");
        TestNode worker = join("b");
        worker.cluster.tasks().handle("multiply", Integer.class, number -> number * 3);
        Submitted<Integer> task = submitter.cluster.tasks().submit("multiply", 14, Integer.class);
        get(task.accepted());
        assertThat(get(task.result())).isEqualTo(42);
        // Also from elsewhere, by its id.
        assertThat(get(worker.cluster.tasks().result(task.id(), Integer.class))).isEqualTo(42);
        assertThat(get(worker.cluster.tasks().find(task.id())).orElseThrow().state())
                .isEqualTo(TaskState.COMPLETED);
    }

    @Test
    void the_same_id_is_one_task_whoever_submits_it() {
        TestNode one = join("a");
        TestNode other = join("b");
        AtomicInteger runs = new AtomicInteger();
        other.cluster.tasks().handle("count", String.class, text -> runs.incrementAndGet());
        TaskOptions options = TaskOptions.DEFAULT.withId("only-once");
        assertThat(get(one.cluster
                        .tasks()
                        .submit("count", "x", Integer.class, options)
                        .result()))
                .isEqualTo(1);
        assertThat(get(other.cluster
                        .tasks()
                        .submit("count", "x", Integer.class, options)
                        .result()))
                .isEqualTo(1);
        assertThat(runs).hasValue(1);
    }

    @Test
    void a_result_is_kept_for_as_long_as_was_said_and_can_be_had_anywhere() {
        TestNode node =
                join("a", config -> config.withWork(WorkSettings.DEFAULT.withRetention(Duration.ofSeconds(3), 9)));
        TestNode other = join("b");
        node.cluster.tasks().handle("echo", String.class, text -> text);
        Submitted<String> task = node.cluster.tasks().submit("echo", "x", String.class);
        get(task.result());
        assertThat(get(other.cluster.tasks().result(task.id(), String.class))).isEqualTo("x");
        await().until(() -> get(node.cluster.tasks().find(task.id())).isEmpty());
        assertThat(failure(node.cluster.tasks().result(task.id(), String.class)).reason())
                .isEqualTo(TaskFailed.Reason.UNKNOWN);
    }

    @Test
    void what_happens_to_tasks_is_counted_and_the_last_of_it_told() {
        TestNode node = join("a");
        node.cluster.tasks().handle("double", Integer.class, number -> {
            if (number < 0) {
                throw new IllegalArgumentException("too small");
            }
            return 2 * number;
        });
        get(node.cluster.tasks().submit("double", 21, Integer.class).result());
        TaskOptions once = TaskOptions.DEFAULT.withAttempts(1).withId("bad");
        Submitted<Integer> bad = node.cluster.tasks().submit("double", -1, Integer.class, once);
        assertThat(bad.result()).failsWithin(Duration.ofSeconds(30));
        get(node.cluster.timers().set("later", Duration.ofHours(1), "double", 1));

        TaskCounts counts = get(node.cluster.tasks().counts(0));
        assertThat(counts.totals())
                .containsEntry(TaskEvent.What.ACCEPTED, 3L)
                .containsEntry(TaskEvent.What.COMPLETED, 1L)
                .containsEntry(TaskEvent.What.DEAD, 1L);
        assertThat(counts.scheduled()).isEqualTo(1);
        assertThat(counts.dead()).isEqualTo(1);
        assertThat(counts.latencies().stream().mapToLong(Long::longValue).sum()).isEqualTo(1);
        assertThat(counts.types()).containsExactly(new TaskCounts.Type("double", 3, 0, 1));
        assertThat(counts.members()).singleElement().satisfies(share -> {
            assertThat(share.id()).isEqualTo(node.cluster.self().id());
            assertThat(share.done()).isEqualTo(1);
            assertThat(share.types()).containsExactly("double");
        });
        assertThat(counts.events())
                .anySatisfy(event -> {
                    assertThat(event.what()).isEqualTo(TaskEvent.What.DEAD);
                    assertThat(event.id()).isEqualTo("bad");
                    assertThat(event.cause()).contains("too small");
                })
                .anySatisfy(event -> assertThat(event.timer()).isTrue());
        List<Entry> journal = get(node.cluster.store().range(Range.prefix(prefix + Journal.DIRECTORY)))
                .entries();
        assertThat(counts.events())
                .allSatisfy(event -> assertThat(journal)
                        .as("the segment of %s", event)
                        .anySatisfy(segment -> {
                            assertThat(segment.modRevision()).isEqualTo(event.revision());
                            assertThat(new String(segment.value(), StandardCharsets.UTF_8))
                                    .contains(event.id());
                        }));
        long last = counts.events().get(counts.events().size() - 1).number();
        assertThat(get(node.cluster.tasks().counts(last)).events()).isEmpty();
    }

    @Test
    void a_task_that_nobody_handles_waits_and_says_so() {
        TestNode node = join("a");
        Submitted<Integer> task = node.cluster.tasks().submit("rare", 1, Integer.class);
        get(task.accepted());
        assertThat(get(node.cluster.tasks().explain(task.id()))).anyMatch(line -> line.contains("no member handles"));
        TestNode late = join("b");
        late.cluster.tasks().handle("rare", Integer.class, number -> number + 1);
        assertThat(get(task.result())).isEqualTo(2);
    }

    @Test
    void an_attempt_that_throws_hangs_or_returns_nonsense_has_failed_and_another_follows() {
        TestNode node = join("a");
        Map<String, AtomicInteger> runs = new ConcurrentHashMap<>();
        node.cluster.tasks().handle("odd", String.class, (how, run) -> {
            if (runs.computeIfAbsent(how, none -> new AtomicInteger()).incrementAndGet() > 1) {
                return run.attempt() + " " + how;
            }
            return switch (how) {
                case "throws" -> throw new IllegalStateException("on purpose");
                case "hangs" -> {
                    new CountDownLatch(1).await();
                    yield "never";
                }
                case "dies" -> throw new StackOverflowError("on purpose");
                default -> new Nonsense();
            };
        });
        TaskOptions options = TaskOptions.DEFAULT
                .withBackoff(Duration.ofMillis(10), Duration.ofMillis(10))
                .withDeadline(Duration.ofMillis(300));
        for (String how : List.of("throws", "hangs", "dies", "nonsense")) {
            assertThat(get(node.cluster
                            .tasks()
                            .submit("odd", how, String.class, options)
                            .result()))
                    .isEqualTo("2 " + how);
        }
    }

    /** Cannot become JSON: it has no end. */
    record Nonsense(Nonsense[] parts) {

        Nonsense() {
            this(new Nonsense[1]);
            parts[0] = this;
        }
    }

    @Test
    void a_task_whose_attempts_have_all_failed_is_a_dead_letter_that_can_be_retried_or_dropped() {
        TestNode node = join("a");
        AtomicInteger runs = new AtomicInteger();
        node.cluster.tasks().handle("fails", String.class, (text, run) -> {
            if (runs.incrementAndGet() <= 4) {
                throw new IllegalStateException("attempt " + run.attempt());
            }
            return "done";
        });
        TaskOptions options =
                TaskOptions.DEFAULT.withAttempts(2).withBackoff(Duration.ofMillis(5), Duration.ofMillis(5));
        Submitted<String> one = node.cluster.tasks().submit("fails", "x", String.class, options.withId("one"));
        assertThat(failure(one.result()).reason()).isEqualTo(TaskFailed.Reason.DEAD);
        Submitted<String> two = node.cluster.tasks().submit("fails", "x", String.class, options.withId("two"));
        assertThat(failure(two.result())).hasMessageContaining("attempt 2");
        List<TaskInfo> dead = get(node.cluster.tasks().list(TaskQuery.DEAD)).tasks();
        assertThat(dead).extracting(TaskInfo::id).containsExactly("one", "two");
        assertThat(dead.get(0).cause()).contains("attempt 2");

        assertThat(get(node.cluster.tasks().retry("one"))).isTrue();
        assertThat(get(node.cluster.tasks().result("one", String.class))).isEqualTo("done");
        assertThat(get(node.cluster.tasks().drop("two"))).isTrue();
        assertThat(get(node.cluster.tasks().drop("two"))).isFalse();
        assertThat(get(node.cluster.tasks().list(TaskQuery.DEAD)).tasks()).isEmpty();
    }

    @Test
    void a_task_can_be_cancelled_until_it_is_finished() {
        TestNode node = join("a");
        CountDownLatch interrupted = new CountDownLatch(1);
        node.cluster.tasks().handle("sleep", String.class, (text, run) -> {
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException asked) {
                interrupted.countDown();
            }
            return text;
        });
        node.cluster.tasks().handle("quick", String.class, text -> text);
        Submitted<String> task = node.cluster.tasks().submit("sleep", "x", String.class);
        await().until(() -> get(node.cluster.tasks().find(task.id()))
                .filter(info -> info.state() == TaskState.RUNNING)
                .isPresent());
        assertThat(get(node.cluster.tasks().cancel(task.id()))).isEqualTo(Cancelled.CANCELLED);
        assertThat(failure(task.result()).reason()).isEqualTo(TaskFailed.Reason.CANCELLED);
        await().until(() -> interrupted.getCount() == 0);
        Submitted<String> quick = node.cluster.tasks().submit("quick", "x", String.class);
        get(quick.result());
        assertThat(get(node.cluster.tasks().cancel(quick.id()))).isEqualTo(Cancelled.FINISHED);
        assertThat(get(node.cluster.tasks().cancel("never-seen"))).isEqualTo(Cancelled.UNKNOWN);
    }

    @Test
    void tasks_outlive_every_master_and_are_not_run_again_or_interrupted_by_a_new_one() {
        TestNode first = join("a");
        TestNode worker = join("b", config -> config.withEligible(false));
        TestNode submitter = join("c", config -> config.withEligible(false));
        Map<Integer, AtomicInteger> runs = new ConcurrentHashMap<>();
        CountDownLatch goOn = new CountDownLatch(1);
        worker.cluster.tasks().handle("hold", Integer.class, (number, run) -> {
            runs.computeIfAbsent(number, none -> new AtomicInteger()).incrementAndGet();
            if (number < 3) {
                goOn.await();
            }
            return number;
        });
        List<Submitted<Integer>> tasks = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            tasks.add(submitter.cluster.tasks().submit("hold", i, Integer.class));
        }
        for (int i = 3; i < 50; i++) {
            assertThat(get(tasks.get(i).result())).isEqualTo(i);
        }
        TestNode second = join("d");
        get(second.cluster.promote());
        first.close();
        assertThat(get(submitter.cluster.tasks().result(tasks.get(7).id(), Integer.class)))
                .isEqualTo(7);
        goOn.countDown();
        for (int i = 0; i < 3; i++) {
            assertThat(get(tasks.get(i).result())).isEqualTo(i);
        }
        assertThat(runs.values()).hasSize(50).allMatch(count -> count.get() == 1);
    }

    @Test
    void a_master_whose_hand_over_comes_to_nothing_goes_on() {
        TestNode master = join("a");
        TestNode other = join("b");
        AtomicInteger runs = new AtomicInteger();
        other.cluster.tasks().handle("echo", Integer.class, number -> {
            runs.incrementAndGet();
            return number;
        });
        get(other.cluster.tasks().submit("echo", 0, Integer.class).result());
        List<CompletionStage<Void>> asked = new ArrayList<>();
        master.cluster.explains("both", name -> {
            asked.add(master.cluster.demote());
            asked.add(master.cluster.promote());
            return Explanation.NONE;
        });
        get(master.cluster.explain("both", ""));
        List<Submitted<Integer>> tasks = IntStream.range(1, 100)
                .mapToObj(number -> other.cluster.tasks().submit("echo", number, Integer.class))
                .toList();
        assertThatThrownBy(() -> get(asked.get(0))).hasCauseInstanceOf(IllegalStateException.class);
        get(asked.get(1));
        tasks.forEach(task -> get(task.result()));
        assertThat(runs).hasValue(100);
        assertThat(master.isMaster()).isTrue();
    }

    @Test
    void the_tasks_of_a_worker_that_leaves_run_elsewhere() {
        TestNode master = join("a");
        TestNode leaving = join("b", config -> config.withEligible(false));
        leaving.cluster.tasks().handle("slow", Integer.class, (number, run) -> {
            new CountDownLatch(1).await();
            return -1;
        });
        List<Submitted<Integer>> tasks = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            tasks.add(master.cluster.tasks().submit("slow", i, Integer.class));
        }
        await().until(() -> get(master.cluster.tasks().find(tasks.get(0).id()))
                .filter(info -> info.state() == TaskState.RUNNING)
                .isPresent());
        master.cluster.tasks().handle("slow", Integer.class, number -> number);
        leaving.close();
        for (int i = 0; i < 20; i++) {
            assertThat(get(tasks.get(i).result())).isEqualTo(i);
        }
    }

    @Test
    void a_slow_worker_gets_fewer_tasks_and_one_that_does_not_handle_the_type_gets_none() {
        TestNode master = join("a");
        TestNode slow = join("b");
        TestNode quick = join("c");
        AtomicInteger slowly = new AtomicInteger();
        AtomicInteger quickly = new AtomicInteger();
        slow.cluster.tasks().runOn(task -> new Thread(task).start(), 1);
        slow.cluster.tasks().handle("work", Integer.class, (number, run) -> {
            slowly.incrementAndGet();
            CountDownLatch pause = new CountDownLatch(1);
            return pause.await(100, TimeUnit.MILLISECONDS);
        });
        quick.cluster.tasks().handle("work", Integer.class, number -> quickly.incrementAndGet() > 0);
        master.cluster.tasks().handle("other", Integer.class, number -> number);
        List<Submitted<Boolean>> tasks = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            tasks.add(master.cluster.tasks().submit("work", i, Boolean.class));
        }
        tasks.forEach(task -> get(task.result()));
        assertThat(slowly.get() + quickly.get()).isEqualTo(500);
        assertThat(slowly.get()).isLessThan(50);
    }

    @Test
    void tasks_with_the_same_key_go_to_the_same_member() {
        TestNode master = join("a");
        Map<String, String> whoHad = new ConcurrentHashMap<>();
        for (TestNode worker : List.of(join("b"), join("c"), join("d"))) {
            String name = worker.cluster.self().name();
            worker.cluster.tasks().handle("keyed", String.class, key -> {
                String before = whoHad.putIfAbsent(key, name);
                return before == null || before.equals(name);
            });
        }
        // Until all three are known to handle it, a key may move.
        await().until(() -> {
            for (int i = 0; i < 60; i++) {
                get(master.cluster
                        .tasks()
                        .submit("keyed", "warm" + i, Boolean.class)
                        .result());
            }
            return Set.copyOf(whoHad.values()).size() == 3;
        });
        for (int i = 0; i < 60; i++) {
            TaskOptions options = TaskOptions.DEFAULT.withKey("key" + i % 6);
            assertThat(get(master.cluster
                            .tasks()
                            .submit("keyed", "key" + i % 6, Boolean.class, options)
                            .result()))
                    .isTrue();
        }
    }

    @Test
    void after_its_node_has_left_nothing_waits_for_ever() {
        TestNode node = join("a");
        Submitted<String> before = node.cluster.tasks().submit("none", 1, String.class);
        get(before.accepted());
        node.cluster.close();
        assertThat(failure(before.result()).reason()).isEqualTo(TaskFailed.Reason.UNTOLD);
        assertThat(failure(node.cluster.tasks().submit("none", 1, String.class).accepted())
                        .reason())
                .isEqualTo(TaskFailed.Reason.UNTOLD);
        assertThat(failure(node.cluster.tasks().cancel(before.id())).reason()).isEqualTo(TaskFailed.Reason.UNTOLD);
    }

    @Test
    void a_timer_fires_once_when_it_is_due_and_says_how_late_it_is() {
        TestNode setter = join("a");
        TestNode handler = join("b");
        List<TaskRun> fired = new CopyOnWriteArrayList<>();
        handler.cluster.tasks().handle("ring", String.class, (text, run) -> {
            fired.add(run);
            return text;
        });
        get(setter.cluster.timers().set("wake", Duration.ofMillis(300), "ring", "hello"));
        assertThat(fired).isEmpty();
        await().until(() -> fired.size() == 1);
        assertThat(fired.get(0).id()).isEqualTo("wake");
        assertThat(fired.get(0).late()).isLessThan(Duration.ofMillis(250));
        assertThat(get(handler.cluster.timers().clear("wake"))).isEqualTo(Cleared.FIRED);
        assertThat(get(handler.cluster.timers().clear("never-set"))).isEqualTo(Cleared.UNKNOWN);
    }

    @Test
    void a_timer_set_on_a_node_that_leaves_still_fires_and_one_cleared_elsewhere_never_does() {
        TestNode stays = join("a");
        TestNode leaves = join("b");
        List<String> fired = new CopyOnWriteArrayList<>();
        stays.cluster.tasks().handle("ring", String.class, text -> fired.add(text));
        get(leaves.cluster.timers().set("kept", Duration.ofMillis(900), "ring", "kept"));
        get(leaves.cluster.timers().set("cleared", Duration.ofMillis(600), "ring", "cleared"));
        leaves.close();
        assertThat(get(stays.cluster.timers().clear("cleared"))).isEqualTo(Cleared.CLEARED);
        assertThat(get(stays.cluster.timers().clear("cleared"))).isEqualTo(Cleared.CLEARED);
        await().until(() -> !fired.isEmpty());
        assertThat(fired).containsExactly("kept");
    }

    @Test
    void a_timer_can_be_set_anew_also_by_its_own_handler_and_again_and_again() {
        TestNode node = join("a");
        List<String> fired = new CopyOnWriteArrayList<>();
        node.cluster.tasks().handle("chain", Integer.class, (left, run) -> {
            fired.add("chain " + left);
            if (left > 0) {
                get(node.cluster.timers().set("chain", Duration.ofMillis(20), "chain", left - 1));
            }
            return left;
        });
        node.cluster.tasks().handle("tick", String.class, text -> fired.add(text));
        get(node.cluster.timers().set("chain", Duration.ofHours(1), "chain", 99));
        get(node.cluster.timers().set("chain", Duration.ofMillis(20), "chain", 2));
        await().until(() -> fired.contains("chain 0"));
        assertThat(fired).containsExactly("chain 2", "chain 1", "chain 0");
        get(node.cluster.timers().every("beat", Duration.ofMillis(50), "tick", "tick"));
        await().until(() -> fired.stream().filter("tick"::equals).count() >= 3);
        assertThat(get(node.cluster.timers().clear("beat"))).isEqualTo(Cleared.CLEARED);
        long then = fired.size();
        get(node.cluster.timers().set("after", Duration.ofMillis(200), "tick", "after"));
        await().until(() -> fired.contains("after"));
        assertThat(fired.size()).isBetween((int) then + 1, (int) then + 2);
    }

    @Test
    void past_its_bounds_a_submission_is_refused_and_says_why() {
        TestNode node = join("a", config -> config.withWork(WorkSettings.DEFAULT.withTasks(3)));
        for (int i = 0; i < 3; i++) {
            get(node.cluster.tasks().submit("none", i, String.class).accepted());
        }
        TaskFailed refused =
                failure(node.cluster.tasks().submit("none", 4, String.class).accepted());
        assertThat(refused.reason()).isEqualTo(TaskFailed.Reason.REFUSED);
        assertThat(refused).hasMessageContaining("there are 3 tasks already");
        TestNode small = join("b", config -> config.withWork(WorkSettings.DEFAULT.withBytes(2_000)));
        get(small.cluster.promote());
        TaskFailed tooMany = failure(small.cluster
                .tasks()
                .submit("none", "x".repeat(2_000), String.class)
                .accepted());
        assertThat(tooMany.reason()).isEqualTo(TaskFailed.Reason.REFUSED);
        assertThat(tooMany).hasMessageContaining("of the master's memory already, which is the bound");
        assertThatThrownBy(() -> node.cluster.tasks().submit("none", "x".repeat(300_000), String.class))
                .hasMessageContaining("at most 262144");
        assertThatThrownBy(() -> node.cluster.tasks().submit("no spaces", 1, String.class))
                .hasMessageContaining("type: 'no spaces'");
    }

    @Test
    void whoever_joins_the_channels_sees_tasks_and_results() {
        TestNode master = join("a");
        TestNode watcher = join("b", config -> config.withEligible(false));
        List<TaskInfo> seen = new CopyOnWriteArrayList<>();
        get(watcher.cluster.channels().join("tasks", TaskInfo.class, (task, from) -> seen.add(task)));
        get(watcher.cluster.channels().join("results", TaskInfo.class, (task, from) -> seen.add(task)));
        List<TaskInfo> here = new CopyOnWriteArrayList<>();
        get(master.cluster.channels().join("results", TaskInfo.class, (task, from) -> here.add(task)));
        master.cluster.tasks().handle("multiply", Integer.class, number -> number * 3);
        Submitted<Integer> unused = master.cluster.tasks().submit("multiply", 14, Integer.class);
        await().until(() -> {
            // Until the master has heard that somebody listens, tasks pass unseen.
            if (seen.isEmpty()) {
                get(master.cluster.tasks().submit("multiply", 14, Integer.class).result());
            }
            return seen.stream()
                    .anyMatch(task ->
                            task.state() == TaskState.COMPLETED && task.value().equals("42"));
        });
        assertThat(seen).anySatisfy(task -> {
            assertThat(task.state()).isEqualTo(TaskState.RUNNING);
            assertThat(task.member()).isEqualTo(master.cluster.self().id());
        });
        await().until(() -> here.stream()
                .anyMatch(task ->
                        task.state() == TaskState.COMPLETED && task.value().equals("42")));
    }

    @Test
    void pages_follow_each_other() {
        TestNode node = join("a");
        for (int i = 0; i < 25; i++) {
            get(node.cluster
                    .tasks()
                    .submit("none", i, String.class, TaskOptions.DEFAULT.withId("t" + (char) ('a' + i)))
                    .accepted());
        }
        List<String> ids = new ArrayList<>();
        TaskQuery query = TaskQuery.TASKS.withLimit(10);
        for (int page = 0; page < 3; page++) {
            var tasks = get(node.cluster.tasks().list(query));
            tasks.tasks().forEach(task -> ids.add(task.id()));
            assertThat(tasks.more()).isEqualTo(page < 2);
            query = query.after(ids.get(ids.size() - 1));
        }
        assertThat(ids).hasSize(25).isSorted();
    }

    private TestNode join(String name) {
        return join(name, config -> config);
    }

    private TestNode join(String name, UnaryOperator<ClusterConfig> change) {
        TestNode node = TestNode.join(etcd.endpoints(), name, config -> change.apply(config.withPrefix(prefix)));
        nodes.add(node);
        return node;
    }

    private static <T> T get(CompletionStage<T> stage) {
        return stage.toCompletableFuture().orTimeout(20, TimeUnit.SECONDS).join();
    }

    private static TaskFailed failure(CompletionStage<?> stage) {
        try {
            get(stage);
        } catch (CompletionException failed) {
            return (TaskFailed) failed.getCause();
        }
        throw new AssertionError("it should have failed");
    }
}
