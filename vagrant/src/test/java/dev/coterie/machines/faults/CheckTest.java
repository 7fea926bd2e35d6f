package dev.coterie.machines.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coterie.machines.faults.Happening.Kind;
import dev.coterie.machines.faults.History.Trouble;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Each rule finds what breaks it, and only that: a check that cannot fail proves nothing. */
class CheckTest {

    private final List<Happening> happenings = new ArrayList<>();
    private final List<Trouble> troubles = new ArrayList<>();
    private Map<String, Long> lastTerm = Map.of();

    private CheckTest at(String process, Kind kind, String id, String text, long number) {
        happenings.add(new Happening(process, 1000L * happenings.size(), kind, id, text, number));
        return this;
    }

    private CheckTest at(String process, Kind kind, String id) {
        return at(process, kind, id, "", 0);
    }

    private CheckTest at(String process, Kind kind, String id, String text) {
        return at(process, kind, id, text, 0);
    }

    private void holds() {
        assertThat(history().violations()).isEmpty();
    }

    private void breaks(String what) {
        assertThat(history().violations()).singleElement().asString().contains(what);
    }

    private History history() {
        return new History(happenings, troubles, lastTerm);
    }

    // --- Tasks ------------------------------------------------------------------------------------------------------

    private CheckTest task() {
        return at("A.1", Kind.SUBMIT, "t")
                .at("A.1", Kind.ACCEPTED, "t")
                .at("B.1", Kind.RAN, "t", "B:1")
                .at("A.1", Kind.RESULT, "t", "B:1");
    }

    @Test
    void a_task_may_run_twice_and_has_the_result_of_one_run() {
        task().at("C.1", Kind.RAN, "t", "C:1")
                .at("B.1", Kind.ANSWERED, "t", "B:1")
                .holds();
    }

    @Test
    void a_task_that_was_accepted_and_forgotten_is_found() {
        at("A.1", Kind.SUBMIT, "t")
                .at("A.1", Kind.ACCEPTED, "t")
                .at("B.1", Kind.RAN, "t", "B:1")
                .breaks("has no result");
    }

    @Test
    void a_task_that_nobody_has_acknowledged_may_be_forgotten() {
        at("A.1", Kind.SUBMIT, "t").at("B.1", Kind.RAN, "t", "B:1").holds();
    }

    @Test
    void a_second_result_is_found() {
        task().at("C.1", Kind.RAN, "t", "C:1")
                .at("B.1", Kind.ANSWERED, "t", "C:1")
                .breaks("several results");
    }

    @Test
    void a_result_of_no_run_is_found() {
        at("A.1", Kind.ACCEPTED, "t")
                .at("B.1", Kind.RAN, "other", "B:1")
                .at("A.1", Kind.RESULT, "t", "B:1")
                .breaks("no run of it had");
    }

    @Test
    void a_task_that_was_refused_and_run_is_found() {
        at("A.1", Kind.SUBMIT, "t")
                .at("A.1", Kind.FAILED, "t", "REFUSED: full")
                .at("B.1", Kind.RAN, "t", "B:1")
                .breaks("was refused and run");
    }

    @Test
    void a_task_that_fails_is_found_unless_its_outcome_is_unknown() {
        at("A.1", Kind.SUBMIT, "t").at("A.1", Kind.FAILED, "t", "UNTOLD: left").holds();
        at("A.1", Kind.FAILED, "t", "DEAD: tried five times").breaks("no handler here ever fails");
    }

    // --- Timers -----------------------------------------------------------------------------------------------------

    private CheckTest timer() {
        return at("A.1", Kind.SET, "m", "", 10).at("A.1", Kind.WAS_SET, "m");
    }

    @Test
    void a_timer_fires_or_is_cleared() {
        timer().at("B.1", Kind.FIRED, "m").holds();
        happenings.clear();
        timer().at("B.1", Kind.CLEAR, "m")
                .at("B.1", Kind.CLEARED, "m", "CLEARED")
                .holds();
        happenings.clear();
        timer().at("B.1", Kind.CLEAR, "m")
                .at("B.1", Kind.NOT_CLEARED, "m", "nobody answers")
                .holds();
    }

    @Test
    void a_timer_that_never_fires_is_found() {
        timer().breaks("did not fire");
    }

    @Test
    void a_timer_that_fires_although_it_was_cleared_is_found() {
        timer().at("B.1", Kind.CLEAR, "m")
                .at("B.1", Kind.CLEARED, "m", "CLEARED")
                .at("C.1", Kind.FIRED, "m")
                .breaks("was cleared and fired");
    }

    @Test
    void a_timer_that_is_only_said_to_have_fired_is_found() {
        timer().at("B.1", Kind.CLEAR, "m").at("B.1", Kind.CLEARED, "m", "FIRED").breaks("and has not");
    }

    @Test
    void a_timer_that_was_set_and_is_not_known_is_found() {
        timer().at("B.1", Kind.CLEAR, "m")
                .at("B.1", Kind.CLEARED, "m", "UNKNOWN")
                .breaks("is not known");
    }

    // --- Messages ---------------------------------------------------------------------------------------------------

    private CheckTest sent(long... numbers) {
        for (long number : numbers) {
            at("A.1", Kind.SENT, "", "", number);
        }
        return this;
    }

    private CheckTest heard(long... numbers) {
        for (long number : numbers) {
            at("B.1", Kind.HEARD, "A.1", "A-session", number);
        }
        return this;
    }

    @Test
    void messages_come_in_order_and_once() {
        sent(1, 2, 3).heard(1, 2, 3).holds();
    }

    @Test
    void a_message_that_comes_twice_is_found() {
        sent(1, 2).heard(1, 2, 2).breaks("twice or out of order");
    }

    @Test
    void messages_out_of_order_are_found() {
        troubles.add(new Trouble("any", 0, Long.MAX_VALUE));
        sent(1, 2, 3).heard(1, 3, 2).breaks("twice or out of order");
    }

    @Test
    void a_message_that_nobody_sent_is_found() {
        sent(1).heard(1, 2).breaks("never sent");
    }

    @Test
    void a_message_may_be_lost_only_in_times_of_trouble_or_if_that_was_said() {
        sent(1, 2, 3).heard(1, 3).breaks("was lost");
        troubles.add(new Trouble("cut", 2000, 2500));
        holds();
        troubles.clear();
        troubles.add(new Trouble("cut", 6000, 7000));
        breaks("was lost");
        at("A.1", Kind.MISSED, "", "", 2).holds();
    }

    // --- Masters ----------------------------------------------------------------------------------------------------

    @Test
    void masters_write_one_after_the_other() {
        at("A.1", Kind.PROMOTED, "0", "5")
                .at("A.1", Kind.WROTE, "0", "5", 6)
                .at("A.1", Kind.DEMOTED, "0", "5")
                .at("B.1", Kind.PROMOTED, "0", "9")
                .at("B.1", Kind.WROTE, "0", "9", 10)
                // Told late, but written before.
                .at("A.1", Kind.WROTE, "0", "5", 8)
                .holds();
        assertThat(history().termsSoFar()).isEqualTo(Map.of("0", 9L));
    }

    @Test
    void an_old_master_that_writes_after_the_new_one_is_found() {
        at("B.1", Kind.WROTE, "0", "9", 10).at("A.1", Kind.WROTE, "0", "5", 11).breaks("a later term");
    }

    @Test
    void a_term_before_those_of_an_earlier_history_is_found() {
        lastTerm = Map.of("0", 7L);
        at("A.1", Kind.WROTE, "0", "5", 11).breaks("a later term");
    }

    @Test
    void a_write_before_its_term_is_found() {
        at("A.1", Kind.WROTE, "0", "5", 4).breaks("before its term");
    }

    @Test
    void a_term_of_two_processes_is_found() {
        at("A.1", Kind.PROMOTED, "0", "5").at("B.1", Kind.WROTE, "0", "5", 6).breaks("belongs to");
    }

    @Test
    void being_promoted_or_demoted_twice_is_found() {
        at("A.1", Kind.HOLDS, "0", "5").at("A.1", Kind.PROMOTED, "0", "7").breaks("while it was master");
        happenings.clear();
        at("A.1", Kind.HOLDS, "0", "5")
                .at("A.1", Kind.DEMOTED, "0", "5")
                .at("A.1", Kind.DEMOTED, "0", "5")
                .breaks("did not hold");
    }

    // --- Events -----------------------------------------------------------------------------------------------------

    @Test
    void events_add_up_to_the_view() {
        at("A.1", Kind.MEMBERS, "B-1")
                .at("A.1", Kind.ADDED, "C-1")
                .at("A.1", Kind.VIEW, "B-1,C-1")
                .at("A.1", Kind.REMOVED, "B-1")
                .at("A.1", Kind.VIEW, "C-1")
                .holds();
    }

    @Test
    void what_was_told_before_the_history_began_is_no_matter() {
        at("A.1", Kind.REMOVED, "B-0")
                .at("A.1", Kind.MEMBERS, "B-1")
                .at("A.1", Kind.VIEW, "B-1")
                .holds();
    }

    @Test
    void a_member_that_comes_twice_is_found() {
        at("A.1", Kind.MEMBERS, "B-1").at("A.1", Kind.ADDED, "B-1").breaks("told twice");
    }

    @Test
    void a_member_that_goes_without_having_been_there_is_found() {
        at("A.1", Kind.MEMBERS, "").at("A.1", Kind.REMOVED, "B-1").breaks("was not there");
    }

    @Test
    void an_event_that_is_missing_is_found() {
        at("A.1", Kind.MEMBERS, "B-1").at("A.1", Kind.VIEW, "B-1,C-1").breaks("add up to");
    }

    @Test
    void a_session_is_lost_and_there_again_in_turn() {
        at("A.1", Kind.REJOINED, "A-2")
                .at("A.1", Kind.LOST, "")
                .at("A.1", Kind.REJOINED, "A-3")
                .holds();
        at("A.1", Kind.REJOINED, "A-4").breaks("twice in a row");
    }

    // --- Services ---------------------------------------------------------------------------------------------------

    @Test
    void services_add_up_to_what_is_used() {
        at("A.1", Kind.SERVICES, "b@B=B.1-1")
                .at("B.1", Kind.OFFER, "B.1-2", "ready")
                .at("A.1", Kind.CHANGED, "b@B", "B.1-2")
                .at("A.1", Kind.USABLE, "c@C", "C.1-7")
                .at("A.1", Kind.USES, "B.1-2,C.1-7")
                .at("A.1", Kind.UNUSABLE, "b@B", "B.1-2")
                .at("A.1", Kind.USES, "C.1-7")
                .holds();
    }

    @Test
    void a_service_that_is_used_without_a_word_is_found() {
        at("A.1", Kind.SERVICES, "").at("A.1", Kind.USES, "B.1-2").breaks("adds up to");
    }

    @Test
    void a_service_that_comes_twice_is_found() {
        at("A.1", Kind.SERVICES, "b@B=B.1-1")
                .at("A.1", Kind.USABLE, "b@B", "B.1-2")
                .breaks("there already");
    }

    @Test
    void a_service_that_changes_or_goes_without_having_been_there_is_found() {
        at("A.1", Kind.SERVICES, "").at("A.1", Kind.CHANGED, "b@B", "B.1-2").breaks("not there");
        happenings.clear();
        at("A.1", Kind.SERVICES, "").at("A.1", Kind.UNUSABLE, "b@B", "B.1-2").breaks("not there");
    }

    @Test
    void a_service_that_is_used_though_not_ready_is_found() {
        at("B.1", Kind.OFFER, "B.1-2", "not ready")
                .at("A.1", Kind.SERVICES, "")
                .at("A.1", Kind.USABLE, "b@B", "B.1-2")
                .breaks("not ready");
    }

    @Test
    void what_a_service_said_before_is_found_where_it_comes_after() {
        at("A.1", Kind.SERVICES, "")
                .at("A.1", Kind.USABLE, "b@B", "B.1-10")
                .at("A.1", Kind.CHANGED, "b@B", "B.1-9")
                .breaks("said before");
    }

    @Test
    void what_happens_is_read_as_it_was_written() {
        Happening one = new Happening("A.1", 5, Kind.SENT, "", "\"quoted\"\n", 7);
        assertThat(Happening.read(one.write())).isEqualTo(one);
        assertThat(one.write()).doesNotContain("\n");
    }
}
