package dev.coterie.node.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coterie.cluster.balance.Strategy;
import dev.coterie.cluster.discovery.Member;
import dev.coterie.node.local.LocalCluster;
import dev.coterie.node.local.LocalDiscovery;
import dev.coterie.node.local.ManualEventLoop;
import dev.coterie.node.pipeline.PipelineEvent.Accepted;
import dev.coterie.node.pipeline.PipelineEvent.Adopted;
import dev.coterie.node.pipeline.PipelineEvent.Answered;
import dev.coterie.node.pipeline.PipelineEvent.Declined;
import dev.coterie.node.pipeline.PipelineEvent.Repeated;
import dev.coterie.node.pipeline.PipelineEvent.Resent;
import dev.coterie.node.pipeline.PipelineEvent.Sent;
import dev.coterie.node.pipeline.PipelineEvent.Skipped;
import dev.coterie.node.pipeline.PipelineEvent.Started;
import dev.coterie.node.pipeline.PipelineEvent.Strayed;
import dev.coterie.node.value.DurationRange;
import dev.coterie.node.value.IntRange;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The pipeline on channels alone, on virtual time, among members that need no etcd. */
class PipelineTest {

    private static final Duration INTERVAL = Duration.ofSeconds(10);

    private final ManualEventLoop loop = new ManualEventLoop(3);
    private final LocalCluster cluster = new LocalCluster(loop);
    private PipelineSettings settings = settings("1s..15s", Strategy.RANDOM);

    @Test
    void the_master_sends_a_task_every_interval_and_each_is_answered_right() {
        Node a = join("a");
        join("b");
        join("c");
        cluster.elect(a.discovery);

        loop.advance(INTERVAL.multipliedBy(20).plusSeconds(15));

        assertThat(a.happened(Sent.class)).hasSize(21);
        assertThat(a.happened(Sent.class).map(Sent::executor).map(Member::name).distinct())
                .containsExactlyInAnyOrder("b", "c");
        assertThat(a.happened(Sent.class))
                .allSatisfy(sent -> assertThat(sent.task().number()).isBetween(30, 60));
        assertThat(a.happened(Accepted.class)).hasSizeGreaterThanOrEqualTo(20).allSatisfy(accepted -> {
            assertThat(accepted.right()).isTrue();
            assertThat(accepted.result().result()).isEqualTo(accepted.task().number() * 3L);
            assertThat(Duration.between(
                            accepted.result().start(), accepted.result().finish()))
                    .isBetween(Duration.ofSeconds(1), Duration.ofSeconds(15));
        });
        assertThat(a.happened(Resent.class)).isEmpty();
        assertThat(a.pipeline.counts().wrong()).isZero();
    }

    @Test
    void all_hear_results_and_all_but_the_master_hear_tasks() {
        Node a = join("a");
        Node b = join("b");
        cluster.elect(a.discovery);
        loop.run();

        assertThat(a.discovery.joined()).containsExactly("results");
        assertThat(b.discovery.joined()).containsExactly("results", "tasks");

        cluster.elect(b.discovery);
        loop.run();

        assertThat(a.discovery.joined()).containsExactly("results", "tasks");
        assertThat(b.discovery.joined()).containsExactly("results");
    }

    @Test
    void a_node_that_was_master_before_it_looked_acts_as_master() {
        LocalDiscovery a = cluster.join("a");
        cluster.elect(a);
        loop.run();
        Node late = start(a);
        join("b");

        loop.advance(INTERVAL);

        assertThat(late.happened(Sent.class)).hasSize(1);
    }

    @Test
    void only_the_executor_works_on_a_task() {
        Node a = join("a");
        Node b = join("b");
        Node c = join("c");
        cluster.elect(a.discovery);

        loop.advance(INTERVAL.multipliedBy(8));

        Stream.of(b, c)
                .forEach(node -> assertThat(node.happened(Started.class)
                                .map(started -> started.task().executor()))
                        .isNotEmpty()
                        .containsOnly(node.discovery.self().id()));
    }

    @Test
    void a_master_without_other_members_says_so_and_skips() {
        Node a = join("a");
        cluster.elect(a.discovery);

        loop.advance(INTERVAL.multipliedBy(2));

        assertThat(a.happened(Skipped.class).map(Skipped::reason))
                .containsExactly("there is no other member", "there is no other member");
        assertThat(a.happened(Sent.class)).isEmpty();
    }

    @Test
    void a_master_whose_members_do_not_listen_yet_says_so_and_skips() {
        Node a = join("a");
        cluster.join("b");
        cluster.elect(a.discovery);

        loop.advance(INTERVAL);

        assertThat(a.happened(Skipped.class).map(Skipped::reason))
                .containsExactly("nobody listens on the channel tasks yet");
    }

    @Test
    void a_master_in_doubt_sends_nothing() {
        Node a = join("a");
        join("b");
        cluster.elect(a.discovery);
        loop.advance(INTERVAL);
        a.discovery.doubt();

        loop.advance(INTERVAL.multipliedBy(5));

        assertThat(a.happened(Sent.class)).hasSize(1);
        assertThat(a.happened(Skipped.class).map(Skipped::reason)).containsOnly("the mastership is in doubt");
    }

    @Test
    void a_task_whose_executor_is_gone_goes_to_another_at_once() {
        Node a = join("a");
        Node b = join("b");
        cluster.elect(a.discovery);
        loop.advance(INTERVAL);
        Node c = join("c");

        cluster.kill(b.discovery);
        loop.run();

        assertThat(a.happened(Resent.class)).singleElement().satisfies(resent -> {
            assertThat(resent.executor()).isEqualTo(c.discovery.self());
            assertThat(resent.attempt()).isEqualTo(2);
            assertThat(resent.reason()).isEqualTo("its executor is gone");
        });
        String uuid = a.happened(Sent.class).findFirst().orElseThrow().task().uuid();
        loop.advance(Duration.ofSeconds(15));
        assertThat(a.happened(Accepted.class).map(accepted -> accepted.task().uuid()))
                .contains(uuid);
    }

    @Test
    void a_task_whose_executor_is_gone_waits_for_somebody_to_come() {
        Node a = join("a");
        Node b = join("b");
        cluster.elect(a.discovery);
        loop.advance(INTERVAL);
        cluster.kill(b.discovery);
        loop.advance(Duration.ofSeconds(5));
        assertThat(a.happened(Resent.class)).isEmpty();

        Node c = join("c");
        loop.advance(Duration.ofSeconds(1));

        assertThat(a.happened(Resent.class).map(Resent::executor)).containsExactly(c.discovery.self());
    }

    @Test
    void a_task_without_a_result_in_time_goes_to_another_and_patience_grows() {
        settings = settings("20s..20s", Strategy.ROUND_ROBIN);
        Node a = join("a");
        LocalDiscovery deaf = cluster.join("deaf");
        Node c = join("c");
        cluster.elect(a.discovery);
        loop.advance(INTERVAL);
        // Sent while both were there; the executor says nothing about it.
        Sent sent = a.happened(Sent.class).findFirst().orElseThrow();
        assertThat(sent.executor()).isEqualTo(deaf.self());

        loop.advance(Duration.ofSeconds(24));
        assertThat(a.happened(Resent.class)).isEmpty();
        loop.advance(Duration.ofSeconds(1));

        assertThat(a.happened(Resent.class)).singleElement().satisfies(resent -> {
            assertThat(resent.task().uuid()).isEqualTo(sent.task().uuid());
            assertThat(resent.executor()).isEqualTo(c.discovery.self());
            assertThat(resent.reason()).isEqualTo("no result in time");
        });
        loop.advance(Duration.ofSeconds(20));
        assertThat(a.happened(Accepted.class).map(accepted -> accepted.task().uuid()))
                .contains(sent.task().uuid());
    }

    @Test
    void a_result_counts_once() {
        Node a = join("a");
        Node b = join("b");
        cluster.elect(a.discovery);
        loop.advance(INTERVAL);
        loop.advance(Duration.ofSeconds(15));
        Result result = a.happened(Accepted.class).findFirst().orElseThrow().result();

        b.discovery.send("results", result);
        b.discovery.send("results", new Result("never-sent", 1, result.start(), result.finish()));
        loop.run();

        assertThat(a.happened(Repeated.class).map(Repeated::result)).containsExactly(result);
        assertThat(a.happened(Strayed.class).map(strayed -> strayed.result().uuid()))
                .containsExactly("never-sent");
        assertThat(a.pipeline.counts().duplicates()).isEqualTo(1);
        assertThat(a.pipeline.counts().strays()).isEqualTo(1);
        assertThat(a.happened(Accepted.class)
                        .filter(accepted -> accepted.result().equals(result)))
                .hasSize(1);
    }

    @Test
    void a_wrong_result_is_counted_as_wrong() {
        Node a = join("a");
        LocalDiscovery liar = cluster.join("liar");
        liar.join(
                "tasks",
                Task.class,
                (task, from) -> liar.send(
                        "results",
                        new Result(
                                task.uuid(), 7, loop.clock().now(), loop.clock().now())));
        cluster.elect(a.discovery);

        loop.advance(INTERVAL);

        assertThat(a.happened(Accepted.class).map(Accepted::right)).containsExactly(false);
        assertThat(a.pipeline.counts().wrong()).isEqualTo(1);
    }

    @Test
    void a_demoted_master_works_again() {
        Node a = join("a");
        Node b = join("b");
        cluster.elect(a.discovery);
        loop.advance(INTERVAL);

        cluster.elect(b.discovery);
        loop.advance(INTERVAL.multipliedBy(3));

        assertThat(a.happened(Answered.class)).isNotEmpty();
        assertThat(a.happened(Sent.class)).hasSize(1);
    }

    @Test
    void a_promoted_worker_finishes_what_it_has_in_work_and_counts_it() {
        settings = settings("15s..15s", Strategy.RANDOM);
        Node a = join("a");
        Node b = join("b");
        cluster.elect(a.discovery);
        loop.advance(INTERVAL);
        String uuid = a.happened(Sent.class).findFirst().orElseThrow().task().uuid();

        cluster.elect(b.discovery);
        loop.advance(Duration.ofSeconds(15));

        assertThat(b.happened(Answered.class).map(answered -> answered.task().uuid()))
                .containsExactly(uuid);
        assertThat(b.happened(Accepted.class).map(accepted -> accepted.task().uuid()))
                .contains(uuid);
    }

    @Test
    void a_new_master_sees_to_the_tasks_of_one_that_died() {
        settings = settings("15s..15s", Strategy.ROUND_ROBIN);
        Node a = join("a");
        Node b = join("b");
        Node c = join("c");
        cluster.elect(a.discovery);
        loop.advance(INTERVAL);
        Task task = a.happened(Sent.class).findFirst().orElseThrow().task();
        assertThat(task.executor()).isEqualTo(b.discovery.self().id());

        cluster.kill(a.discovery);
        cluster.kill(b.discovery);
        Node d = join("d");
        cluster.elect(c.discovery);
        loop.run();

        assertThat(c.happened(Adopted.class).map(Adopted::tasks)).containsExactly(List.of(task));
        assertThat(c.happened(Resent.class).map(Resent::executor)).containsExactly(d.discovery.self());
        loop.advance(Duration.ofSeconds(15));
        assertThat(c.happened(Accepted.class).map(accepted -> accepted.task().uuid()))
                .contains(task.uuid());
    }

    @Test
    void a_result_that_came_while_there_was_no_master_is_not_asked_for_again() {
        settings = settings("5s..5s", Strategy.RANDOM);
        Node a = join("a");
        join("b");
        Node c = join("c");
        cluster.elect(a.discovery);
        loop.advance(INTERVAL);
        cluster.kill(a.discovery);
        loop.advance(Duration.ofSeconds(6));

        cluster.elect(c.discovery);
        loop.advance(Duration.ofSeconds(9));

        assertThat(c.happened(Adopted.class)).isEmpty();
        assertThat(c.happened(Resent.class)).isEmpty();
        assertThat(c.pipeline.counts().unanswered()).isZero();
    }

    @Test
    void a_node_in_a_new_session_works_under_its_new_id() {
        Node a = join("a");
        Node b = join("b");
        cluster.elect(a.discovery);
        loop.advance(INTERVAL);

        cluster.renew(b.discovery, "b-again");
        loop.advance(Duration.ofSeconds(16));

        assertThat(a.happened(Resent.class).map(Resent::executor).map(Member::id))
                .containsExactly("b-again");
        assertThat(a.happened(Accepted.class)).isNotEmpty();
    }

    @Test
    void no_more_tasks_are_made_than_asked_for_even_by_a_new_master() {
        settings = limited(Optional.of(3L), Optional.empty());
        Node a = join("a");
        Node b = join("b");
        Node c = join("c");
        cluster.elect(a.discovery);
        loop.advance(INTERVAL.multipliedBy(2));
        cluster.elect(b.discovery);

        loop.advance(INTERVAL.multipliedBy(5));

        assertThat(Stream.of(a, b, c).flatMap(node -> node.happened(Sent.class)))
                .hasSize(3);
    }

    @Test
    void no_tasks_are_made_after_the_time_for_sending_and_all_sent_are_answered() {
        settings = limited(Optional.empty(), Optional.of(Duration.ofSeconds(35)));
        Node a = join("a");
        join("b");
        cluster.elect(a.discovery);

        loop.advance(INTERVAL.multipliedBy(9));

        assertThat(a.happened(Sent.class)).hasSize(3);
        assertThat(a.happened(Accepted.class)).hasSize(3);
    }

    @Test
    void the_least_loaded_member_gets_the_next_task() {
        settings = settings("15s..15s", Strategy.LEAST_LOADED);
        Node a = join("a");
        join("b");
        join("c");
        cluster.elect(a.discovery);

        loop.advance(INTERVAL.multipliedBy(2));

        assertThat(a.happened(Sent.class).map(Sent::executor).distinct()).hasSize(2);
    }

    @Test
    void too_many_unanswered_tasks_stop_the_master_from_making_more() {
        settings = new PipelineSettings(
                Duration.ofMillis(1),
                IntRange.parse("30..60"),
                DurationRange.parse("1h..1h"),
                Strategy.ROUND_ROBIN,
                Optional.empty(),
                Optional.empty());
        Node a = join("a");
        Node b = join("b");
        cluster.elect(a.discovery);

        loop.advance(Duration.ofSeconds(2));

        assertThat(a.pipeline.counts().unanswered()).isEqualTo(Dispatcher.MOST_UNANSWERED);
        assertThat(b.pipeline.counts().inWork()).isEqualTo(Multiplier.MOST);
        assertThat(a.happened(Skipped.class).map(Skipped::reason)).contains("1000 tasks have no result yet");
    }

    @Test
    void an_executor_with_too_much_in_work_declines() {
        settings = settings("1h..1h", Strategy.RANDOM);
        Node a = join("a");
        Node b = join("b");

        for (int i = 0; i <= Multiplier.MOST; i++) {
            a.discovery.send("tasks", new Task("task-" + i, b.discovery.self().id(), 30));
        }
        loop.run();

        assertThat(b.happened(Declined.class)).hasSize(1);
        assertThat(b.pipeline.counts().inWork()).isEqualTo(Multiplier.MOST);
        assertThat(b.pipeline.counts().unanswered()).isEqualTo(Dispatcher.MOST_UNANSWERED);
    }

    private static PipelineSettings settings(String work, Strategy strategy) {
        return new PipelineSettings(
                INTERVAL,
                IntRange.parse("30..60"),
                DurationRange.parse(work),
                strategy,
                Optional.empty(),
                Optional.empty());
    }

    private static PipelineSettings limited(Optional<Long> tasks, Optional<Duration> sending) {
        return new PipelineSettings(
                INTERVAL, IntRange.parse("30..60"), DurationRange.parse("1s..15s"), Strategy.RANDOM, tasks, sending);
    }

    private Node join(String name) {
        return start(cluster.join(name));
    }

    private Node start(LocalDiscovery discovery) {
        List<PipelineEvent> events = new ArrayList<>();
        Pipeline pipeline = Pipeline.of(discovery, loop, settings, events::add);
        pipeline.start();
        loop.run();
        return new Node(discovery, pipeline, events);
    }

    private record Node(LocalDiscovery discovery, Pipeline pipeline, List<PipelineEvent> events) {
        <E extends PipelineEvent> Stream<E> happened(Class<E> type) {
            return events.stream().filter(type::isInstance).map(type::cast);
        }
    }
}
