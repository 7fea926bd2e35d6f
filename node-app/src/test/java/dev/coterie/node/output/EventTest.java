package dev.coterie.node.output;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventTest {

    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

    @Test
    void an_event_is_one_line_of_json_with_event_node_and_time_in_utc_and_milliseconds() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("uuid", "u\n1");
        fields.put("number", 42);

        assertThat(new Event("task", "a-id", NOON, fields).json())
                .isEqualTo("{\"event\":\"task\",\"uuid\":\"u\\n1\",\"number\":42,\"node\":\"a-id\","
                        + "\"time\":\"2026-01-01T12:00:00.000Z\"}");
    }

    @Test
    void what_was_written_can_be_read() {
        Event event = new Event("result", "a", NOON, Map.of("right", true, "number", 7, "list", List.of("x")));

        assertThat(Event.parse(event.json())).contains(event);
        assertThat(event.flag("right")).isTrue();
        assertThat(event.number("number")).isEqualTo(7);
        assertThat(event.list("list").size()).isEqualTo(1);
        assertThat(event.text("absent")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "hello",
                "[]",
                "{}",
                "{\"event\":\"x\",\"node\":\"y\"}",
                "{\"event\":\"x\",\"node\":\"y\",\"time\":\"noon\"}",
                "{\"event\":null,\"node\":\"y\",\"time\":\"2026-01-01T12:00:00.000Z\"}"
            })
    void anything_else_is_no_event(String line) {
        assertThat(Event.parse(line)).isEmpty();
    }

    @Test
    void a_node_is_called_by_its_id_without_the_uuid() {
        assertThat(Event.name("silent-river-0f8fad5b-d9cb-469f-a165-70867728950e"))
                .isEqualTo("silent-river");
        assertThat(Event.name("demo")).isEqualTo("demo");
    }
}
