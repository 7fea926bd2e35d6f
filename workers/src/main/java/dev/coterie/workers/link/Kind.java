package dev.coterie.workers.link;

import dev.coterie.workers.io.FrameSocket;
import java.nio.ByteBuffer;
import java.util.Map;

/** The kinds of frames; each has a letter for its first byte. */
public enum Kind {
    /** Worker: who it is. JSON; the first frame. */
    HELLO('H'),
    /** Supervisor: the worker is known. JSON; the answer to {@link #HELLO}. */
    WELCOME('W'),
    /** Worker: it is ready. JSON. */
    LISTENING('L'),
    /** Worker: it is alive, and its counts. JSON. */
    HEARTBEAT('B'),
    /** Supervisor: finish what you have, and end. JSON. */
    DRAIN('Q'),
    /** Supervisor: data to work on. Items. */
    DATA('D'),
    /** Worker: the oldest frame of {@link #DATA} that it has not said this of is done. Empty. */
    DONE('A'),
    /** Worker: answers to data. Items. */
    REPLY('R'),
    /** Supervisor: for every worker. JSON. */
    NOTIFICATION('N'),
    /** Worker: a question to the supervisor. JSON. */
    DELEGATE('G'),
    /** Supervisor: the answer to a question, or a later change of it. JSON. */
    ANSWER('Z');

    private final char letter;

    Kind(char letter) {
        this.letter = letter;
    }

    /** The first byte of such a frame. */
    public char letter() {
        return letter;
    }

    /** Whether a frame is of this kind. */
    public boolean is(byte first) {
        return first == (byte) letter;
    }

    /** Such a frame with JSON in it. */
    public ByteBuffer frame(Map<String, ?> content) {
        return FrameSocket.frame(letter, Json.bytes(content));
    }

    /** Such a frame with nothing in it. */
    public ByteBuffer frame() {
        return FrameSocket.frame(letter, new byte[0]);
    }
}
