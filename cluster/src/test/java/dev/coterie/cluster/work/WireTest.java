package dev.coterie.cluster.work;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.Test;

class WireTest {

    @Test
    void what_is_written_is_read() {
        WireWriter writer = new WireWriter();
        writer.verb((byte) 7).number(0).number(127).number(128).number(Long.MAX_VALUE);
        writer.name("multiply").text("größer").bytes(new byte[] {1, 2, 3});
        WireReader reader = new WireReader(writer.take());
        assertThat(reader.verb()).isEqualTo((byte) 7);
        assertThat(reader.number()).isZero();
        assertThat(reader.number()).isEqualTo(127);
        assertThat(reader.number()).isEqualTo(128);
        assertThat(reader.number()).isEqualTo(Long.MAX_VALUE);
        assertThat(reader.name()).isEqualTo("multiply");
        assertThat(reader.text()).isEqualTo("größer");
        assertThat(reader.bytes()).containsExactly(1, 2, 3);
        assertThat(reader.hasMore()).isFalse();
    }

    @Test
    void submissions_plain_and_full_are_read_as_they_were_written() {
        byte[] payload = {'1'};
        Submission plain = new Submission("a", "t", 0, 0, Rules.DEFAULT, "", 0, 0, payload);
        Submission full = new Submission("b", "t", -1, 99, new Rules(1, 2, 3, 4), "key", 5, 6, payload);
        for (Submission one : new Submission[] {plain, full}) {
            WireWriter writer = new WireWriter();
            one.write(writer);
            WireReader reader = new WireReader(writer.take());
            assertThat(reader.verb()).isEqualTo(Verbs.SUBMIT);
            assertThat(Submission.read(reader)).usingRecursiveComparison().isEqualTo(one);
        }
    }

    @Test
    void nonsense_is_refused_and_nothing_else_happens() {
        Random random = new Random(3);
        for (int i = 0; i < 10_000; i++) {
            byte[] nonsense = new byte[random.nextInt(40)];
            random.nextBytes(nonsense);
            WireReader reader = new WireReader(nonsense);
            try {
                while (reader.hasMore()) {
                    Submission unused = Submission.read(reader);
                }
            } catch (IllegalArgumentException refused) {
                assertThat(refused).hasMessageNotContaining("null");
            }
        }
        assertThatThrownBy(() -> new WireReader(new byte[] {(byte) 0xff}).number())
                .hasMessageContaining("ends in the middle");
    }
}
