package dev.coterie.cluster.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.coterie.cluster.concurrent.Clock;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/**
 * Runs as many seeds as fit in a minute, always the same ones: when a build fails, the change has done it. {@code
 * -Dsimulation.minutes=N} runs for as long, with seeds that are new each time; {@code -Dsimulation.seed=N} runs one and
 * prints its history.
 */
class SimulationTest {

    private static final long FIRST = 1_000_000;

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
    void clusters_keep_their_promises_whatever_happens() {
        Long only = Long.getLong("simulation.seed");
        if (only != null) {
            Simulation.Outcome outcome = Simulation.run(only);
            outcome.history().forEach(System.out::println);
            assertThat(outcome.violations()).isEmpty();
            return;
        }
        String minutes = System.getProperty("simulation.minutes");
        long first = minutes == null ? FIRST : Clock.system().now().getEpochSecond() * 1000;
        Duration budget = Duration.ofSeconds(Math.round(Double.parseDouble(minutes == null ? "1" : minutes) * 60));
        long start = Clock.system().nanoTime();
        long seeds = 0;
        long writes = 0;
        long accepted = 0;
        Duration simulated = Duration.ZERO;
        while (Clock.system().nanoTime() - start < budget.toNanos()) {
            Simulation.Outcome outcome = Simulation.run(first + seeds);
            assertThat(outcome.violations()).describedAs(replay(outcome)).isEmpty();
            seeds++;
            writes += outcome.guardedWrites();
            accepted += outcome.accepted();
            simulated = simulated.plus(outcome.simulated());
        }
        double took = (Clock.system().nanoTime() - start) / 60e9;
        System.out.printf(
                "simulation: %d seeds from %d, %.0f a minute, %.1f hours simulated in an hour, %d guarded writes,"
                        + " %d tasks and timers%n",
                seeds, first, seeds / took, simulated.toMinutes() / took, writes, accepted);
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
