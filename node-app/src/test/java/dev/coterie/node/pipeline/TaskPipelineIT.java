package dev.coterie.node.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.coterie.cluster.Cluster;
import dev.coterie.cluster.ClusterConfig;
import dev.coterie.cluster.balance.Strategy;
import dev.coterie.cluster.concurrent.ThreadEventLoop;
import dev.coterie.cluster.work.TaskInfo;
import dev.coterie.cluster.work.TaskState;
import dev.coterie.etcd.EtcdProcess;
import dev.coterie.node.pipeline.PipelineEvent.Accepted;
import dev.coterie.node.pipeline.PipelineEvent.Adopted;
import dev.coterie.node.pipeline.PipelineEvent.Answered;
import dev.coterie.node.pipeline.PipelineEvent.Sent;
import dev.coterie.node.pipeline.PipelineEvent.Skipped;
import dev.coterie.node.pipeline.PipelineEvent.Started;
import dev.coterie.node.value.DurationRange;
import dev.coterie.node.value.IntRange;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The pipeline on durable tasks: real nodes and a real etcd, all in this JVM. */
class TaskPipelineIT {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final EtcdProcess etcd = EtcdProcess.with().fastStorage().start();
    private final List<Node> nodes = new CopyOnWriteArrayList<>();

    @AfterEach
    void end() {
        nodes.forEach(Node::close);
        etcd.close();
    }

    @Test
    void all_tasks_get_results_that_anyone_who_joins_the_channel_sees() throws Exception {
        Node master = join("a", "10ms..30ms", 20);
        Node worker = join("b", "10ms..30ms", 20);
        Cluster watcher = Cluster.join(config("watcher"));
        List<TaskInfo> seen = new CopyOnWriteArrayList<>();
        get(watcher.channels().join("results", TaskInfo.class, (info, from) -> seen.add(info)));
        try (watcher) {
            await().atMost(PATIENCE).until(() -> master.happened(Accepted.class).count() == 20);

            assertThat(master.happened(Sent.class))
                    .hasSize(20)
                    .allSatisfy(sent -> assertThat(sent.executor()).isEqualTo(worker.cluster.self()));
            assertThat(master.happened(Accepted.class)).allSatisfy(accepted -> {
                assertThat(accepted.right()).isTrue();
                assertThat(accepted.result().result()).isEqualTo(accepted.task().number() * 3L);
                assertThat(accepted.executor()).isEqualTo(worker.cluster.self().id());
            });
            assertThat(worker.happened(Answered.class)).hasSize(20);
            // The watcher came last; what was finished before is not told again.
            String last = master.happened(Accepted.class)
                    .reduce((one, next) -> next)
                    .orElseThrow()
                    .task()
                    .uuid();
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(seen).anySatisfy(info -> {
                        assertThat(info.id()).isEqualTo(last);
                        assertThat(info.state()).isEqualTo(TaskState.COMPLETED);
                        assertThat(info.value()).contains("\"result\":");
                    }));
        }
    }

    @Test
    void a_new_master_sees_to_what_still_runs_without_running_it_again() {
        Node first = join("a", "3s..3s", 1);
        Node second = join("b", "3s..3s", 1);
        Node third = join("c", "3s..3s", 1);
        await().atMost(PATIENCE)
                .until(() -> first.happened(Sent.class).count() == 1
                        && Stream.of(second, third)
                                .anyMatch(node -> node.happened(Started.class).count() == 1));
        String uuid =
                first.happened(Sent.class).findFirst().orElseThrow().task().uuid();
        first.close();

        await().atMost(PATIENCE)
                .until(() -> Stream.of(second, third)
                        .anyMatch(node -> node.happened(Accepted.class)
                                .anyMatch(accepted -> accepted.task().uuid().equals(uuid) && accepted.right())));
        assertThat(Stream.of(second, third).flatMap(node -> node.happened(Adopted.class)))
                .singleElement()
                .satisfies(adopted ->
                        assertThat(adopted.tasks()).extracting(Task::uuid).containsExactly(uuid));
        assertThat(Stream.of(second, third).flatMap(node -> node.happened(Started.class)))
                .hasSize(1);
    }

    @Test
    void a_master_alone_says_that_there_is_nobody_to_work() {
        Node alone = join("a", "10ms..30ms", 20);

        await().atMost(PATIENCE).until(() -> alone.happened(Skipped.class).count() > 0);
        assertThat(alone.happened(Skipped.class)).extracting(Skipped::reason).containsOnly("there is no other member");
        assertThat(etcd.etcdctl("get", "--prefix", "journal/", "--keys-only")).isBlank();
    }

    private Node join(String name, String work, long tasks) {
        Node node = new Node(Cluster.join(config(name)), work, tasks);
        nodes.add(node);
        return node;
    }

    private ClusterConfig config(String name) {
        return ClusterConfig.of(etcd.endpoints().get(0))
                .withName(name)
                .withAddress("127.0.0.1")
                .withPort(0)
                .withEligible(!name.equals("watcher"));
    }

    private static void get(CompletionStage<?> stage) throws Exception {
        stage.toCompletableFuture().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    /** A node and what its pipeline said. */
    private static final class Node implements AutoCloseable {
        private final Cluster cluster;
        private final ThreadEventLoop loop = new ThreadEventLoop("node");
        private final List<PipelineEvent> events = new CopyOnWriteArrayList<>();
        private final Pipeline pipeline;

        Node(Cluster cluster, String work, long tasks) {
            this.cluster = cluster;
            PipelineSettings settings = new PipelineSettings(
                    Duration.ofMillis(50),
                    IntRange.parse("30..60"),
                    DurationRange.parse(work),
                    Strategy.RANDOM,
                    Optional.of(tasks),
                    Optional.empty());
            this.pipeline = Pipeline.of(cluster, loop, settings, events::add);
            loop.execute(pipeline::start);
        }

        <E extends PipelineEvent> Stream<E> happened(Class<E> type) {
            return events.stream().filter(type::isInstance).map(type::cast);
        }

        @Override
        public void close() {
            loop.execute(pipeline::close);
            loop.close();
            cluster.close();
        }
    }
}
