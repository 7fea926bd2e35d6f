package dev.coterie.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coterie.cluster.Observer.Sight;
import dev.coterie.cluster.discovery.Member;
import dev.coterie.cluster.discovery.View;
import dev.coterie.cluster.election.Holding;
import dev.coterie.cluster.membership.MemberRecord;
import dev.coterie.cluster.store.Change;
import dev.coterie.cluster.store.Entry;
import dev.coterie.node.KeyStory.Told;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class KeyStoryTest {

    private static final String A = "a-00000000-0000-0000-0000-000000000001";
    private static final String B = "b-00000000-0000-0000-0000-000000000002";

    private final KeyStory story = new KeyStory("p/");

    @Test
    void members_come_change_are_replaced_and_go() {
        assertThat(events(put("p/services/10.0.0.1", member(A, 22222)))).containsExactly("added " + A);
        assertThat(events(put("p/services/10.0.0.1", member(A, 22222)))).isEmpty();
        assertThat(events(put("p/services/10.0.0.1", MemberRecord.write(read(A).withInfo(Map.of("load", 1))))))
                .containsExactly("updated " + A);
        assertThat(events(put("p/services/10.0.0.1", member(B, 22222)))).containsExactly("removed " + A, "added " + B);
        assertThat(events(new Change.Deleted("p/services/10.0.0.1", 9))).containsExactly("removed " + B);
    }

    @Test
    void a_member_that_went_without_being_known_is_told_by_its_place() {
        assertThat(story.of(new Change.Deleted("p/services/10.0.0.9:5", 9)))
                .singleElement()
                .extracting(Told::words)
                .isEqualTo("- 10.0.0.9:5 has gone");
    }

    @Test
    void a_master_comes_and_leaves_its_slot() {
        assertThat(story.of(put(
                        "p/masters/0",
                        ("{\"node\":\"" + A + "\",\"how\":\"handed over by " + B + "\"}")
                                .getBytes(StandardCharsets.UTF_8))))
                .singleElement()
                .extracting(Told::words)
                .isEqualTo("a IS MASTER of slot 0 in term 7, handed over by b");
        assertThat(story.of(new Change.Deleted("p/masters/0", 9)))
                .singleElement()
                .extracting(Told::words)
                .isEqualTo("slot 0 is free: a has left it");
    }

    @Test
    void a_later_look_tells_what_was_missed_and_nothing_else() {
        Holding held = new Holding(0, A, "10.0.0.1:22222", 7, null, "");
        Sight first = new Sight(new View(1, List.of(read(A))), List.of(held));

        assertThat(story.present(first)).extracting(Told::event).containsExactly("added", "master");
        assertThat(story.present(first)).isEmpty();
        assertThat(story.present(new Sight(new View(2, List.of()), List.of(held))))
                .extracting(Told::event)
                .containsExactly("removed");
        assertThat(events(new Change.Deleted("p/services/10.0.0.1", 9))).hasSize(1);
    }

    @Test
    void channels_tasks_timers_and_other_keys_are_told_each_as_its_own_kind() {
        assertThat(story.of(put("p/channels/news/" + A, new byte[0])))
                .singleElement()
                .extracting(Told::words)
                .isEqualTo("a has joined channel news");
        assertThat(story.of(new Change.Deleted("p/channels/news/" + A, 9)))
                .singleElement()
                .extracting(Told::words)
                .isEqualTo("a has left channel news");
        String segment = """
                {"task":"one","type":"multiply","due":1,"payload":14}
                {"task":"timer:tick","type":"ring","due":1,"payload":null}
                {"task":"bad","type":"multiply","due":1,"dead":1,"failures":5,"cause":"no luck","payload":1}
                {"done":"one","type":"multiply","at":2,"result":42}
                {"cancelled":"timer:tick","type":"ring","at":2}
                not ours
                """;
        assertThat(story.of(put("p/journal/tasks/1", segment.getBytes(StandardCharsets.UTF_8))))
                .extracting(Told::words)
                .containsExactly(
                        "task one (multiply) is accepted",
                        "timer tick (ring) is set",
                        "task bad (multiply) is dead: no luck",
                        "task one (multiply) is done",
                        "timer tick (ring) is cleared");
        assertThat(story.of(put(
                        "p/journal/tasks/2",
                        "{\"done\":\"one\",\"type\":\"multiply\",\"at\":2,\"result\":42}"
                                .getBytes(StandardCharsets.UTF_8))))
                .as("written again by the cleaner")
                .isEmpty();
        assertThat(story.of(put("p/switches/x", "on".getBytes(StandardCharsets.UTF_8))))
                .singleElement()
                .extracting(Told::words)
                .isEqualTo("switches/x was written: on");
        assertThat(story.of(put("other", new byte[0])))
                .as("not below the prefix")
                .isEmpty();
    }

    private List<String> events(Change change) {
        return story.of(change).stream()
                .map(told -> told.event() + " " + told.fields().map().get("id"))
                .toList();
    }

    private static Change put(String key, byte[] value) {
        return new Change.Written(new Entry(key, value, 7, 7, 1, 0));
    }

    private static byte[] member(String id, int port) {
        return MemberRecord.write(read(id, port));
    }

    private static Member read(String id) {
        return read(id, 22222);
    }

    private static Member read(String id, int port) {
        return new Member(
                id, id.substring(0, 1), "host", "10.0.0.1", port, 0, true, Map.of(), List.of(), Instant.EPOCH, "1");
    }
}
