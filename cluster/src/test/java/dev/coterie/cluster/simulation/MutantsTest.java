package dev.coterie.cluster.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.nio.file.Path;
import java.util.List;
import java.util.function.LongFunction;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.LoggerFactory;

/** Proves that the simulation can fail: with each of these mistakes in the library, it does. */
class MutantsTest {

    private static final Logger LIBRARY = (Logger) LoggerFactory.getLogger("dev.coterie");
    /** Far fewer than a minute of simulation has. */
    private static final long SEEDS = 250;

    @BeforeAll
    static void silence() {
        LIBRARY.setLevel(Level.OFF);
    }

    @AfterAll
    static void speak() {
        LIBRARY.setLevel(Level.INFO);
    }

    static Stream<Mutant> mutants() {
        return Stream.of(
                new Mutant(
                        "the guard of a mastership does not look at the slot",
                        "election/FencedMastership.java",
                        "List.of(new Condition.Modified(slotKey, term), identity.guard())",
                        "List.of(identity.guard())"),
                new Mutant(
                        "the guard of a mastership holds whatever happens",
                        "election/FencedMastership.java",
                        "List.of(new Condition.Modified(slotKey, term), identity.guard())",
                        "List.of()"),
                new Mutant(
                        "the deadline counts from the answer instead of the request",
                        "session/Session.java",
                        "extend(deadline(sentAt, refreshed));",
                        "extend(deadline(loop.clock().nanoTime(), refreshed));"),
                new Mutant(
                        "the deadline is never looked at",
                        "session/Session.java",
                        "return of.equals(now.identity) && loop.clock().nanoTime() - now.deadline < 0;",
                        "return of.equals(now.identity);"),
                new Mutant(
                        "a watch resumes one revision too late",
                        "store/Mirror.java",
                        "watchFrom(revision + 1);",
                        "watchFrom(revision + 2);"),
                new Mutant(
                        "after a compaction the watch goes on without reading again",
                        "store/Mirror.java",
                        "if (cause.kind() == Kind.COMPACTED) {",
                        "if (cause.kind() == Kind.COMPACTED) { watchFrom(cause.compactRevision()); } else if (false) {"),
                new Mutant(
                        "the watch begins behind what the read has not seen",
                        "store/Mirror.java",
                        "watchFrom(readRevision + 1);",
                        "watchFrom(readRevision + 3);"),
                new Mutant(
                        "a read that is older than the watch is believed",
                        "store/Mirror.java",
                        "} else if (readRevision < revision) {",
                        "} else if (readRevision < 0) {"),
                new Mutant(
                        "the stagger between candidates is left out",
                        "election/Election.java",
                        "Duration wait = STAGGER.multipliedBy(rank)",
                        "Duration wait = STAGGER.multipliedBy(0)"),
                new Mutant(
                        "a lost session keeps its mastership",
                        "election/Election.java",
                        "demoted(\"the session was lost: \" + reason);",
                        ""),
                new Mutant(
                        "nobody notices that the own registration is gone",
                        "session/Session.java",
                        "lose(\"its registration was gone at revision \" + revision);",
                        ""),
                new Mutant(
                        "a new session leaves the other keys behind",
                        "session/Session.java",
                        "kept.forEach(one -> puts.add(put(one)));",
                        ""),
                new Mutant(
                        "a write whose outcome is unknown is not repeated",
                        "session/KeyWriter.java",
                        "if (failure instanceof StoreException known && known.kind() == Kind.REFUSED) {",
                        "if (failure instanceof StoreException) {"),
                new Mutant(
                        "links keep the name of an earlier session",
                        "link/Links.java",
                        "peers.values().forEach(Peer::forget);\n        peers = Map.of();",
                        ""));
    }

    @ParameterizedTest
    @MethodSource("mutants")
    void the_simulation_notices(Mutant mutant, @TempDir Path folder) throws Exception {
        LongFunction<List<String>> simulation = mutant.simulation(folder);
        long[] seedsTried = {0};
        String noticed = LongStream.range(1, 1 + SEEDS)
                .peek(seed -> seedsTried[0]++)
                .mapToObj(simulation)
                .flatMap(List::stream)
                .findFirst()
                .orElse("");
        System.out.printf("mutant: %-75s %4d seeds: %s%n", mutant.mistake(), seedsTried[0], noticed);
        assertThat(noticed).describedAs(mutant.mistake()).isNotEmpty();
    }
}
