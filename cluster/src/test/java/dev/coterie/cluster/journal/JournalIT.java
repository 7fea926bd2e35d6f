package dev.coterie.cluster.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.coterie.cluster.concurrent.ThreadEventLoop;
import dev.coterie.cluster.store.Condition;
import dev.coterie.cluster.store.Entry;
import dev.coterie.cluster.store.EtcdStore;
import dev.coterie.cluster.store.KeyValueStore;
import dev.coterie.cluster.store.Lease;
import dev.coterie.cluster.store.Operation;
import dev.coterie.cluster.store.Range;
import dev.coterie.cluster.store.Transaction;
import dev.coterie.etcd.EtcdProcess;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The journal on a real etcd. */
class JournalIT {

    private static final String WRITER = "writer";
    private static final int QUOTA = 48 << 20;

    private final ThreadEventLoop loop = new ThreadEventLoop("journal");
    private int made;
    private EtcdProcess etcd;
    private KeyValueStore store;

    @BeforeEach
    void start() {
        etcd = EtcdProcess.with()
                .fastStorage()
                .arguments("--quota-backend-bytes=" + QUOTA)
                .start();
        store = new EtcdStore(etcd.endpoints().stream().map(URI::create).toList(), Duration.ofSeconds(5), loop);
        become("1");
    }

    @AfterEach
    void stop() {
        store.close();
        loop.close();
        etcd.close();
    }

    @Test
    void records_stand_as_lines_in_numbered_segments_and_are_found_again() {
        Owner first = open("1", JournalSettings.DEFAULT);
        first.append("{\"a\":1}");
        await().until(() -> first.durable == 1);
        first.append("{\"b\":2}", "{\"c\":3}");
        await().until(() -> first.durable == 2);
        assertThat(segments())
                .extracting(Entry::key)
                .containsExactly("journal/test/00000000000000000001", "journal/test/00000000000000000002");
        assertThat(segments().get(1).text()).isEqualTo("{\"b\":2}\n{\"c\":3}\n");
        onLoop(() -> {
            first.journal.close();
            return true;
        });
        Owner second = open("1", JournalSettings.DEFAULT);
        assertThat(second.replayed).containsExactly("{\"a\":1}", "{\"b\":2}", "{\"c\":3}");
        second.append("{\"d\":4}");
        await().until(() -> second.durable == 3);
    }

    @Test
    void what_is_appended_meanwhile_goes_into_the_next_segment_together() {
        Owner owner = open("1", JournalSettings.DEFAULT);
        for (int i = 0; i < 200; i++) {
            owner.append(lines(100, 100));
        }
        await().until(() -> owner.durable > 0 && onLoop(() -> owner.journal.position() == owner.journal.durable()));
        assertThat(segments().size()).isBetween(4, 100);
        assertThat(segments()).allMatch(segment -> segment.value().length <= 512 << 10);
        onLoop(() -> {
            owner.journal.close();
            return true;
        });
        assertThat(open("1", JournalSettings.DEFAULT).replayed).hasSize(20_000);
    }

    @Test
    void a_writer_whose_guard_fails_writes_no_more() {
        Owner old = open("1", JournalSettings.DEFAULT);
        old.append("old");
        await().until(() -> old.durable == 1);
        become("2");
        old.append("too late");
        await().until(() -> old.lost != null);
        assertThat(open("2", JournalSettings.DEFAULT).replayed).containsExactly("old");
    }

    @Test
    void etcd_is_never_filled_whatever_is_written_and_its_alarm_never_raised() {
        JournalSettings settings =
                JournalSettings.DEFAULT.withQuota(QUOTA).withSlack(1 << 20, 1 << 20, Duration.ofMillis(200));
        Owner owner = open("1", settings);
        // Three times the quota, of which the last two hundred records are needed.
        long end = 3L * QUOTA / 10_000;
        long[] written = {0};
        await().atMost(60, TimeUnit.SECONDS).pollInterval(Duration.ofMillis(1)).until(() -> {
            if (onLoop(() -> owner.journal.objection()).isEmpty()) {
                owner.append(lines(20, 10_000));
                owner.releaseAllBut(200);
                written[0] += 20;
            }
            return written[0] >= end;
        });
        await().until(() -> onLoop(() -> owner.journal.position() == owner.journal.durable()));
        await().untilAsserted(() -> assertThat(stored()).isLessThan(8 << 20));
        assertThat(get(store.space()).file()).isLessThan(QUOTA);
        assertThat(owner.lost).isNull();
    }

    @Test
    void it_objects_before_the_quota_is_used_up_and_goes_on_when_there_is_room() {
        JournalSettings settings = JournalSettings.DEFAULT.withQuota(QUOTA).withCompact(false);
        Owner owner = open("1", settings);
        await().atMost(60, TimeUnit.SECONDS).pollInterval(Duration.ofMillis(20)).until(() -> {
            owner.append(lines(20, 10_000));
            return onLoop(() -> owner.journal.objection()).isPresent();
        });
        assertThat(onLoop(() -> owner.journal.objection()).orElseThrow()).contains("quota of 48 MiB");
        // What cannot be refused still goes in, and etcd takes it.
        long before = owner.durable;
        owner.append("a result");
        await().until(() -> owner.durable > before);
        owner.releaseAllBut(1);
        await().until(() -> segments().size() < 3);
        long revision = get(store.range(Range.key(WRITER))).revision();
        get(store.compact(revision));
        await().atMost(20, TimeUnit.SECONDS)
                .until(() -> onLoop(() -> owner.journal.objection()).isEmpty());
    }

    @Test
    void nothing_is_cleaned_while_it_is_being_read() {
        for (int i = 1; i <= 150; i++) {
            String key = "journal/test/%020d".formatted(i);
            get(store.commit(Transaction.when().then(Operation.put(key, "record " + i + "\n"))));
        }
        // As from an etcd that is slow to answer: the cleaner would have looked twice before the last page.
        store = new SlowReads(store);
        Owner owner = new Owner("1", JournalSettings.DEFAULT.withSlack(1_000, 1 << 20, Duration.ofSeconds(1)));
        owner.needed = 10;
        owner.open();
        await().until(() -> owner.opened);
        assertThat(owner.keptBeforeOpened).isZero();
        await().until(() -> segments().size() < 20);
        owner.append("later");
        await().until(() -> onLoop(() -> owner.journal.position() == owner.journal.durable()));
        onLoop(() -> {
            owner.journal.close();
            return true;
        });
        assertThat(open("1", JournalSettings.DEFAULT).replayed)
                .contains("record 141", "record 145", "record 150", "later");
    }

    @Test
    void what_was_read_ahead_counts_as_far_as_it_still_stands() {
        Owner writer = open("1", JournalSettings.DEFAULT);
        for (int i = 1; i <= 150; i++) {
            writer.append("record " + i);
            long expected = i;
            await().pollInterval(Duration.ofMillis(1)).until(() -> writer.durable >= expected);
        }
        Owner successor = new Owner("2", JournalSettings.DEFAULT);
        successor.readAhead();
        assertThat(successor.replayed).hasSize(150);
        writer.append("later", "last");
        writer.releaseAllBut(20);
        await().until(() -> segments().size() <= 20);
        become("2");
        successor.open();
        await().until(() -> successor.opened);
        assertThat(successor.replayed).hasSize(152);
        assertThat(successor.kept.keySet()).isEqualTo(writer.kept.keySet());
        successor.append("mine");
        await().until(() -> onLoop(() -> successor.journal.position() == successor.journal.durable()));
        successor.releaseAllBut(1);
        await().until(() -> segments().size() == 1);
        assertThat(open("2", JournalSettings.DEFAULT).kept).containsOnlyKeys("mine");
    }

    @Test
    void small_segments_that_are_needed_become_few_and_then_it_rests() {
        Owner owner = open("1", JournalSettings.DEFAULT.withSlack(20_000, 1 << 20, Duration.ofSeconds(1)));
        for (int i = 1; i <= 150; i++) {
            owner.append("record " + i);
            long expected = i;
            await().pollInterval(Duration.ofMillis(1)).until(() -> owner.durable >= expected);
        }
        await().until(() -> segments().size() < 20);
        // Every record is still there, and nobody writes.
        await().during(Duration.ofSeconds(1)).until(() -> {
            long before = owner.durable;
            return onLoop(() -> owner.journal.position()) == before && owner.kept.size() == 150;
        });
        long written = owner.durable;
        assertThat(written).isLessThan(200);
    }

    private void become(String writer) {
        get(store.commit(Transaction.when().then(Operation.put(WRITER, writer))));
    }

    private Owner open(String writer, JournalSettings settings) {
        Owner owner = new Owner(writer, settings);
        owner.open();
        await().until(() -> owner.opened);
        return owner;
    }

    private List<Entry> segments() {
        return get(store.range(Range.prefix("journal/test/"))).entries();
    }

    private long stored() {
        return segments().stream().mapToLong(segment -> segment.value().length).sum();
    }

    private String[] lines(int count, int length) {
        String[] lines = new String[count];
        for (int i = 0; i < count; i++) {
            lines[i] = ++made + ":" + "x".repeat(length);
        }
        return lines;
    }

    private <T> T onLoop(Supplier<T> question) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        loop.execute(() -> answer.complete(question.get()));
        return get(answer);
    }

    private static <T> T get(CompletableFuture<T> future) {
        return future.orTimeout(10, TimeUnit.SECONDS).join();
    }

    /** Remembers what it has appended. */
    private final class Owner implements Journal.Owner {

        private final Journal journal;
        private final String writer;
        private final List<String> replayed = new ArrayList<>();
        /** By record, the oldest first. */
        private final Map<String, Segment> kept = new LinkedHashMap<>();

        /** How many of the last records that are found are needed; all, if not said. */
        private int needed = Integer.MAX_VALUE;

        private int keptBeforeOpened;
        private volatile boolean opened;
        private volatile long durable;
        private volatile String lost;

        Owner(String writer, JournalSettings settings) {
            this.writer = writer;
            journal = new Journal(store, loop, "", "test", settings, this);
        }

        void open() {
            loop.execute(() -> journal.open(List.of(Condition.valued(WRITER, writer))));
        }

        void readAhead() {
            CompletableFuture<Void> done = new CompletableFuture<>();
            loop.execute(() -> journal.readAhead(() -> done.complete(null)));
            get(done);
        }

        @Override
        public void gone(long first) {
            kept.entrySet().removeIf(record -> {
                boolean gone = record.getValue().sequence() < first;
                if (gone) {
                    journal.release(record.getValue(), record.getKey().length());
                }
                return gone;
            });
        }

        private void appendOne(String record) {
            byte[] bytes = record.getBytes(StandardCharsets.UTF_8);
            kept.put(record, journal.append(bytes, 0, bytes.length));
        }

        void append(String... records) {
            onLoop(() -> {
                for (String record : records) {
                    appendOne(record);
                }
                return true;
            });
        }

        void releaseAllBut(int most) {
            onLoop(() -> {
                Iterator<Map.Entry<String, Segment>> oldest = kept.entrySet().iterator();
                for (int i = kept.size(); i > most; i--) {
                    Map.Entry<String, Segment> one = oldest.next();
                    journal.release(one.getValue(), one.getKey().length());
                    oldest.remove();
                }
                return true;
            });
        }

        @Override
        public void replayed(byte[] bytes, int from, int to, Segment segment) {
            String record = new String(bytes, from, to - from, StandardCharsets.UTF_8);
            replayed.add(record);
            kept.put(record, segment);
            if (kept.size() > needed) {
                String oldest = kept.keySet().iterator().next();
                journal.release(kept.remove(oldest), oldest.length());
            }
        }

        @Override
        public void opened() {
            opened = true;
        }

        @Override
        public void durable(long sequence) {
            durable = sequence;
        }

        @Override
        public void keep(byte[] bytes, int from, int to, Segment segment) {
            keptBeforeOpened += opened ? 0 : 1;
            String record = new String(bytes, from, to - from, StandardCharsets.UTF_8);
            if (kept.get(record) == segment) {
                journal.release(segment, record.length());
                appendOne(record);
            }
        }

        @Override
        public void lost(String reason) {
            lost = reason;
        }
    }

    /** The store, with time between a question and its answer. */
    private final class SlowReads implements KeyValueStore {

        private final KeyValueStore store;

        SlowReads(KeyValueStore store) {
            this.store = store;
        }

        @Override
        public CompletableFuture<Page> range(Range range) {
            CompletableFuture<Page> later = new CompletableFuture<>();
            loop.then(
                    store.range(range),
                    page -> loop.schedule(Duration.ofMillis(500), () -> later.complete(page)),
                    later::completeExceptionally);
            return later;
        }

        @Override
        public CompletableFuture<Transaction.Result> commit(Transaction transaction) {
            return store.commit(transaction);
        }

        @Override
        public CompletableFuture<Lease> grant(long id, Duration ttl) {
            return store.grant(id, ttl);
        }

        @Override
        public CompletableFuture<Lease> refresh(long lease) {
            return store.refresh(lease);
        }

        @Override
        public CompletableFuture<TimeLeft> timeLeft(long lease) {
            return store.timeLeft(lease);
        }

        @Override
        public CompletableFuture<Void> revoke(long lease) {
            return store.revoke(lease);
        }

        @Override
        public Watch watch(String prefix, long revision, WatchListener listener) {
            return store.watch(prefix, revision, listener);
        }

        @Override
        public CompletableFuture<Void> compact(long revision) {
            return store.compact(revision);
        }

        @Override
        public CompletableFuture<Space> space() {
            return store.space();
        }

        @Override
        public void close() {
            store.close();
        }
    }
}
