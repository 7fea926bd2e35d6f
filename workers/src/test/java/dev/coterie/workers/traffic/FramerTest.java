package dev.coterie.workers.traffic;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FramerTest {

    @ParameterizedTest
    @EnumSource(names = {"LINES", "LENGTH"})
    void pieces_are_the_same_however_they_arrive(Framing framing) {
        Random random = new Random(7);
        for (int round = 0; round < 200; round++) {
            List<String> sent = random.ints(random.nextInt(10), 0, 200)
                    .mapToObj("x"::repeat)
                    .toList();
            byte[] stream = stream(framing, sent);
            Framer framer = new Framer(framing);
            List<String> cut = new ArrayList<>();
            int at = 0;
            while (at < stream.length) {
                int count = Math.min(stream.length - at, 1 + random.nextInt(150));
                framer.feed(ByteBuffer.wrap(stream, at, count)).forEach(piece -> cut.add(new String(piece, UTF_8)));
                at += count;
            }
            assertThat(cut).isEqualTo(sent);
            assertThat(framer.end()).isEmpty();
        }
    }

    @Test
    void raw_data_are_passed_as_they_arrive() {
        Framer framer = new Framer(Framing.RAW);
        assertThat(framer.feed(ByteBuffer.wrap(new byte[] {1, 2}))).containsExactly(new byte[] {1, 2});
        assertThat(framer.feed(ByteBuffer.allocate(0))).isEmpty();
    }

    @Test
    void a_last_line_needs_no_end_and_a_length_that_is_not_reached_is_no_piece() {
        Framer lines = new Framer(Framing.LINES);
        assertThat(lines.feed(ByteBuffer.wrap("a\nb".getBytes(UTF_8)))).hasSize(1);
        assertThat(lines.end()).hasValueSatisfying(last -> assertThat(last).isEqualTo(new byte[] {'b'}));

        Framer lengths = new Framer(Framing.LENGTH);
        lengths.feed(ByteBuffer.wrap(new byte[] {0, 0, 0, 5, 'a'}));
        assertThat(lengths.end()).isEmpty();
    }

    @Test
    void what_is_too_long_is_refused() {
        Framer lengths = new Framer(Framing.LENGTH);
        assertThatThrownBy(() -> lengths.feed(
                        ByteBuffer.allocate(4).putInt(Framing.MOST_BYTES + 1).flip()))
                .isInstanceOf(IllegalArgumentException.class);
        Framer lines = new Framer(Framing.LINES);
        assertThatThrownBy(() -> lines.feed(ByteBuffer.allocate(Framing.MOST_BYTES + 100)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static byte[] stream(Framing framing, List<String> pieces) {
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        for (String piece : pieces) {
            byte[] bytes = piece.getBytes(UTF_8);
            if (framing == Framing.LENGTH) {
                stream.writeBytes(ByteBuffer.allocate(4).putInt(bytes.length).array());
                stream.writeBytes(bytes);
            } else {
                stream.writeBytes(bytes);
                stream.writeBytes("\r\n".getBytes(UTF_8));
            }
        }
        return stream.toByteArray();
    }
}
