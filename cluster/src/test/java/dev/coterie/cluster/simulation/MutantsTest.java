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
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.LoggerFactory;

/**
 * Proves that the simulation can fail: with each of these mistakes in the library, it does. Each has its own classes and
 * its own world, so they run side by side, while other tests wait.
 */
class MutantsTest {

    private static final Logger LIBRARY = (Logger) LoggerFactory.getLogger("dev.coterie");
    /** Enough for what takes two losses in a row to show; most show in a handful. */
    private static final long SEEDS = 1000;

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
                        "extend(deadline(loop.clock().nanoTime(), refreshed));",
                        97),
                new Mutant(
                        "the deadline is never looked at",
                        "session/Session.java",
                        "return of.equals(now.identity) && loop.clock().nanoTime() - now.deadline < 0;",
                        "return of.equals(now.identity);"),
                new Mutant(
                        "a watch resumes one revision too late",
                        "store/Mirror.java",
                        "watchFrom(revision + 1);",
                        "watchFrom(revision + 2);",
                        12),
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
                        "} else if (readRevision < 0) {",
                        33),
                new Mutant(
                        "the stagger between candidates is left out",
                        "election/Election.java",
                        "long turn = STAGGER.multipliedBy(before)",
                        "long turn = STAGGER.multipliedBy(0)",
                        11),
                new Mutant(
                        "all candidates try for the same free slot",
                        "election/Candidates.java",
                        "free.get(turn)",
                        "free.get(0)",
                        505),
                new Mutant(
                        "a node takes a slot whatever else it has",
                        "election/SlotWriter.java",
                        "Condition.absent(slots.key(slot)), own.guard(), slots.noneOn(own.lease()))",
                        "Condition.absent(slots.key(slot)), own.guard())",
                        75),
                new Mutant(
                        "a slot is handed over to a node whatever else it has",
                        "election/SlotWriter.java",
                        ".and(slots.noneOn(lease))",
                        "",
                        117),
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
                        "if (failure instanceof StoreException) {",
                        125),
                new Mutant(
                        "a write that is carried out late undoes what was written since",
                        "session/KeyWriter.java",
                        "Transaction.when(new Condition.Modified(mine.registrationKey(), written))",
                        "Transaction.when(mine.guard())",
                        167),
                new Mutant(
                        "links keep the name of an earlier session",
                        "link/Links.java",
                        "peers.values().forEach(Peer::forget);\n        peers = Map.of();",
                        ""),
                new Mutant(
                        "a segment is deleted before what replaced it is in the store",
                        "journal/Cleaner.java",
                        "&& segment.replacedBy() <= journal.durable()",
                        ""),
                new Mutant(
                        "what lives in an old segment is not copied",
                        "work/TaskJournal.java",
                        "if (task != null && task.segment == segment && task.length == to - from) {",
                        "if (false) {"),
                new Mutant(
                        "a task is said to be accepted before the journal has it",
                        "work/TaskJournal.java",
                        "if (effects.isEmpty() && position <= journal.durable()) {",
                        "if (position >= 0) {"),
                new Mutant(
                        "a timer is sent off before the journal has that it fired",
                        "work/Master.java",
                        "                ledger.fire(task);\n                fired.add(task);",
                        "                ledger.fire(task);\n                ledger.await(task);",
                        33),
                new Mutant(
                        "a second result is accepted",
                        "work/Ledger.java",
                        "return !task.state.isFinal() && task.state != TaskState.DEAD",
                        "return task.state != TaskState.DEAD"),
                new Mutant(
                        "the tasks of a member that is gone are forgotten",
                        "work/Master.java",
                        "            requeue(line.running, true);",
                        ""),
                new Mutant(
                        "a task that has failed is not tried again",
                        "work/Ledger.java",
                        "if (task.failures < task.rules.attempts()) {",
                        "if (false) {"),
                new Mutant(
                        "a new master does not know what was finished",
                        "work/Ledger.java",
                        "if (found.verb.equals(\"task\")) {",
                        "if (!found.verb.isEmpty()) {"),
                new Mutant(
                        "a successor believes what it has read ahead to be all",
                        "journal/Journal.java",
                        "        read(rest(), reading, done);\n        forgetDeleted",
                        "        done.run();\n        forgetDeleted",
                        61),
                new Mutant(
                        "a minority evicts",
                        "liveness/Reach.java",
                        "return 2 * reached > counted || (2 * reached == counted && restRefused);",
                        "return reached > 0;"),
                new Mutant(
                        "the dead are not evicted",
                        "liveness/FailureDetector.java",
                        "actions.evict(watch.member);",
                        ""),
                new Mutant(
                        "the frozen are not suspected",
                        "liveness/FailureDetector.java",
                        "suspect(watch, Cause.SILENT);",
                        ""),
                new Mutant(
                        "after a pause all is claimed as before",
                        "session/Session.java",
                        "return stands(of) && loop.clock().nanoTime() - awakeAt < config.pause().toNanos();",
                        "return stands(of);"));
    }

    @ParameterizedTest
    @MethodSource("mutants")
    @Execution(ExecutionMode.CONCURRENT)
    void the_simulation_notices(Mutant mutant, @TempDir Path folder) throws Exception {
        LongFunction<List<String>> simulation = mutant.simulation(folder);
        long[] seedsTried = {0};
        String noticed = LongStream.concat(LongStream.of(mutant.seed()), LongStream.range(1, 1 + SEEDS))
                .peek(seed -> seedsTried[0]++)
                .mapToObj(simulation)
                .flatMap(List::stream)
                .findFirst()
                .orElse("");
        System.out.printf("mutant: %-75s %4d seeds: %s%n", mutant.mistake(), seedsTried[0], noticed);
        assertThat(noticed).describedAs(mutant.mistake()).isNotEmpty();
    }
}
