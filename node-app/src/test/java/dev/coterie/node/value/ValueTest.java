package dev.coterie.node.value;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ValueTest {

    @ParameterizedTest
    @CsvSource({"500ms,500", "120s,120000", "10m,600000", "2h,7200000", "0s,0"})
    void a_duration_is_a_number_and_a_unit(String text, long millis) {
        assertThat(DurationText.parse(text)).isEqualTo(Duration.ofMillis(millis));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "10", "s", "1.5s", "-1s", "1 s", "10sec", "1m30s", "99999999999s", "5d", "PT5S"})
    void anything_else_is_refused_with_an_example(String text) {
        assertThatThrownBy(() -> DurationText.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("such as 500ms, 120s, 10m or 2h");
    }

    @ParameterizedTest
    @ValueSource(strings = {"500ms", "1500ms", "0s", "120s", "10m", "2h", "3601s"})
    void a_duration_is_written_as_it_is_read(String text) {
        assertThat(DurationText.of(DurationText.parse(text))).isEqualTo(text);
    }

    @Test
    void ranges_are_read_as_they_are_written() {
        assertThat(DurationRange.parse("1s..15s"))
                .isEqualTo(new DurationRange(Duration.ofSeconds(1), Duration.ofSeconds(15)))
                .hasToString("1s..15s");
        assertThat(DurationRange.parse("2s")).hasToString("2s..2s");
        assertThat(IntRange.parse("30..60")).isEqualTo(new IntRange(30, 60)).hasToString("30..60");
        assertThat(IntRange.parse("-7")).isEqualTo(new IntRange(-7, -7));
    }

    @ParameterizedTest
    @ValueSource(strings = {"15s..1s", "1s..", "..1s", "1s-15s", "1s..2s..3s", "1..15"})
    void malformed_duration_ranges_are_refused(String text) {
        assertThatThrownBy(() -> DurationRange.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("such as");
    }

    @ParameterizedTest
    @ValueSource(strings = {"60..30", "30..", "..60", "30-60", "a..b", "30...60", "12345678901"})
    void malformed_number_ranges_are_refused(String text) {
        assertThatThrownBy(() -> IntRange.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("such as 30..60");
    }

    @Test
    void both_ends_of_a_range_are_picked() {
        Random random = new Random(1);

        assertThat(IntStream.range(0, 1_000).mapToObj(i -> new IntRange(30, 33).pick(random)))
                .containsOnly(30, 31, 32, 33);
        assertThat(IntStream.range(0, 1_000)
                        .mapToObj(i -> DurationRange.parse("1ms..2ms").pick(random)))
                .containsOnly(Duration.ofMillis(1), Duration.ofMillis(2));
    }
}
