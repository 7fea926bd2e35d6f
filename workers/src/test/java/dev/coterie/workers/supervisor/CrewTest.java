package dev.coterie.workers.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coterie.workers.ManualLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class CrewTest {

    private final ManualLoop loop = new ManualLoop();
    private final Stage stage = new Stage();

    @Test
    void all_are_forked_at_the_start() {
        Crew crew = crew(config(3));

        assertThat(stage.forked).extracting(WorkerProcess::id).containsExactly("1.1", "2.1", "3.1");
        assertThat(crew.alive()).hasSize(3);
    }

    @Test
    void a_crash_is_followed_by_another_process_at_once_and_later_and_later_if_that_crashes_too() {
        Crew crew = crew(config(1));
        crew.listening(last(), 0);

        List<Long> forks = new ArrayList<>();
        for (int crash = 0; crash < 4; crash++) {
            long before = loop.nanoTime();
            int forked = stage.forked.size();
            crew.ended(last(), 137, "signal 9");
            while (stage.forked.size() == forked) {
                loop.advance(Duration.ofMillis(1));
            }
            forks.add((loop.nanoTime() - before) / 1_000_000);
        }

        assertThat(forks.get(0)).isZero();
        assertThat(forks.get(1)).isBetween(50L, 101L);
        assertThat(forks.get(3)).isBetween(200L, 401L);
        assertThat(stage.said("died")).hasSize(4);
    }

    @Test
    void the_crew_gives_up_past_the_limit_and_ends_the_others() {
        Crew crew = crew(config(2));
        stage.forked.forEach(worker -> crew.listening(worker, 0));
        WorkerProcess other = stage.forked.get(1);
        for (int crash = 0; crash <= RestartPolicy.DEFAULT.limit(); crash++) {
            WorkerProcess one = stage.forked.stream()
                    .filter(forked -> forked.number() == 1)
                    .reduce((earlier, later) -> later)
                    .orElseThrow();
            crew.ended(one, 1, "exit status 1");
            for (int step = 0; step < 100 && crew.slots().get(0).waits; step++) {
                loop.advance(Duration.ofMillis(110));
            }
        }
        assertThat(stage.drained).containsExactly(other);
        assertThat(stage.over).isEmpty();

        crew.ended(other, 0, "exit status 0");

        assertThat(stage.over).containsExactly(Ending.GAVE_UP);
        assertThat(stage.said("warning")).singleElement().asString().contains("crashed 11 times within 60 s");
    }

    @Test
    void crashes_that_are_long_past_do_not_count() {
        Crew crew = crew(config(1));
        for (int crash = 0; crash < 100; crash++) {
            crew.listening(last(), 0);
            loop.advance(Duration.ofSeconds(61));
            crew.ended(last(), 1, "exit status 1");
        }
        assertThat(stage.forked).hasSize(101);
        assertThat(stage.over).isEmpty();
    }

    @Test
    void whoever_ends_with_status_0_is_not_replaced_and_when_all_have_it_is_over() {
        Crew crew = crew(config(2));
        stage.forked.forEach(worker -> crew.listening(worker, 0));

        crew.ended(stage.forked.get(0), 0, "exit status 0");
        assertThat(stage.over).isEmpty();
        crew.ended(stage.forked.get(1), 0, "exit status 0");

        assertThat(stage.forked).hasSize(2);
        assertThat(stage.over).containsExactly(Ending.DONE);
    }

    @Test
    void a_worker_that_is_never_ready_is_killed_and_started_again() {
        Crew crew = crew(config(1));
        loop.advance(Duration.ofSeconds(61));
        assertThat(stage.killed).containsExactly(stage.forked.get(0));

        crew.ended(stage.forked.get(0), 137, "signal 9");

        assertThat(stage.forked).hasSize(2);
        assertThat(stage.said("died")).singleElement().asString().contains("not ready within 60 s");
    }

    @Test
    void a_silent_worker_is_killed_and_replaced_and_one_that_speaks_is_not() {
        Crew crew = crew(config(2));
        stage.forked.forEach(worker -> crew.listening(worker, 0));
        stage.linked.addAll(stage.forked);
        for (int minute = 0; minute < 10; minute++) {
            loop.advance(Duration.ofMinutes(1));
            crew.heartbeat(stage.forked.get(1), new WorkerProcess.Counts(0, 0, 0));
        }
        assertThat(stage.killed).isNotEmpty().allMatch(worker -> worker == stage.forked.get(0));
    }

    @Test
    void one_after_the_other_is_replaced_the_successor_first() {
        Crew crew = crew(config(2));
        stage.forked.forEach(worker -> crew.listening(worker, 0));
        WorkerProcess one = stage.forked.get(0);
        WorkerProcess two = stage.forked.get(1);

        crew.roll();
        assertThat(stage.forked).as("only the first one's successor").hasSize(3);
        assertThat(stage.drained).as("it is not ready yet").isEmpty();
        crew.listening(last(), 0);
        assertThat(stage.drained).containsExactly(one);
        assertThat(stage.forked).as("the old one is still there").hasSize(3);
        crew.ended(one, 0, "exit status 0");
        assertThat(stage.forked).hasSize(4);
        crew.listening(last(), 0);
        crew.ended(two, 0, "exit status 0");

        assertThat(stage.drained).containsExactly(one, two);
        assertThat(crew.alive()).extracting(WorkerProcess::id).containsExactly("1.2", "2.2");
    }

    @Test
    void a_successor_that_is_never_ready_leaves_the_old_one_in_service_and_ends_the_round() {
        Crew crew = crew(config(2));
        stage.forked.forEach(worker -> crew.listening(worker, 0));

        crew.roll();
        WorkerProcess successor = last();
        loop.advance(Duration.ofSeconds(61));
        assertThat(stage.killed).containsExactly(successor);
        crew.ended(successor, 137, "signal 9");

        assertThat(stage.drained).isEmpty();
        assertThat(stage.forked).hasSize(3);
        assertThat(stage.said("warning")).singleElement().asString().contains("the old process stays in service");
    }

    @Test
    void a_worker_that_crashes_while_its_successor_starts_is_followed_by_that_one_alone() {
        Crew crew = crew(config(1));
        crew.listening(last(), 0);
        WorkerProcess old = last();
        crew.roll();
        WorkerProcess successor = last();

        crew.ended(old, 139, "signal 11");
        crew.listening(successor, 0);
        loop.advance(Duration.ofSeconds(30));

        assertThat(stage.forked).hasSize(2);
        crew.roll();
        assertThat(stage.forked).as("it can be replaced in its turn").hasSize(3);
    }

    @Test
    void connections_and_age_lead_to_a_successor() {
        Crew crew = crew(SupervisorConfig.with()
                .command(List.of("none"))
                .workers(2)
                .recycle(new RecyclePolicy(100, Duration.ofHours(1), 0))
                .build());
        stage.forked.forEach(worker -> crew.listening(worker, 0));

        crew.heartbeat(stage.forked.get(1), new WorkerProcess.Counts(99, 0, 0));
        assertThat(stage.forked).hasSize(2);
        crew.heartbeat(stage.forked.get(1), new WorkerProcess.Counts(100, 0, 0));
        assertThat(last().number()).isEqualTo(2);
        crew.listening(last(), 0);
        crew.ended(stage.forked.get(1), 0, "exit status 0");
        loop.advance(Duration.ofHours(1));

        assertThat(last().number()).isEqualTo(1);
    }

    @Test
    void age_has_jitter() {
        Crew crew = crew(SupervisorConfig.with()
                .command(List.of("none"))
                .workers(20)
                .recycle(new RecyclePolicy(100, Duration.ofHours(1), 0.5))
                .build());
        assertThat(crew.alive())
                .extracting(WorkerProcess::lease)
                .doesNotHaveDuplicates()
                .allSatisfy(lease -> assertThat(lease).isBetween(1.0, 1.5));
    }

    @Test
    void shutting_down_drains_all_and_kills_whoever_takes_too_long() {
        Crew crew = crew(config(2));
        stage.forked.forEach(worker -> crew.listening(worker, 0));

        crew.shutdown();
        assertThat(stage.drained).hasSize(2);
        crew.ended(stage.forked.get(0), 0, "exit status 0");
        loop.advance(Duration.ofSeconds(31));
        assertThat(stage.killed).containsExactly(stage.forked.get(1));
        crew.ended(stage.forked.get(1), 137, "signal 9");

        assertThat(stage.over).containsExactly(Ending.KILLED);
        assertThat(stage.forked).hasSize(2);
    }

    @Test
    void shutting_down_forgets_forks_that_wait() {
        Crew crew = crew(config(1));
        crew.ended(last(), 1, "exit status 1");
        crew.ended(last(), 1, "exit status 1");

        crew.shutdown();
        loop.advance(Duration.ofMinutes(1));

        assertThat(stage.over).containsExactly(Ending.DONE);
        assertThat(stage.forked).hasSize(2);
    }

    @Test
    void a_restart_ends_all_together_and_starts_each_anew() {
        Crew crew = crew(config(2));
        stage.forked.forEach(worker -> crew.listening(worker, 0));
        List<WorkerProcess> old = List.copyOf(stage.forked);

        crew.restart();
        assertThat(stage.drained).containsExactlyElementsOf(old);
        old.forEach(worker -> crew.ended(worker, 0, "exit status 0"));

        assertThat(crew.alive()).extracting(WorkerProcess::id).containsExactly("1.2", "2.2");
        assertThat(stage.over).isEmpty();
    }

    private Crew crew(SupervisorConfig config) {
        Crew crew = new Crew(loop, config, stage);
        crew.start();
        return crew;
    }

    private static SupervisorConfig config(int workers) {
        return SupervisorConfig.with().command(List.of("none")).workers(workers).build();
    }

    private WorkerProcess last() {
        return stage.forked.get(stage.forked.size() - 1);
    }

    /** Notes what the crew wants. */
    private static final class Stage implements Crew.Ground {

        final List<WorkerProcess> forked = new ArrayList<>();
        final List<WorkerProcess> drained = new ArrayList<>();
        final List<WorkerProcess> killed = new ArrayList<>();
        final List<WorkerProcess> linked = new ArrayList<>();
        final List<SupervisorEvent> events = new ArrayList<>();
        final List<Ending> over = new ArrayList<>();

        Stream<SupervisorEvent> said(String event) {
            return events.stream().filter(one -> one.event().equals(event));
        }

        @Override
        public boolean isLinked(WorkerProcess worker) {
            return linked.contains(worker);
        }

        @Override
        public void fork(WorkerProcess worker) {
            forked.add(worker);
        }

        @Override
        public void drain(WorkerProcess worker) {
            drained.add(worker);
        }

        @Override
        public void kill(WorkerProcess worker) {
            killed.add(worker);
        }

        @Override
        public void listening(WorkerProcess worker) {}

        @Override
        public void ended(WorkerProcess worker) {}

        @Override
        public void tell(SupervisorEvent event) {
            events.add(event);
        }

        @Override
        public void over(Ending ending) {
            over.add(ending);
        }
    }
}
