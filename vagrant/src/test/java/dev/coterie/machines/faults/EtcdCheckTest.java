package dev.coterie.machines.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coterie.machines.faults.EtcdCheck.KeyState;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What must not be in etcd at any revision is found there. */
class EtcdCheckTest {

    private final EtcdCheck check = new EtcdCheck(1);

    private static KeyState member(String id, long lease) {
        return new KeyState("services/" + id, "{\"id\":\"" + id + "\",\"port\":1}", lease, false);
    }

    private static KeyState master(int slot, String id, long lease) {
        return new KeyState("masters/" + slot, "{\"node\":\"" + id + "\"}", lease, false);
    }

    private static KeyState gone(String name) {
        return new KeyState(name, "", 0, true);
    }

    @Test
    void a_member_becomes_master_and_both_keys_go_at_once() {
        check.revision(2, List.of(member("A", 7)));
        check.revision(3, List.of(member("B", 8)));
        check.revision(4, List.of(master(0, "A", 7)));
        check.revision(5, List.of(gone("services/A"), gone("masters/0")));
        check.revision(6, List.of(master(0, "B", 8)));
        assertThat(check.violations()).isEmpty();
    }

    @Test
    void a_master_whose_registration_is_gone_is_found() {
        check.revision(2, List.of(member("A", 7)));
        check.revision(3, List.of(master(0, "A", 7)));
        check.revision(4, List.of(gone("services/A")));
        assertThat(check.violations()).singleElement().asString().contains("no member");
    }

    @Test
    void a_master_on_the_lease_of_an_earlier_session_is_found() {
        check.revision(2, List.of(member("A", 9)));
        check.revision(3, List.of(master(0, "A", 7)));
        assertThat(check.violations()).singleElement().asString().contains("no member");
    }

    @Test
    void more_masters_than_slots_are_found() {
        check.revision(2, List.of(member("A", 7), master(0, "A", 7)));
        check.revision(3, List.of(master(1, "A", 7)));
        assertThat(check.violations()).singleElement().asString().contains("2 masters");
    }

    @Test
    void a_term_that_does_not_grow_is_found() {
        check.revision(5, List.of(member("A", 7), master(0, "A", 7)));
        check.revision(4, List.of(master(0, "A", 7)));
        assertThat(check.violations()).singleElement().asString().contains("does not grow");
    }

    @Test
    void what_was_not_seen_is_not_held_against_it() {
        check.revision(2, List.of(member("A", 7)));
        check.revision(3, List.of(master(0, "A", 7)));
        check.missed();
        check.revision(9, List.of(member("B", 8)));
        assertThat(check.violations()).isEmpty();
    }
}
