package dev.coterie.cluster.liveness;

import dev.coterie.cluster.discovery.Member;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How often each process has come back although it was taken for dead, and what patience it is given for that.
 *
 * <p>A process is known by where it listens and when it started: one that comes back there with another id and the same
 * start was alive all along. Its first return may have been a long pause; from the second on it is given twice the time,
 * then four times, and so on. Each minute without another return takes one off.
 */
final class Patience {

    /** How many processes are remembered at most: those whose sessions ended last. */
    private static final int REMEMBERED = 1000;

    private static final long FORGIVEN_AFTER = Duration.ofMinutes(1).toNanos();
    private static final int MOST_DOUBLINGS = 6;

    private final Map<Started, Returns> known = new LinkedHashMap<>();

    /** A process: where it listens and when it started. */
    private record Started(String address, int port, Instant at) {
        static Started of(Member member) {
            return new Started(member.address(), member.port(), member.startedAt());
        }
    }

    private record Returns(int count, long last) {}

    /** A session has ended: if its process turns up in another one, it was alive. */
    void left(Member member, long now) {
        put(member, returns(member, now), now);
    }

    /** A session has begun: of a process that was here before, or not. */
    void arrived(Member member, long now) {
        if (known.containsKey(Started.of(member))) {
            put(member, returns(member, now) + 1, now);
        }
    }

    private void put(Member member, int count, long now) {
        known.remove(Started.of(member));
        known.put(Started.of(member), new Returns(count, now));
        if (known.size() > REMEMBERED) {
            known.remove(known.keySet().iterator().next());
        }
    }

    /** How often it has come back lately. */
    int returns(Member member, long now) {
        Returns one = known.get(Started.of(member));
        return one == null ? 0 : (int) Math.max(0, one.count - (now - one.last) / FORGIVEN_AFTER);
    }

    /** How many times the usual timeout it is given. */
    int factor(Member member, long now) {
        return 1 << Math.min(MOST_DOUBLINGS, Math.max(0, returns(member, now) - 1));
    }
}
