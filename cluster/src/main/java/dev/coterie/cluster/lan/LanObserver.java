package dev.coterie.cluster.lan;

import dev.coterie.cluster.concurrent.Clock;
import dev.coterie.cluster.discovery.Explanation;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.UUID;

/**
 * Asks the nodes of a group on a LAN without being one of them: nobody sees it come or go. The question goes where
 * hellos go, from a port of its own, and the answers come back there. For tools; one thread at a time.
 */
public final class LanObserver implements AutoCloseable {

    /** When a question is asked again: it or an answer may have been lost. Nothing is over before. */
    private static final long AGAIN_NANOS = Duration.ofMillis(250).toNanos();

    private final Clock clock = Clock.system();
    private final Duration patience;
    private final String id = "observer-" + UUID.randomUUID();
    private final PacketWriter writer = new PacketWriter(UUID.randomUUID().toString(), id, "observer");

    /** What one wait has brought; the next comes once all of it is read. */
    private final Queue<Packet> arrived = new ArrayDeque<>();

    private final LanWire wire;
    private long number;

    /**
     * What a node says.
     *
     * @param id the node's
     * @param name the node's
     * @param explanation empty if there is none
     * @param problem why there is none; empty if there is one
     */
    public record Answer(String id, String name, Optional<Explanation> explanation, String problem) {}

    /**
     * Prepares it.
     *
     * @param config how the nodes are reached: the port, the way, the key; the rest means nothing here
     * @param patience how long to wait for those that do not answer
     * @throws LanException as {@link LanDiscovery#join}
     */
    public LanObserver(LanConfig config, Duration patience) {
        this.patience = patience;
        this.wire = LanWire.outside(config, clock, new Drops());
        wire.start((packet, from) -> {
            if (packet.event().equals(Packet.EXPLANATION) && packet.to().equals(id)) {
                arrived.add(packet);
            }
        });
    }

    /**
     * Asks every node why something is as it is. Waits until all have answered of whom another knows, or patience ends.
     *
     * @param subject such as {@code service}
     * @param name of what is to be explained
     * @return what each of them says; none if nobody answers
     */
    public List<Answer> explain(String subject, String name) {
        byte[] words = LanExplanations.write(new LanExplanations.Question(subject, name));
        byte[] question = writer.exchanged(Packet.EXPLAIN, "", "", ++number, words, false);
        Map<String, String> known = new LinkedHashMap<>();
        Map<String, Answer> answers = new LinkedHashMap<>();
        long start = clock.nanoTime();
        long again = start;
        for (long now = start; now - start < patience.toNanos() && !isOver(now - start, known, answers); ) {
            if (now - again >= 0) {
                wire.send(question);
                again = now + AGAIN_NANOS;
            }
            await(again - now, known, answers);
            now = clock.nanoTime();
        }
        List<Answer> all = new ArrayList<>(answers.values());
        known.forEach((other, called) -> {
            if (!answers.containsKey(other)) {
                all.add(new Answer(
                        other, called, Optional.empty(), "nothing came within " + patience.toMillis() + " ms"));
            }
        });
        return all;
    }

    private static boolean isOver(long waited, Map<String, String> known, Map<String, Answer> answers) {
        return waited >= AGAIN_NANOS && !answers.isEmpty() && answers.keySet().containsAll(known.keySet());
    }

    private void await(long nanos, Map<String, String> known, Map<String, Answer> answers) {
        if (arrived.isEmpty()) {
            wire.waiting().await(Math.max(0, nanos));
        }
        if (Thread.currentThread().isInterrupted()) {
            throw new LanException(LanException.Kind.NETWORK, "interrupted while waiting for answers", null);
        }
        try {
            Packet packet = arrived.poll();
            if (packet != null && packet.id() == number) {
                LanExplanations.Answer answer = LanExplanations.read(packet.data(), LanExplanations.Answer.class);
                answers.put(
                        packet.sender(),
                        new Answer(
                                packet.sender(),
                                answer.name(),
                                Optional.ofNullable(answer.explanation()),
                                answer.problem()));
                known.putAll(answer.knows());
            }
        } catch (Unreadable notUnderstood) {
            // As if it had not come: the node will be said to have given no answer.
            return;
        }
    }

    @Override
    public void close() {
        wire.close();
    }
}
