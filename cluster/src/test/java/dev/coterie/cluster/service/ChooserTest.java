package dev.coterie.cluster.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coterie.cluster.balance.Balancer;
import dev.coterie.cluster.concurrent.Backoff;
import dev.coterie.cluster.discovery.Service;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ChooserTest {

    private final Instance a = instance("a");
    private final Instance b = instance("b");
    private final ManualClock clock = new ManualClock();
    private final Marks marks =
            new Marks(new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(4), 2, 0), clock, new Random(1));
    private List<Instance> active = List.of(a, b);
    private final Chooser chooser = new Chooser(() -> active, marks, Balancer.roundRobin());

    @Test
    void the_balancer_chooses_among_those_that_can_be_used() {
        assertThat(chosen(4)).containsExactly(a, b, a, b);
        active = List.of(b);
        assertThat(chosen(2)).containsExactly(b, b);
        active = List.of();
        assertThat(chooser.choose()).isEmpty();
    }

    @Test
    void one_that_has_failed_is_left_alone_for_longer_each_time_and_then_tried_again() {
        for (int seconds : List.of(1, 2, 4, 4)) {
            chooser.failed(a);
            assertThat(chosen(3)).containsOnly(b);
            clock.pass(Duration.ofSeconds(seconds).minusMillis(1));
            assertThat(chosen(3)).containsOnly(b);
            clock.pass(Duration.ofMillis(1));
            assertThat(chosen(2)).contains(a);
        }
    }

    @Test
    void failures_of_what_was_under_way_count_once() {
        Stream.of(a, a, a, a).forEach(chooser::failed);
        clock.pass(Duration.ofSeconds(1));
        assertThat(chosen(2)).contains(a);
    }

    @Test
    void a_success_makes_earlier_failures_forgotten() {
        chooser.failed(a);
        clock.pass(Duration.ofSeconds(1));
        chooser.succeeded(a);
        chooser.failed(a);
        clock.pass(Duration.ofSeconds(1));
        assertThat(chosen(2)).contains(a);
    }

    @Test
    void where_all_have_failed_none_is_chosen_until_the_first_may_be_tried_again() {
        chooser.failed(a);
        clock.pass(Duration.ofMillis(500));
        chooser.failed(b);
        assertThat(chooser.choose()).isEmpty();
        clock.pass(Duration.ofMillis(500));
        assertThat(chooser.choose()).contains(a);
    }

    @Test
    void nothing_is_kept_of_instances_that_are_gone() {
        chooser.failed(a);
        chooser.failed(b);
        marks.keepOnly(Set.of(b.id()));
        assertThat(chooser.choose()).contains(a);
    }

    private List<Instance> chosen(int times) {
        return Stream.generate(() -> chooser.choose().orElseThrow())
                .limit(times)
                .toList();
    }

    private static Instance instance(String node) {
        return new Instance(BoardTest.node(node), Service.of("shop"));
    }
}
