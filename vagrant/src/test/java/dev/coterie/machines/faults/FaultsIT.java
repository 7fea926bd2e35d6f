package dev.coterie.machines.faults;

import dev.coterie.machines.faults.Round.Outcome;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/**
 * What must always hold does so under real faults, and all is well again soon after them. {@code coterie.faults} says
 * which: {@code some}, {@code alone} for each alone, {@code soak} for a schedule of one or two at a time, or names such as
 * {@code kill-master,loss+etcd-kill}; {@code coterie.faults.seed} which victims and what order.
 */
@TestInstance(Lifecycle.PER_CLASS)
class FaultsIT {

    /** One of each kind; CI has four minutes for them. */
    private static final List<String> SOME = List.of(
            "kill-master",
            "stop-master",
            "clock",
            "cut-master",
            "deaf-worker",
            "master-from-etcd",
            "etcd-kill",
            "etcd-kill-all",
            "leases-revoked",
            "compacted",
            "kill-worker+etcd-kill");

    private static final String WHICH = System.getProperty("coterie.faults", "some");
    private static final long SEED = Long.getLong("coterie.faults.seed", 1);
    private static final long MINUTES = Long.getLong("coterie.faults.minutes", 60);

    private @Nullable Stage stage;
    private Map<String, Long> terms = Map.of();

    @TestFactory
    Stream<DynamicTest> what_must_hold_does_so_after() {
        System.out.println("faults: " + WHICH + ", seed " + SEED);
        return schedule().map(fault -> DynamicTest.dynamicTest(fault.name(), () -> round(fault)));
    }

    private static Stream<Fault> schedule() {
        List<Fault> all = Faults.all();
        return switch (WHICH) {
            case "some" -> SOME.stream().map(Faults::named);
            case "alone" -> all.stream();
            case "soak" -> soak(all, new Random(SEED));
            default -> Stream.of(WHICH.split(",", -1)).map(Faults::named);
        };
    }

    /** One, or any two that go together, until the time is over. */
    private static Stream<Fault> soak(List<Fault> all, Random random) {
        long end = System.nanoTime() + MINUTES * 60_000_000_000L;
        return Stream.generate(() -> {
                    Fault one = all.get(random.nextInt(all.size()));
                    List<Fault> others = all.stream().filter(one::goesWith).toList();
                    return random.nextBoolean() ? one : one.and(others.get(random.nextInt(others.size())));
                })
                .takeWhile(fault -> System.nanoTime() < end);
    }

    private void round(Fault fault) {
        if (stage == null) {
            stage = Stage.up(SEED);
            terms = Map.of();
        }
        boolean passed = false;
        try {
            Outcome outcome = new Round(stage, terms).run(fault);
            terms = outcome.terms();
            System.out.println("faults: " + outcome);
            passed = true;
        } finally {
            if (!passed) {
                stage.keepLogs(Path.of("target", "faults", fault.name()));
                end();
            }
        }
    }

    /** What is not well is no place for the next. */
    @AfterAll
    void end() {
        if (stage != null) {
            stage.close();
            stage = null;
        }
    }
}
