package dev.coterie.cluster.link;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Takes messages out of the frames of one link, as {@link FrameWriter} put them in; trusts no byte. One thread. */
final class FrameReader {

    private final CharsetDecoder utf8 = StandardCharsets.UTF_8.newDecoder();

    // Most messages on a link are about the same subject as the one before: no new string for those.
    private String lastSubject = "";
    private byte[] lastSubjectBytes = new byte[0];

    /**
     * The messages in a frame; at least one.
     *
     * @throws LinkException of kind {@link LinkException.Kind#MALFORMED}
     */
    List<Message> read(ByteBuffer frame) {
        List<Message> messages = new ArrayList<>();
        do {
            if (messages.size() == FrameWriter.MOST_MESSAGES) {
                throw malformed("a frame has more than " + FrameWriter.MOST_MESSAGES + " messages");
            }
            messages.add(message(frame));
        } while (frame.hasRemaining());
        return messages;
    }

    private Message message(ByteBuffer frame) {
        if (frame.remaining() < FrameWriter.HEADER) {
            throw malformed("a frame ends within a message's header");
        }
        byte kind = frame.get();
        int subjectLength = Byte.toUnsignedInt(frame.get());
        long id = frame.getLong();
        int payloadLength = frame.getInt();
        if (kind < 0) {
            throw malformed("kind " + kind + " is not within 0..127");
        }
        if (payloadLength < 0 || payloadLength > Message.MAX_PAYLOAD) {
            throw malformed("payload length " + payloadLength + " is not within 0.." + Message.MAX_PAYLOAD);
        }
        if (frame.remaining() < subjectLength + payloadLength) {
            throw malformed("a frame ends within a message of " + (subjectLength + payloadLength) + " bytes");
        }
        String subject = subject(frame, subjectLength);
        byte[] payload = new byte[payloadLength];
        frame.get(payload);
        return new Message(kind, subject, id, payload);
    }

    private String subject(ByteBuffer frame, int length) {
        int start = frame.arrayOffset() + frame.position();
        if (!Arrays.equals(frame.array(), start, start + length, lastSubjectBytes, 0, lastSubjectBytes.length)) {
            try {
                lastSubject = utf8.decode(frame.slice(frame.position(), length)).toString();
            } catch (CharacterCodingException wrong) {
                throw malformed("a subject is not UTF-8");
            }
            lastSubjectBytes = Arrays.copyOfRange(frame.array(), start, start + length);
        }
        frame.position(frame.position() + length);
        return lastSubject;
    }

    private static LinkException malformed(String what) {
        return new LinkException(LinkException.Kind.MALFORMED, what);
    }
}
