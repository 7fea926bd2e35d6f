package dev.coterie.cluster.lan;

import dev.coterie.cluster.concurrent.Clock;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Packets that only who knows the key can make or read: AES-256-GCM.
 *
 * <pre>
 * version 1 | life 16 | number 8 | time 8 | length 2 | what is sealed | tag 16
 * </pre>
 *
 * Every life of a node makes a random value and derives a key of its own from it and the shared key, and numbers its
 * packets under that key: so no nonce is ever used twice, across nodes and restarts. A number that was here before is
 * refused, and so is a packet that was sealed more than a minute ago by this machine's wall clock: a node that starts
 * anew knows no numbers yet. {@link #seal} and {@link #open} may be called by two threads, each by one at a time.
 */
final class Seal {

    /** The first byte; JSON begins with another. */
    static final byte VERSION = 1;

    private static final int LIFE = 16;
    private static final int HEADER = 1 + LIFE + 8 + 8 + 2;
    private static final int TAG = 16;
    private static final Duration FRESH = Duration.ofMinutes(1);
    private static final int MOST_SENDERS = 1024;

    /** By how much a sealed packet is larger. */
    static final int OVERHEAD = HEADER + TAG;

    private final SharedKey key;
    private final Clock clock;
    private final byte[] life = new byte[LIFE];
    private final SecretKeySpec own;
    private final Cipher sealing = cipher();
    private final Cipher opening = cipher();
    private long number;

    /** Those heard, the longest silent first; none can be added without the key. */
    private final Map<ByteBuffer, Sender> senders = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<ByteBuffer, Sender> eldest) {
            return size() > MOST_SENDERS;
        }
    };

    private record Sender(SecretKeySpec key, ReplayWindow window) {}

    Seal(SharedKey key, Clock clock) {
        this.key = key;
        this.clock = clock;
        new SecureRandom().nextBytes(life);
        this.own = key.derive(life);
    }

    byte[] seal(byte[] plain) {
        ByteBuffer packet = ByteBuffer.allocate(OVERHEAD + plain.length);
        packet.put(VERSION).put(life).putLong(number).putLong(clock.now().toEpochMilli());
        packet.putShort((short) plain.length);
        try {
            sealing.init(Cipher.ENCRYPT_MODE, own, nonce(number++));
            sealing.updateAAD(packet.array(), 0, HEADER);
            sealing.doFinal(plain, 0, plain.length, packet.array(), HEADER);
            return packet.array();
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("a nonce was used twice, or room is missing", impossible);
        }
    }

    /**
     * Opens a packet.
     *
     * @throws Unreadable if it is not of this group, or not of now
     */
    byte[] open(byte[] bytes, int length) throws Unreadable {
        ByteBuffer packet = ByteBuffer.wrap(bytes, 0, length);
        checkForm(packet, length);
        byte[] from = new byte[LIFE];
        packet.get(1, from);
        long counted = packet.getLong(1 + LIFE);
        long at = packet.getLong(1 + LIFE + 8);
        ByteBuffer id = ByteBuffer.wrap(from);
        Sender known = senders.get(id);
        Sender sender = known != null ? known : new Sender(key.derive(from), new ReplayWindow());
        byte[] plain = open(bytes, length, sender.key, counted);
        // Only now is what the header says known to be true.
        if (known == null) {
            senders.put(id, sender);
        }
        if (Math.abs(clock.now().toEpochMilli() - at) > FRESH.toMillis() || !sender.window.accept(counted)) {
            throw new Unreadable(DropReason.REPLAYED);
        }
        return plain;
    }

    private static void checkForm(ByteBuffer packet, int length) throws Unreadable {
        if (length == 0 || packet.get(0) != VERSION) {
            throw new Unreadable(length > 0 && packet.get(0) == '{' ? DropReason.WRONG_KEY : DropReason.MALFORMED);
        }
        if (length < OVERHEAD) {
            throw new Unreadable(DropReason.TRUNCATED);
        }
        int missing = OVERHEAD + Short.toUnsignedInt(packet.getShort(HEADER - 2)) - length;
        if (missing != 0) {
            throw new Unreadable(missing > 0 ? DropReason.TRUNCATED : DropReason.MALFORMED);
        }
    }

    private byte[] open(byte[] bytes, int length, SecretKeySpec with, long from) throws Unreadable {
        try {
            opening.init(Cipher.DECRYPT_MODE, with, nonce(from));
            opening.updateAAD(bytes, 0, HEADER);
            return opening.doFinal(bytes, HEADER, length - HEADER);
        } catch (AEADBadTagException otherKey) {
            throw new Unreadable(DropReason.WRONG_KEY);
        } catch (GeneralSecurityException unreadable) {
            throw new Unreadable(DropReason.MALFORMED);
        }
    }

    private static GCMParameterSpec nonce(long number) {
        return new GCMParameterSpec(
                8 * TAG, ByteBuffer.allocate(12).putLong(4, number).array());
    }

    private static Cipher cipher() {
        try {
            return Cipher.getInstance("AES/GCM/NoPadding");
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("every Java has AES-GCM", impossible);
        }
    }
}
