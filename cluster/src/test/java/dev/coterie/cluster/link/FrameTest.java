package dev.coterie.cluster.link;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class FrameTest {

    private final SendQueue queue = new SendQueue(64 << 20);
    private final FrameWriter writer = new FrameWriter();
    private final FrameReader reader = new FrameReader();

    @Test
    void what_goes_in_comes_out_whatever_its_size_and_subject() {
        Random random = new Random(20261123);
        List<Message> sent = new ArrayList<>();
        for (int i = 0; i < 5_000; i++) {
            byte[] payload = new byte[random.nextInt(100) == 0 ? random.nextInt(200_000) : random.nextInt(200)];
            random.nextBytes(payload);
            String subject = random.nextBoolean() ? "tasks" : "grüße-" + random.nextInt(3);
            sent.add(new Message((byte) random.nextInt(128), subject, random.nextLong(), payload));
        }
        sent.add(new Message((byte) 127, "€".repeat(85), Long.MIN_VALUE, new byte[Message.MAX_PAYLOAD]));
        sent.add(new Message((byte) 0, "", 0, new byte[0]));

        List<Message> read = new ArrayList<>();
        int next = 0;
        while (next < sent.size()) {
            while (next < sent.size() && queue.offer(sent.get(next))) {
                next++;
            }
            for (ByteBuffer frame = nextFrame(); frame != null; frame = nextFrame()) {
                assertThat(frame.remaining()).isLessThanOrEqualTo(FrameWriter.MOST_BYTES);
                read.addAll(reader.read(copy(frame)));
            }
        }

        assertThat(read).hasSameSizeAs(sent);
        for (int i = 0; i < sent.size(); i++) {
            assertThat(same(read.get(i), sent.get(i))).as("message " + i).isTrue();
        }
    }

    private static boolean same(Message one, Message other) {
        return one.kind() == other.kind()
                && one.subject().equals(other.subject())
                && one.id() == other.id()
                && Arrays.equals(one.payload(), other.payload());
    }

    private @Nullable ByteBuffer nextFrame() {
        writer.shrink();
        ByteBuffer frame = writer.next(queue);
        queue.release(writer.taken());
        return frame;
    }

    @Test
    void a_frame_takes_all_that_waits_up_to_its_bounds() {
        for (int i = 0; i < 2_500; i++) {
            queue.offer(new Message(Kinds.CHANNEL, "a", i, new byte[0]));
        }
        assertThat(messagesInNextFrame()).isEqualTo(1024);
        assertThat(messagesInNextFrame()).isEqualTo(1024);
        assertThat(messagesInNextFrame()).isEqualTo(452);
        assertThat(writer.next(queue)).isNull();

        for (int i = 0; i < 5; i++) {
            queue.offer(new Message(Kinds.CHANNEL, "a", i, new byte[15_000]));
        }
        assertThat(messagesInNextFrame()).isEqualTo(3);
        assertThat(messagesInNextFrame()).isEqualTo(2);
    }

    private int messagesInNextFrame() {
        ByteBuffer frame = writer.next(queue);
        return frame == null ? 0 : reader.read(copy(frame)).size();
    }

    @Test
    void a_subject_that_repeats_is_one_string_in_memory() {
        queue.offer(new Message(Kinds.CHANNEL, "tasks", 1, new byte[0]));
        queue.offer(new Message(Kinds.CHANNEL, new String("tasks".getBytes(UTF_8), UTF_8), 2, new byte[0]));
        ByteBuffer frame = writer.next(queue);

        assertThat(frame).isNotNull();
        List<Message> read = reader.read(copy(frame));
        assertThat(read.get(1).subject())
                .isEqualTo("tasks")
                .isSameAs(read.get(0).subject());
    }

    @Test
    void every_frame_that_is_cut_off_or_goes_on_too_long_is_malformed() {
        queue.offer(new Message(Kinds.CHANNEL, "tasks", 1, new byte[10]));
        ByteBuffer frame = writer.next(queue);
        assertThat(frame).isNotNull();
        byte[] whole = copy(frame).array();

        for (int length = 0; length < whole.length; length++) {
            assertMalformed(ByteBuffer.wrap(whole, 0, length).slice());
        }
        assertMalformed(ByteBuffer.allocate(whole.length + 1).put(whole).rewind());
    }

    @Test
    void lengths_kinds_and_subjects_out_of_bounds_are_malformed() {
        assertMalformed(header(-1, 0, 0));
        assertMalformed(header(1, 0, -1));
        assertMalformed(header(1, 0, Integer.MAX_VALUE));
        assertMalformed(header(1, 0, Message.MAX_PAYLOAD + 1));
        assertMalformed(header(1, 255, Integer.MIN_VALUE));
        assertMalformed(ByteBuffer.allocate(16)
                .put(header(1, 2, 0))
                .put((byte) 0xC3)
                .put((byte) 0x28)
                .flip());
        assertMalformed(ByteBuffer.allocate(1025 * FrameWriter.HEADER));
    }

    @Test
    void random_bytes_are_read_or_refused_but_never_anything_else() {
        Random random = new Random(4711);
        int read = 0;
        int malformed = 0;
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = new byte[random.nextInt(60)];
            random.nextBytes(bytes);
            if (bytes.length >= FrameWriter.HEADER && random.nextBoolean()) {
                ByteBuffer.wrap(bytes).put(1, (byte) 0).putInt(10, bytes.length - FrameWriter.HEADER);
            }
            try {
                read += reader.read(ByteBuffer.wrap(bytes)).size();
            } catch (LinkException refused) {
                assertThat(refused.kind()).isEqualTo(LinkException.Kind.MALFORMED);
                malformed++;
            }
        }
        assertThat(read).isPositive();
        assertThat(malformed).isPositive();
    }

    @Test
    void a_message_out_of_bounds_cannot_be_made() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Message(Kinds.CHANNEL, "a", 0, new byte[Message.MAX_PAYLOAD + 1]))
                .withMessage("payload must be at most 1048576 bytes (1 MiB), not 1048577: send it in parts");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Message((byte) -1, "a", 0, new byte[0]))
                .withMessage("kind must be within 0..127, not -1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Message(Kinds.CHANNEL, "€".repeat(86), 0, new byte[0]))
                .withMessageStartingWith("subject must be at most 255 bytes");
        assertThat(new Message(Kinds.CHANNEL, "e".repeat(255), 0, new byte[0]).subject())
                .hasSize(255);
    }

    @Test
    void a_greeting_comes_out_as_it_went_in_and_anything_else_is_refused() {
        Greeting greeting = new Greeting("silent-river-1", "ö".repeat(127), 7, new byte[Greeting.MAX_ABOUT]);
        byte[] bytes = copy(Handshake.greeting(greeting)).array();

        assertThat(Handshake.readGreeting(ByteBuffer.wrap(bytes)))
                .usingRecursiveComparison()
                .isEqualTo(greeting);
        assertThatExceptionOfType(LinkException.class)
                .isThrownBy(() -> Handshake.readGreeting(ByteBuffer.wrap(new byte[] {1, 0, 0})))
                .satisfies(e -> assertThat(e.kind()).isEqualTo(LinkException.Kind.REJECTED))
                .withMessageContaining("version 2 of the link protocol, not 1");
        for (int length : new int[] {0, 1, 2, 10, 100, 300, bytes.length - 1}) {
            assertThatThrownBy(() -> Handshake.readGreeting(
                            ByteBuffer.wrap(bytes, 0, length).slice()))
                    .satisfies(FrameTest::isMalformed);
        }
        assertThatIllegalArgumentException().isThrownBy(() -> new Greeting("x".repeat(256), "", 7, new byte[0]));
        assertThatIllegalArgumentException().isThrownBy(() -> new Greeting("", "x".repeat(256), 7, new byte[0]));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Greeting("", "", 7, new byte[Greeting.MAX_ABOUT + 1]));
    }

    private static ByteBuffer header(int kind, int subjectLength, int payloadLength) {
        return ByteBuffer.allocate(FrameWriter.HEADER)
                .put((byte) kind)
                .put((byte) subjectLength)
                .putLong(7)
                .putInt(payloadLength)
                .flip();
    }

    private void assertMalformed(ByteBuffer frame) {
        assertThatThrownBy(() -> reader.read(frame)).satisfies(FrameTest::isMalformed);
    }

    private static void isMalformed(Throwable thrown) {
        assertThat(thrown)
                .isInstanceOfSatisfying(
                        LinkException.class, e -> assertThat(e.kind()).isEqualTo(LinkException.Kind.MALFORMED));
    }

    private static ByteBuffer copy(ByteBuffer frame) {
        return ByteBuffer.allocate(frame.remaining()).put(frame).flip();
    }
}
