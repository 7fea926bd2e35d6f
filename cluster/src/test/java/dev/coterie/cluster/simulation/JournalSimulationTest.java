package dev.coterie.cluster.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.coterie.cluster.journal.Journal;
import dev.coterie.cluster.journal.JournalSettings;
import dev.coterie.cluster.journal.Segment;
import dev.coterie.cluster.store.Condition;
import dev.coterie.cluster.store.Operation;
import dev.coterie.cluster.store.Range;
import dev.coterie.cluster.store.StateCalls;
import dev.coterie.cluster.store.Transaction;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/**
 * One journal, and writers that depose each other, while etcd stops, is slow and loses answers: what was said to be in
 * the store is found again, whatever was needed no more is not needed again, and the journal does not grow.
 */
class JournalSimulationTest {

    private static final String WRITER = "writer";
    private static final int SEEDS = 60;
    private static final int MOST_SEGMENTS = 400;

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
    void what_was_said_to_be_in_the_journal_is_found_again() {
        long found = 0;
        long most = 0;
        for (long seed = 1; seed <= SEEDS; seed++) {
            Run run = new Run(seed);
            run.live();
            assertThat(run.world.violations()).describedAs("seed %d", seed).isEmpty();
            found += run.checked;
            most = Math.max(most, run.mostSegments);
        }
        System.out.printf("journal: %d seeds, %d records held to, at most %d segments%n", SEEDS, found, most);
        assertThat(found).isGreaterThan(SEEDS * 20L);
    }

    /** A world, its etcd and the writers that came one after the other. */
    private static final class Run {

        private final World world;
        private final SimulatedEtcd etcd;
        /** What a writer was told is in the store, by key, as a version that only grows. */
        private final Map<String, Integer> promised = new TreeMap<>();

        private final List<Writer> writers = new ArrayList<>();
        /** Reads ahead what the writer of now writes. */
        private Writer successor;

        private boolean over;
        private long checked;
        private long mostSegments;

        Run(long seed) {
            world = new World(seed);
            etcd = new SimulatedEtcd(world, (transaction, result) -> {});
        }

        void live() {
            world.after(0, this::nextWriter);
            world.after(Duration.ofSeconds(1), this::somethingHappens);
            world.runUntil(Duration.ofSeconds(40).toNanos());
            over = true;
            etcd.loseAnswers(0);
            etcd.slow(Duration.ofMillis(3));
            if (!etcd.up()) {
                etcd.start();
            }
            nextWriter();
            world.runUntil(world.now() + Duration.ofSeconds(5).toNanos());
            if (writers.stream().noneMatch(writer -> writer.number == writers.size() && writer.opened)) {
                world.violated("the last writer could not open the journal");
            }
        }

        void nextWriter() {
            // One that was frozen or cut off goes on writing for a while: the guard has to stop it.
            Writer writer = successor();
            successor = null;
            writers.add(writer);
            StateCalls.commit(
                    etcd.state(), Transaction.when().then(Operation.put(WRITER, String.valueOf(writer.number))));
            writer.open();
        }

        private Writer successor() {
            if (successor == null) {
                successor = new Writer(this, writers.size() + 1);
            }
            return successor;
        }

        void somethingHappens() {
            if (over) {
                return;
            }
            switch (world.random().nextInt(8)) {
                case 0 -> nextWriter();
                case 1 -> {
                    etcd.loseAnswers(0.4);
                    world.after(Duration.ofSeconds(2), () -> etcd.loseAnswers(0));
                }
                case 2 -> {
                    if (etcd.up()) {
                        etcd.stop();
                        world.after(Duration.ofMillis(1 + world.random().nextInt(1500)), etcd::start);
                    }
                }
                case 3 -> {
                    etcd.slow(Duration.ofMillis(1 + world.random().nextInt(300)));
                    world.after(Duration.ofSeconds(2), () -> etcd.slow(Duration.ofMillis(3)));
                }
                case 4, 5, 6 -> successor().readAhead();
                default -> writers.get(writers.size() - 1).process.crash();
            }
            world.after(Duration.ofMillis(world.random().nextInt(4000)), this::somethingHappens);
            long segments = StateCalls.range(etcd.state(), Range.prefix("journal/"))
                    .entries()
                    .size();
            mostSegments = Math.max(mostSegments, segments);
            if (segments > MOST_SEGMENTS) {
                world.violated(segments + " segments are in the store");
            }
        }
    }

    /** What a key has, and where it stands in the journal. */
    private record Held(int version, Segment segment, int length) {}

    /** What was appended, and in which segment it is. */
    private record Promise(String key, int version, long sequence) {}

    /** An owner of the journal: counts versions of a few keys up. */
    private static final class Writer implements Journal.Owner {

        private final Run run;
        private final int number;
        private final SimulatedProcess process;
        private final Journal journal;
        private final Map<String, Held> held = new TreeMap<>();
        private final Deque<Promise> expected = new ArrayDeque<>();
        private boolean opened;
        private boolean lost;
        /** The segments before this one were deleted between the reading ahead and the opening. */
        private long missing;

        Writer(Run run, int number) {
            this.run = run;
            this.number = number;
            this.process = new SimulatedProcess(run.world, "w" + number, 1);
            JournalSettings settings =
                    JournalSettings.DEFAULT.withSegment(300).withSlack(60_000, 4000, Duration.ofMillis(500));
            this.journal = new Journal(
                    new SimulatedStore(run.world, run.etcd, process), process.loop(), "", "test", settings, this);
        }

        void readAhead() {
            process.loop().execute(() -> journal.readAhead(() -> {}));
        }

        void open() {
            process.loop().execute(() -> journal.open(List.of(Condition.valued(WRITER, String.valueOf(number)))));
        }

        @Override
        public void gone(long first) {
            // Here nothing is ever forgotten: what was deleted stands elsewhere.
            missing = first;
        }

        @Override
        public void replayed(byte[] bytes, int from, int to, Segment segment) {
            String[] record = new String(bytes, from, to - from, StandardCharsets.UTF_8).split(" ", -1);
            replace(record[0], new Held(Integer.parseInt(record[1]), segment, to - from));
        }

        @Override
        public void opened() {
            opened = true;
            held.forEach((key, now) -> {
                if (now.segment.sequence() < missing) {
                    run.world.violated(key + " was deleted with " + now.segment);
                }
            });
            if (number == run.writers.size()) {
                run.promised.forEach((key, version) -> {
                    run.checked++;
                    Held now = held.get(key);
                    if (now == null || now.version < version) {
                        run.world.violated(key + " is " + now + " for writer " + number + ", promised was " + version);
                    }
                });
            }
            work();
        }

        private void work() {
            if (lost) {
                return;
            }
            for (int i = run.world.random().nextInt(6); i > 0; i--) {
                // A few keys change often; others stay as they are for long, and have to be copied.
                String key = "k" + (int) Math.pow(run.world.random().nextInt(1, 9), 3);
                Held before = held.get(key);
                append(key, before == null ? 1 : before.version + 1);
            }
            process.loop().schedule(Duration.ofMillis(run.world.random().nextInt(20)), this::work);
        }

        private void append(String key, int version) {
            byte[] record = (key + " " + version).getBytes(StandardCharsets.UTF_8);
            Segment segment = journal.append(record, 0, record.length);
            replace(key, new Held(version, segment, record.length));
            expected.add(new Promise(key, version, segment.sequence()));
        }

        private void replace(String key, Held now) {
            Held before = held.put(key, now);
            if (before != null) {
                journal.release(before.segment, before.length);
            }
        }

        @Override
        public void durable(long sequence) {
            while (!expected.isEmpty() && expected.peek().sequence <= sequence) {
                Promise promise = expected.remove();
                run.promised.merge(promise.key, promise.version, Math::max);
            }
        }

        @Override
        public void keep(byte[] bytes, int from, int to, Segment segment) {
            String[] record = new String(bytes, from, to - from, StandardCharsets.UTF_8).split(" ", -1);
            Held now = held.get(record[0]);
            if (now != null && now.segment == segment && now.version == Integer.parseInt(record[1])) {
                append(record[0], now.version);
            }
        }

        @Override
        public void lost(String reason) {
            lost = true;
            if (number == run.writers.size()) {
                run.world.violated("the newest writer has lost the journal: " + reason);
            }
        }
    }
}
