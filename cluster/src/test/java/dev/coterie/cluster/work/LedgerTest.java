package dev.coterie.cluster.work;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The ledger by itself: no store, no links, and time as the test says. */
class LedgerTest {

    private final List<LedgerTask> saved = new ArrayList<>();
    private final List<LedgerTask> forgotten = new ArrayList<>();
    private final Ledger ledger = ledger(WorkSettings.DEFAULT);

    private Ledger ledger(WorkSettings settings) {
        return new Ledger(settings, new SplittableRandom(1), new Ledger.Book() {
            @Override
            public void save(LedgerTask task) {
                saved.add(task);
            }

            @Override
            public void forget(LedgerTask task) {
                forgotten.add(task);
            }
        });
    }

    @Test
    void a_task_is_due_after_its_delay_and_not_before() {
        LedgerTask task = ledger.accept(submission("a", 500), 1000);
        assertThat(ledger.nextDue(1499)).isNull();
        assertThat(ledger.whenNext()).isEqualTo(1500);
        assertThat(ledger.nextDue(1500)).isSameAs(task);
        assertThat(ledger.nextDue(1500)).isNull();
        assertThat(saved).containsExactly(task);
    }

    @Test
    void failures_are_followed_by_longer_and_longer_waits_and_at_last_by_death() {
        LedgerTask task = ledger.accept(submission("a", 0), 0);
        long now = 0;
        for (int failure = 1; failure < 5; failure++) {
            assertThat(ledger.nextDue(now)).isSameAs(task);
            ledger.failed(task, "no", now);
            long wait = ledger.whenNext() - now;
            long whole = 1000L << (failure - 1);
            assertThat(wait).isBetween(whole / 2, whole);
            now += wait;
        }
        assertThat(ledger.nextDue(now)).isSameAs(task);
        ledger.failed(task, "never", now);
        assertThat(task.state).isEqualTo(TaskState.DEAD);
        assertThat(task.extras().cause()).isEqualTo("never");
        ledger.retry(task, now);
        assertThat(ledger.nextDue(now)).isSameAs(task);
        assertThat(task.failures).isZero();
    }

    @Test
    void a_task_whose_members_die_again_and_again_dies_too() {
        LedgerTask task = ledger.accept(submission("a", 0), 0);
        assertThat(ledger.nextDue(0)).isSameAs(task);
        ledger.await(task);
        for (int i = 0; i < 9; i++) {
            ledger.lost(task, true, 0);
            assertThat(task.state).isEqualTo(TaskState.WAITING);
        }
        ledger.lost(task, false, 0);
        assertThat(task.state).isEqualTo(TaskState.WAITING);
        ledger.lost(task, true, 0);
        assertThat(task.state).isEqualTo(TaskState.DEAD);
    }

    @Test
    void a_timer_set_anew_takes_the_place_of_the_old_one_whose_run_counts_no_more() {
        Submission first = timer("timer:t", 100, 0, 1);
        Submission second = timer("timer:t", 900, 0, 2);
        LedgerTask timer = ledger.accept(first, 0);
        assertThat(ledger.knows(first)).isTrue();
        assertThat(ledger.knows(second)).isFalse();
        assertThat(ledger.nextDue(100)).isSameAs(timer);
        ledger.fire(timer);
        ledger.await(timer);
        int run = timer.run + 1;
        ledger.accept(second, 100);
        assertThat(Ledger.counts(timer, run - 1)).isFalse();
        assertThat(timer.fired).isFalse();
        assertThat(ledger.whenNext()).isEqualTo(1000);
        assertThat(ledger.live()).isEqualTo(1);
    }

    @Test
    void a_timer_with_a_period_is_due_again_on_its_grid_without_what_was_missed() {
        LedgerTask timer = ledger.accept(timer("timer:t", 100, 100, 1), 0);
        assertThat(ledger.nextDue(100)).isSameAs(timer);
        ledger.fire(timer);
        ledger.complete(timer, new byte[0], 130);
        assertThat(ledger.whenNext()).isEqualTo(200);
        assertThat(ledger.nextDue(200)).isSameAs(timer);
        ledger.complete(timer, new byte[0], 555);
        assertThat(ledger.whenNext()).isEqualTo(600);
        assertThat(timer.fired).isFalse();
    }

    @Test
    void finished_tasks_are_forgotten_when_they_are_old_or_too_many() {
        Ledger small = ledger(WorkSettings.DEFAULT.withRetention(Duration.ofSeconds(10), 3));
        for (int i = 0; i < 5; i++) {
            LedgerTask task = small.accept(submission("t" + i, 0), i * 1000L);
            small.complete(task, "1".getBytes(StandardCharsets.UTF_8), i * 1000L);
        }
        small.expire(4000);
        assertThat(forgotten).extracting(task -> task.id).containsExactly("t0", "t1");
        small.expire(13_500);
        assertThat(forgotten).extracting(task -> task.id).containsExactly("t0", "t1", "t2", "t3");
        assertThat(small.find("t3")).isNull();
        assertThat(small.find("t4")).isNotNull();
        assertThat(small.live()).isZero();
        small.expire(20_000);
        assertThat(small.bytes()).isZero();
    }

    @Test
    void a_master_whose_clock_is_ahead_forgets_nothing_sooner() {
        Ledger next = ledger(WorkSettings.DEFAULT.withRetention(Duration.ofSeconds(10), 3));
        LedgerTask task = next.accept(submission("t", 0), 0);
        next.complete(task, "1".getBytes(StandardCharsets.UTF_8), 0);
        long anHourAhead = Duration.ofHours(1).toMillis();
        next.takenOver(anHourAhead);
        next.expire(anHourAhead + 9_999);
        assertThat(next.find("t")).isNotNull();
        next.expire(anHourAhead + 10_001);
        assertThat(next.find("t")).isNull();
    }

    @Test
    void bounds_refuse_and_say_which() {
        Ledger few = ledger(WorkSettings.DEFAULT.withTasks(1));
        few.accept(submission("a", 0), 0);
        assertThat(few.objection(submission("b", 0)).orElseThrow()).contains("there are 1 tasks already");
        Ledger small = ledger(WorkSettings.DEFAULT.withBytes(1000));
        small.accept(submission("a", 0), 0);
        small.accept(submission("b", 0), 0);
        assertThat(small.objection(submission("c", 0))).isEmpty();
        small.accept(submission("c", 0), 0);
        assertThat(small.objection(submission("d", 0)).orElseThrow()).contains("memory");
    }

    @Test
    void what_the_journal_tells_is_what_was_saved() {
        LedgerTask running = ledger.accept(timer("timer:t", 100, 0, 9), 0);
        assertThat(ledger.nextDue(100)).isSameAs(running);
        ledger.fire(running);
        LedgerTask dead = ledger.accept(submission("d", 0), 0);
        for (int i = 0; i < 5; i++) {
            ledger.failed(dead, "bad", 0);
        }
        LedgerTask done = ledger.accept(submission("c", 0), 0);
        ledger.complete(done, "7".getBytes(StandardCharsets.UTF_8), 50);
        Ledger other = ledger(WorkSettings.DEFAULT);
        TaskRecords records = new TaskRecords();
        for (LedgerTask task : List.of(running, dead, done)) {
            records.write(task);
            other.replay(TaskRecords.read(records.line(), 0, records.size()));
            // Twice is as good as once.
            other.replay(TaskRecords.read(records.line(), 0, records.size()));
        }
        assertThat(other.live()).isEqualTo(2);
        assertThat(other.find("timer:t")).satisfies(task -> {
            assertThat(task.fired).isTrue();
            assertThat(task.extras().token()).isEqualTo(9);
        });
        assertThat(other.find("d")).satisfies(task -> assertThat(task.state).isEqualTo(TaskState.DEAD));
        assertThat(other.find("c")).satisfies(task -> {
            assertThat(task.state).isEqualTo(TaskState.COMPLETED);
            assertThat(new String(task.payload, StandardCharsets.UTF_8)).isEqualTo("7");
        });
        assertThat(other.bytes()).isEqualTo(ledger.bytes());
    }

    @Test
    void a_timer_that_was_set_anew_is_of_its_new_type() {
        Ledger other = ledger(WorkSettings.DEFAULT);
        TaskRecords records = new TaskRecords();
        for (String type : List.of("first", "second")) {
            byte[] payload = "1".getBytes(StandardCharsets.UTF_8);
            long token = type.length();
            Submission set = new Submission("timer:t", type, 100, 0, Rules.DEFAULT, "", 0, token, payload);
            records.write(ledger.accept(set, 0));
            other.replay(TaskRecords.read(records.line(), 0, records.size()));
        }
        assertThat(other.find("timer:t").kind.name).isEqualTo("second");
        assertThat(other.kind("first").tasks).isZero();
        assertThat(other.kind("second").tasks).isEqualTo(1);
    }

    private static Submission submission(String id, long delay) {
        return new Submission(id, "any", delay, 0, Rules.DEFAULT, "", 0, 0, "1".getBytes(StandardCharsets.UTF_8));
    }

    private static Submission timer(String id, long delay, long period, long token) {
        return new Submission(
                id, "any", delay, 0, Rules.DEFAULT, "", period, token, "1".getBytes(StandardCharsets.UTF_8));
    }
}
