package dev.coterie.cluster.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.coterie.cluster.concurrent.Clock;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/**
 * Runs as many seeds as fit in {@link #BUDGET}, always the same ones, on all processors: when a build fails, the change has done it. {@code
 * -Dsimulation.minutes=N} runs for as long, with seeds that are new each time; {@code -Dsimulation.seed=N} runs one and
 * prints its history.
 */
class SimulationTest {

    private static final long FIRST = 1_000_000;

    /** Enough for 1,000 seeds on two processors. */
    private static final Duration BUDGET = Duration.ofSeconds(40);

    private static final Logger LIBRARY = (Logger) LoggerFactory.getLogger("dev.coterie");

    @BeforeAll
    static void silence() {
        LIBRARY.setLevel(Level.OFF);
    }

    @AfterAll
    static void speak() {
        LIBRARY.setLevel(Level.INFO);
    }

    @Test
    void clusters_keep_their_promises_whatever_happens() throws Exception {
        Long only = Long.getLong("simulation.seed");
        if (only != null) {
            Simulation.Outcome outcome = Simulation.run(only);
            outcome.history().forEach(System.out::println);
            assertThat(outcome.violations()).isEmpty();
            return;
        }
        String minutes = System.getProperty("simulation.minutes");
        long first = minutes == null ? FIRST : Clock.system().now().getEpochSecond() * 1000;
        Duration budget = minutes == null ? BUDGET : Duration.ofSeconds(Math.round(Double.parseDouble(minutes) * 60));
        long start = Clock.system().nanoTime();
        AtomicLong next = new AtomicLong(first);
        int processors = Runtime.getRuntime().availableProcessors();
        ExecutorService threads = Executors.newFixedThreadPool(processors);
        Total total = Total.NONE;
        try {
            Callable<Total> some = () -> run(next, start + budget.toNanos());
            for (Future<Total> done : threads.invokeAll(Collections.nCopies(processors, some))) {
                total = total.plus(done.get());
            }
        } finally {
            threads.shutdown();
        }
        double took = (Clock.system().nanoTime() - start) / 60e9;
        System.out.printf(
                "simulation: %d seeds from %d, %.0f a minute, %.1f hours simulated in an hour, %d guarded writes,"
                        + " %d tasks and timers%n",
                total.seeds,
                first,
                total.seeds / took,
                total.simulated.toMinutes() / took,
                total.writes,
                total.accepted);
    }

    /** Runs one seed after another, those that no other thread runs. */
    private static Total run(AtomicLong next, long deadline) {
        Total total = Total.NONE;
        while (Clock.system().nanoTime() - deadline < 0) {
            Simulation.Outcome outcome = Simulation.run(next.getAndIncrement());
            assertThat(outcome.violations()).describedAs(replay(outcome)).isEmpty();
            total = total.plus(new Total(1, outcome.guardedWrites(), outcome.accepted(), outcome.simulated()));
        }
        return total;
    }

    /** What some seeds have done. */
    private record Total(long seeds, long writes, long accepted, Duration simulated) {

        static final Total NONE = new Total(0, 0, 0, Duration.ZERO);

        Total plus(Total other) {
            return new Total(
                    seeds + other.seeds,
                    writes + other.writes,
                    accepted + other.accepted,
                    simulated.plus(other.simulated));
        }
    }

    @Test
    void the_same_seed_gives_the_same_history_to_the_byte() {
        for (long seed = 1; seed <= 3; seed++) {
            assertThat(Simulation.run(seed).fingerprint())
                    .isEqualTo(Simulation.run(seed).fingerprint());
        }
        assertThat(Simulation.run(1).fingerprint())
                .isNotEqualTo(Simulation.run(2).fingerprint());
    }

    static String replay(Simulation.Outcome outcome) {
        List<String> history = outcome.history();
        String last = String.join("\n", history.subList(Math.max(0, history.size() - 40), history.size()));
        return "seed " + outcome.seed() + "; replay with\n  mvn verify -pl cluster -am -Dtest=SimulationTest"
                + " -Dsurefire.failIfNoSpecifiedTests=false -DskipITs -Dsimulation.seed=" + outcome.seed()
                + "\nthe end of its history:\n" + last + "\n";
    }
}
