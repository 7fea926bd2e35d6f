package dev.coterie.cluster.simulation;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/** Virtual time, chance from a seed, and the history of what happened. */
final class World {

    private static final int SHOWN = 200_000;

    private final SplittableRandom random;
    private final PriorityQueue<Happening> queue =
            new PriorityQueue<>(Comparator.comparingLong(Happening::at).thenComparingLong(Happening::number));
    private final List<String> history = new ArrayList<>();
    private final MessageDigest digest;
    private final List<String> violations = new ArrayList<>();
    private long now;
    private long happenings;

    private record Happening(long at, long number, Runnable what) {}

    World(long seed) {
        random = new SplittableRandom(seed);
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** Nanoseconds since the beginning. */
    long now() {
        return now;
    }

    RandomGenerator random() {
        return random;
    }

    /** Another source of chance, that depends on the seed alone. */
    RandomGenerator split() {
        return random.split();
    }

    boolean chance(double probability) {
        return random.nextDouble() < probability;
    }

    /** Something between two times, evenly. */
    long between(Duration least, Duration most) {
        return random.nextLong(least.toNanos(), most.toNanos() + 1);
    }

    void after(long nanos, Runnable what) {
        queue.add(new Happening(now + Math.max(0, nanos), happenings++, what));
    }

    void after(Duration delay, Runnable what) {
        after(delay.toNanos(), what);
    }

    /** Lets everything happen until then, or until something is wrong. */
    void runUntil(long end) {
        while (!queue.isEmpty() && queue.peek().at() <= end && violations.isEmpty()) {
            Happening next = queue.poll();
            now = next.at();
            next.what().run();
        }
        now = Math.max(now, end);
    }

    void note(String who, String what) {
        String line = String.format(Locale.ROOT, "%12.6f %-6s %s", now / 1e9, who, what);
        digest.update(line.getBytes(StandardCharsets.UTF_8));
        digest.update((byte) '\n');
        if (history.size() < SHOWN) {
            history.add(line);
        }
    }

    /** Something that must never be. */
    void violated(String what) {
        note("!", what);
        violations.add(what);
    }

    List<String> violations() {
        return violations;
    }

    List<String> history() {
        return history;
    }

    /** Stands for the whole history. */
    String fingerprint() {
        note("end", happenings + " happenings");
        return HexFormat.of().formatHex(digest.digest());
    }
}
