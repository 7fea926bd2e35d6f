package dev.coterie.node;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class LogEncoderTest {

    @AfterEach
    void forget() {
        LogEncoder.of(() -> LogEncoder.Whose.NOBODY);
    }

    @Test
    void a_line_for_people_names_the_node_and_its_term() {
        assertThat(line(false, false)).matches("\\d\\d:\\d\\d:\\d\\d WARN  a message of one\n");
        LogEncoder.of(() -> new LogEncoder.Whose("alpha", 0));
        assertThat(line(false, false)).contains("WARN  alpha a message");
        LogEncoder.of(() -> new LogEncoder.Whose("alpha", 7));
        assertThat(line(false, false)).contains("WARN  alpha@7 a message").doesNotContain("IllegalState");
        assertThat(line(false, true)).contains("[loop] Some: a message of one\njava.lang.IllegalStateException: oops");
    }

    @Test
    void json_is_one_object_with_all_there_is() {
        LogEncoder.of(() -> new LogEncoder.Whose("alpha", 7));
        String line = line(true, false);
        JsonNode json = JsonMapper.builder().build().readTree(line);

        assertThat(line.lines()).hasSize(1);
        assertThat(json.path("node").asString()).isEqualTo("alpha");
        assertThat(json.path("term").asLong()).isEqualTo(7);
        assertThat(json.path("level").asString()).isEqualTo("WARN");
        assertThat(json.path("logger").asString()).isEqualTo("dev.coterie.Some");
        assertThat(json.path("message").asString()).isEqualTo("a message of one");
        assertThat(json.path("exception").asString()).contains("IllegalStateException: oops");
        assertThat(json.path("time").asString()).isEqualTo("1970-01-01T00:00:01.000Z");
    }

    private static String line(boolean json, boolean full) {
        LoggerContext context = new LoggerContext();
        LoggingEvent event = new LoggingEvent(
                LogEncoderTest.class.getName(),
                context.getLogger("dev.coterie.Some"),
                Level.WARN,
                "a message of {}",
                new IllegalStateException("oops"),
                new Object[] {"one"});
        event.setThreadName("loop");
        event.setInstant(java.time.Instant.ofEpochSecond(1));
        return new String(new LogEncoder(json, full).encode(event), StandardCharsets.UTF_8);
    }
}
