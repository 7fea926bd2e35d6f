package dev.coterie.cluster.balance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BalancerTest {

    @Test
    void random_gives_everyone_about_the_same() {
        Balancer<String> balancer = Balancer.random(new Random(7));

        Map<String, Integer> given = new HashMap<>();
        for (int i = 0; i < 9_000; i++) {
            given.merge(balancer.choose(List.of("a", "b", "c")), 1, Integer::sum);
        }

        assertThat(given).hasSize(3);
        assertThat(given.values()).allSatisfy(count -> assertThat(count).isCloseTo(3_000, withinPercentage(5)));
    }

    @Test
    void round_robin_gives_each_its_turn() {
        assertThat(choose(Balancer.roundRobin(), 5, "a", "b", "c")).containsExactly("a", "b", "c", "a", "b");
    }

    @Test
    void round_robin_passes_nobody_over_when_the_last_one_leaves() {
        Balancer<String> balancer = Balancer.roundRobin();
        choose(balancer, 2, "a", "b", "c", "d");

        assertThat(choose(balancer, 3, "a", "c", "d")).containsExactly("c", "d", "a");
    }

    @Test
    void round_robin_passes_nobody_over_when_an_earlier_one_leaves() {
        Balancer<String> balancer = Balancer.roundRobin();
        choose(balancer, 2, "a", "b", "c", "d");

        assertThat(choose(balancer, 3, "b", "c", "d")).containsExactly("c", "d", "b");
    }

    @Test
    void round_robin_begins_anew_when_the_last_of_the_row_leaves() {
        Balancer<String> balancer = Balancer.roundRobin();
        choose(balancer, 3, "a", "b", "c");

        assertThat(choose(balancer, 2, "a", "b")).containsExactly("a", "b");
    }

    @Test
    void least_loaded_takes_whoever_has_least_to_do() {
        Map<String, Long> load = Map.of("a", 3L, "b", 1L, "c", 2L);

        assertThat(choose(Balancer.leastLoaded(load::get, Balancer.roundRobin()), 2, "a", "b", "c"))
                .containsExactly("b", "b");
    }

    @Test
    void least_loaded_leaves_ties_to_another_balancer() {
        Map<String, Long> load = Map.of("a", 1L, "b", 2L, "c", 1L);

        assertThat(choose(Balancer.leastLoaded(load::get, Balancer.roundRobin()), 3, "a", "b", "c"))
                .containsExactly("a", "c", "a");
    }

    private static List<String> choose(Balancer<String> balancer, int times, String... candidates) {
        List<String> chosen = new ArrayList<>();
        for (int i = 0; i < times; i++) {
            chosen.add(balancer.choose(List.of(candidates)));
        }
        return chosen;
    }
}
