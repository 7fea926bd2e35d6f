package dev.coterie.cluster.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.coterie.cluster.concurrent.ThreadEventLoop;
import dev.coterie.cluster.store.KeyValueStore.Page;
import dev.coterie.cluster.store.KeyValueStore.WatchListener;
import dev.coterie.cluster.store.StoreException.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every store must do; run against each of them. */
abstract class KeyValueStoreContract {

    private final ThreadEventLoop loop = new ThreadEventLoop("contract");
    /** Each test in a directory of its own, so that they can share a store. */
    private final String dir = "contract/" + UUID.randomUUID() + "/";

    private KeyValueStore store;

    /** A store that delivers on this loop. */
    abstract KeyValueStore open(ThreadEventLoop deliverOn);

    @BeforeEach
    void openStore() {
        store = open(loop);
    }

    @AfterEach
    void closeStore() {
        store.close();
        loop.close();
    }

    @Test
    void what_is_put_can_be_read() {
        long revision = put("a", "1").revision();
        Entry entry = read("a");
        assertThat(entry.text()).isEqualTo("1");
        assertThat(entry.createRevision()).isEqualTo(revision);
        assertThat(entry.modRevision()).isEqualTo(revision);
        assertThat(entry.version()).isEqualTo(1);
        assertThat(entry.lease()).isEqualTo(Lease.NONE);
    }

    @Test
    void writing_again_keeps_the_create_revision() {
        long created = put("a", "1").revision();
        long modified = put("a", "2").revision();
        Entry entry = read("a");
        assertThat(entry.createRevision()).isEqualTo(created);
        assertThat(entry.modRevision()).isEqualTo(modified).isGreaterThan(created);
        assertThat(entry.version()).isEqualTo(2);
    }

    @Test
    void a_key_that_is_not_there_reads_as_nothing() {
        assertThat(get(store.range(Range.key(dir + "none"))).entries()).isEmpty();
    }

    @Test
    void a_prefix_is_read_in_key_order_and_in_pages() {
        IntStream.of(3, 1, 2, 5, 4).forEach(i -> put("k" + i, "" + i));
        put("l", "outside");
        Page first = get(store.range(Range.prefix(dir + "k").limit(2)));
        assertThat(first.entries()).extracting(Entry::text).containsExactly("1", "2");
        assertThat(first.more()).isTrue();
        Page rest = get(store.range(
                Range.prefix(dir + "k").after(first.entries().get(1).key()).at(first.revision())));
        assertThat(rest.entries()).extracting(Entry::text).containsExactly("3", "4", "5");
        assertThat(rest.more()).isFalse();
    }

    @Test
    void the_past_can_be_read_until_it_is_compacted() {
        long past = put("a", "old").revision();
        long now = put("a", "new").revision();
        assertThat(get(store.range(Range.key(dir + "a").at(past)))
                        .entries()
                        .get(0)
                        .text())
                .isEqualTo("old");
        get(store.compact(now));
        StoreException failure = failure(store.range(Range.key(dir + "a").at(past)));
        assertThat(failure.kind()).isEqualTo(Kind.COMPACTED);
        assertThat(read("a").text()).isEqualTo("new");
    }

    @Test
    void a_transaction_whose_conditions_hold_does_all_it_says_in_one_revision() {
        Transaction.Result result = get(store.commit(Transaction.when(Condition.absent(dir + "a"))
                .then(Operation.put(dir + "a", "1"), Operation.put(dir + "b", "2"), Operation.read(dir + "a"))));
        assertThat(result.succeeded()).isTrue();
        assertThat(result.reads()).hasSize(3);
        assertThat(result.reads().get(2)).extracting(Entry::text).containsExactly("1");
        assertThat(read("a").modRevision()).isEqualTo(result.revision());
        assertThat(read("b").modRevision()).isEqualTo(result.revision());
    }

    @Test
    void a_transaction_with_a_condition_that_does_not_hold_does_the_other_thing() {
        put("a", "1");
        Transaction.Result result =
                get(store.commit(Transaction.when(Condition.present(dir + "a"), Condition.absent(dir + "a"))
                        .then(Operation.put(dir + "a", "2"))
                        .otherwise(Operation.read(dir + "a"))));
        assertThat(result.succeeded()).isFalse();
        assertThat(result.reads().get(0)).extracting(Entry::text).containsExactly("1");
        assertThat(read("a").text()).isEqualTo("1");
    }

    @Test
    void each_condition_holds_when_it_should_and_only_then() {
        put("a", "1");
        put("a", "2");
        Entry entry = read("a");
        assertThat(holds(Condition.unchanged(entry))).isTrue();
        assertThat(holds(new Condition.Modified(entry.key(), entry.modRevision() + 1)))
                .isFalse();
        assertThat(holds(new Condition.Created(entry.key(), entry.createRevision())))
                .isTrue();
        assertThat(holds(new Condition.Created(entry.key(), entry.modRevision())))
                .isFalse();
        assertThat(holds(Condition.valued(entry.key(), "2"))).isTrue();
        assertThat(holds(Condition.valued(entry.key(), "1"))).isFalse();
        assertThat(holds(Condition.valued(dir + "none", ""))).isFalse();
        assertThat(holds(Condition.present(entry.key()))).isTrue();
        assertThat(holds(Condition.absent(entry.key()))).isFalse();
        assertThat(holds(Condition.present(dir + "none"))).isFalse();
        assertThat(holds(Condition.absent(dir + "none"))).isTrue();
        assertThat(holds(new Condition.Modified(dir + "none", 0))).isTrue();
    }

    @Test
    void whether_any_of_some_keys_hangs_on_a_lease_is_a_condition_too() {
        long lease = leaseId();
        long other = leaseId();
        get(store.grant(lease, Duration.ofSeconds(60)));
        get(store.grant(other, Duration.ofSeconds(60)));
        assertThat(holds(new Condition.NoneOn(dir + "k/", lease))).isTrue();
        commit(Transaction.when().then(Operation.put(dir + "k/1", "1"), Operation.put(dir + "k/2", "2", lease)));
        assertThat(holds(new Condition.NoneOn(dir + "k/", lease))).isFalse();
        assertThat(holds(new Condition.NoneOn(dir + "k/", other))).isTrue();
        assertThat(holds(new Condition.NoneOn(dir + "l/", lease))).isTrue();
        get(store.revoke(lease));
        assertThat(holds(new Condition.NoneOn(dir + "k/", lease))).isTrue();
    }

    @Test
    void deleting_a_prefix_leaves_the_rest() {
        put("k/1", "1");
        put("k/2", "2");
        put("l", "3");
        commit(Transaction.when().then(new Operation.DeletePrefix(dir + "k/")));
        assertThat(get(store.range(Range.prefix(dir))).entries())
                .extracting(Entry::text)
                .containsExactly("3");
    }

    @Test
    void a_transaction_that_writes_a_key_twice_is_refused() {
        StoreException failure = failure(
                store.commit(Transaction.when().then(Operation.put(dir + "a", "1"), Operation.put(dir + "a", "2"))));
        assertThat(failure.kind()).isEqualTo(Kind.REFUSED);
    }

    @Test
    void a_request_over_the_limit_is_refused() {
        byte[] large = new byte[2 << 20];
        StoreException failure =
                failure(store.commit(Transaction.when().then(new Operation.Put(dir + "a", large, Lease.NONE))));
        assertThat(failure.kind()).isEqualTo(Kind.REFUSED);
    }

    @Test
    void the_keys_of_a_lease_go_with_it_in_one_revision() {
        Lease lease = get(store.grant(leaseId(), Duration.ofSeconds(30)));
        assertThat(lease.ttl()).isGreaterThanOrEqualTo(Duration.ofSeconds(30));
        commit(Transaction.when()
                .then(Operation.put(dir + "a", "1", lease.id()), Operation.put(dir + "b", "2", lease.id())));
        assertThat(read("a").lease()).isEqualTo(lease.id());
        Recorder recorder = watch(0);
        get(store.revoke(lease.id()));
        await().until(() -> recorder.changes.size() == 2);
        assertThat(recorder.changes).allMatch(change -> change instanceof Change.Deleted);
        assertThat(recorder.changes).extracting(Change::revision).containsOnly(recorder.revisions.get(0));
    }

    @Test
    void a_lease_that_is_gone_can_be_revoked_but_not_refreshed_or_used() {
        Lease lease = get(store.grant(leaseId(), Duration.ofSeconds(30)));
        assertThat(get(store.refresh(lease.id())).ttl()).isEqualTo(Duration.ofSeconds(30));
        get(store.revoke(lease.id()));
        get(store.revoke(lease.id()));
        assertThat(failure(store.refresh(lease.id())).kind()).isEqualTo(Kind.LEASE_NOT_FOUND);
        assertThat(failure(store.commit(Transaction.when().then(Operation.put(dir + "a", "1", lease.id()))))
                        .kind())
                .isEqualTo(Kind.LEASE_NOT_FOUND);
    }

    @Test
    void a_lease_says_how_long_it_has_left_until_it_is_gone() {
        Lease lease = get(store.grant(leaseId(), Duration.ofSeconds(30)));
        KeyValueStore.TimeLeft time = get(store.timeLeft(lease.id()));
        assertThat(time.granted()).isEqualTo(Duration.ofSeconds(30));
        assertThat(time.left()).isBetween(Duration.ofSeconds(10), Duration.ofSeconds(30));
        get(store.revoke(lease.id()));
        assertThat(failure(store.timeLeft(lease.id())).kind()).isEqualTo(Kind.LEASE_NOT_FOUND);
    }

    @Test
    void a_lease_id_is_granted_once() {
        long id = leaseId();
        get(store.grant(id, Duration.ofSeconds(30)));
        assertThat(failure(store.grant(id, Duration.ofSeconds(30))).kind()).isEqualTo(Kind.REFUSED);
        get(store.revoke(id));
    }

    @Test
    void a_lease_that_is_not_refreshed_runs_out() {
        Lease lease = get(store.grant(leaseId(), Duration.ofSeconds(2)));
        commit(Transaction.when().then(Operation.put(dir + "a", "1", lease.id())));
        Recorder recorder = watch(0);
        await().atMost(Duration.ofSeconds(15)).until(() -> !recorder.changes.isEmpty());
        assertThat(recorder.changes.get(0)).isInstanceOf(Change.Deleted.class);
    }

    @Test
    void a_watch_tells_every_change_from_its_revision_on_in_order() {
        long from = put("a", "0").revision();
        IntStream.range(1, 50).forEach(i -> put("a", "" + i));
        Recorder recorder = watch(from);
        IntStream.range(50, 100).forEach(i -> put("a", "" + i));
        await().until(() -> recorder.changes.size() == 100);
        assertThat(recorder.changes)
                .extracting(change -> ((Change.Written) change).entry().text())
                .containsExactlyElementsOf(
                        IntStream.range(0, 100).mapToObj(i -> "" + i).toList());
        assertThat(recorder.changes).extracting(Change::revision).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void a_watch_tells_the_changes_of_one_revision_in_one_call() {
        long before = put("x", "").revision();
        List<Operation> puts = IntStream.range(0, 100)
                .mapToObj(i -> Operation.put(dir + "k" + i, "v"))
                .toList();
        commit(Transaction.when().then(puts));
        Recorder recorder = watch(before + 1);
        await().until(() -> !recorder.calls.isEmpty());
        assertThat(recorder.calls.get(0)).hasSize(100);
    }

    @Test
    void a_watch_sees_only_its_prefix() {
        put("k", "before");
        Recorder recorder = watch(0, dir + "k/");
        put("k", "no");
        put("k/1", "yes");
        put("k0", "no");
        put("k/2", "yes");
        await().until(() -> recorder.changes.size() == 2);
        assertThat(recorder.changes).extracting(Change::key).containsExactly(dir + "k/1", dir + "k/2");
    }

    @Test
    void a_watch_from_a_compacted_revision_ends_and_says_so() {
        long old = put("a", "1").revision();
        long now = put("a", "2").revision();
        get(store.compact(now));
        Recorder recorder = watch(old);
        await().until(() -> recorder.ended.size() == 1);
        assertThat(recorder.ended.get(0).kind()).isEqualTo(Kind.COMPACTED);
        assertThat(recorder.ended.get(0).compactRevision()).isEqualTo(now);
        assertThat(recorder.changes).isEmpty();
    }

    @Test
    void many_watches_do_not_mix() {
        List<Recorder> recorders = new ArrayList<>();
        IntStream.range(0, 20).forEach(i -> recorders.add(watch(0, dir + "w" + i + "/")));
        recorders.get(7).watch.close();
        IntStream.range(0, 20).forEach(i -> put("w" + i + "/k", "" + i));
        for (int i = 0; i < 20; i++) {
            Recorder recorder = recorders.get(i);
            if (i != 7) {
                await().until(() -> recorder.changes.size() == 1);
                assertThat(recorder.changes.get(0).key()).isEqualTo(dir + "w" + i + "/k");
            }
        }
        assertThat(recorders.get(7).changes).isEmpty();
    }

    @Test
    void closing_the_store_ends_its_watches_and_refuses_calls() {
        Recorder recorder = watch(0);
        store.close();
        await().until(() -> recorder.ended.size() == 1);
        assertThat(failure(store.range(Range.key("a"))).kind()).isEqualTo(Kind.CLOSED);
    }

    // --- The words in which the tests are written -------------------------------------------------------------------

    /** Writes down what a watch tells. */
    private static final class Recorder implements WatchListener {

        final List<Change> changes = new CopyOnWriteArrayList<>();
        final List<List<Change>> calls = new CopyOnWriteArrayList<>();
        final List<Long> revisions = new CopyOnWriteArrayList<>();
        final List<StoreException> ended = new CopyOnWriteArrayList<>();
        KeyValueStore.Watch watch = () -> {};

        @Override
        public void changed(long revision, List<Change> told) {
            revisions.add(revision);
            calls.add(told);
            changes.addAll(told);
        }

        @Override
        public void ended(StoreException cause) {
            ended.add(cause);
        }
    }

    @Test
    void it_says_how_much_space_it_takes() {
        long before = get(store.space()).inUse();
        AtomicInteger written = new AtomicInteger();
        // etcd writes to its file from time to time, not with every key, and may free what earlier tests have written.
        await().until(() -> {
            put("large" + written.incrementAndGet(), "x".repeat(1 << 20));
            return get(store.space()).inUse() >= before + (1 << 20);
        });
        KeyValueStore.Space space = get(store.space());
        assertThat(space.file()).isGreaterThanOrEqualTo(space.inUse());
    }

    private Recorder watch(long revision) {
        return watch(revision, dir);
    }

    /** Opens a watch; revision 0 means from now on, whatever is on its way. */
    private Recorder watch(long revision, String prefix) {
        long from =
                revision > 0 ? revision : get(store.range(Range.key(prefix))).revision() + 1;
        Recorder recorder = new Recorder();
        recorder.watch = store.watch(prefix, from, recorder);
        return recorder;
    }

    private Transaction.Result put(String key, String value) {
        return commit(Transaction.when().then(Operation.put(dir + key, value)));
    }

    private Transaction.Result commit(Transaction transaction) {
        Transaction.Result result = get(store.commit(transaction));
        assertThat(result.succeeded()).isTrue();
        return result;
    }

    private boolean holds(Condition condition) {
        return get(store.commit(Transaction.when(condition))).succeeded();
    }

    private Entry read(String key) {
        return get(store.range(Range.key(dir + key))).entries().get(0);
    }

    private static long leaseId() {
        return 1 + (UUID.randomUUID().getMostSignificantBits() >>> 2);
    }

    private static <T> T get(CompletionStage<T> stage) {
        return stage.toCompletableFuture().orTimeout(10, TimeUnit.SECONDS).join();
    }

    private static StoreException failure(CompletionStage<?> stage) {
        try {
            get(stage);
        } catch (CompletionException wrapped) {
            return (StoreException) wrapped.getCause();
        }
        throw new AssertionError("it should have failed");
    }
}
