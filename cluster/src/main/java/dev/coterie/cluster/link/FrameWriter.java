package dev.coterie.cluster.link;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Puts messages into frames. One thread.
 *
 * <p>A frame is one or more messages, back to back, each as: kind (1 byte), length of the subject (1), id (8), length of
 * the payload (4), the subject in UTF-8, the payload. Numbers are big-endian.
 */
final class FrameWriter {

    /** What each message takes besides its subject and payload, in bytes. */
    static final int HEADER = 14;

    /** A frame that has reached this many bytes takes no more messages. */
    static final int FULL = 32 << 10;

    /** A frame takes no more messages than this, so that what it becomes in memory is bounded too. */
    static final int MOST_MESSAGES = 1024;

    /** No frame is larger than this, in bytes: one that is not full takes one more message of any size. */
    static final int MOST_BYTES = FULL + HEADER + Message.MAX_SUBJECT + Message.MAX_PAYLOAD;

    private ByteBuffer buffer = ByteBuffer.allocate(1 << 10);
    private int taken;

    // Most messages on a link are about the same subject as the one before.
    private String lastSubject = "";
    private byte[] lastSubjectBytes = new byte[0];

    /**
     * Takes what waits, as much as fits into one frame.
     *
     * @return the frame, valid until the next call; null if nothing waits
     */
    @Nullable
    ByteBuffer next(SendQueue queue) {
        buffer.clear();
        taken = 0;
        for (int count = 0; count < MOST_MESSAGES && buffer.position() < FULL; count++) {
            Message message = queue.take();
            if (message == null) {
                break;
            }
            taken += SendQueue.cost(message);
            write(message);
        }
        return buffer.position() == 0 ? null : buffer.flip();
    }

    /** How much of the queue's room the last frame's messages took. */
    int taken() {
        return taken;
    }

    private void write(Message message) {
        byte[] subject = bytes(message.subject());
        byte[] payload = message.payload();
        reserve(HEADER + subject.length + payload.length);
        buffer.put(message.kind())
                .put((byte) subject.length)
                .putLong(message.id())
                .putInt(payload.length)
                .put(subject)
                .put(payload);
    }

    private byte[] bytes(String subject) {
        if (!subject.equals(lastSubject)) {
            lastSubject = subject;
            lastSubjectBytes = subject.getBytes(StandardCharsets.UTF_8);
        }
        return lastSubjectBytes;
    }

    private void reserve(int bytes) {
        if (buffer.remaining() < bytes) {
            int wanted = buffer.position() + bytes;
            buffer = ByteBuffer.allocate(Math.max(wanted, Math.min(2 * buffer.capacity(), 2 * FULL)))
                    .put(buffer.flip());
        }
    }

    /** Gives back what a large message made the buffer grow to. */
    void shrink() {
        if (buffer.capacity() > 2 * FULL) {
            buffer = ByteBuffer.allocate(2 * FULL);
        }
    }
}
