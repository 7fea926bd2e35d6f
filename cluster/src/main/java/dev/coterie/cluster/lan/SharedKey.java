package dev.coterie.cluster.lan;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

/** What all nodes of a sealed group know and nobody else does. It never shows itself in text. */
public final class SharedKey {

    /** The shortest passphrase that is taken, in bytes. */
    public static final int LEAST_BYTES = 16;

    private static final byte[] SALT = "coterie lan 1".getBytes(StandardCharsets.UTF_8);

    /** Makes guessing a passphrase from recorded packets slow; at the start of a node it costs some 50 ms. */
    private static final int ROUNDS = 100_000;

    private static final String HMAC = "HmacSHA256";

    private final byte[] bytes;

    private SharedKey(byte[] bytes) {
        this.bytes = bytes;
    }

    /**
     * Makes it from a passphrase.
     *
     * @throws IllegalArgumentException if that is shorter than {@link #LEAST_BYTES} bytes of UTF-8
     */
    public static SharedKey of(String passphrase) {
        int length = passphrase.getBytes(StandardCharsets.UTF_8).length;
        if (length < LEAST_BYTES) {
            throw new IllegalArgumentException("key: " + length + " bytes are too few; use at least " + LEAST_BYTES
                    + ", such as those of 'head -c 32 /dev/urandom | base64'");
        }
        try {
            PBEKeySpec spec = new PBEKeySpec(passphrase.toCharArray(), SALT, ROUNDS, 256);
            return new SharedKey(SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
                    .generateSecret(spec)
                    .getEncoded());
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("every Java has PBKDF2 with HMAC-SHA-256", impossible);
        }
    }

    /** The key of one sender's one life, so that its packets can be numbered from 0 under a key of their own. */
    SecretKeySpec derive(byte[] salt) {
        try {
            Mac mac = Mac.getInstance(HMAC);
            mac.init(new SecretKeySpec(bytes, HMAC));
            return new SecretKeySpec(mac.doFinal(salt), "AES");
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("every Java has HMAC-SHA-256", impossible);
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SharedKey key && Arrays.equals(bytes, key.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return "(secret)";
    }
}
