package dev.coterie.cluster.lan;

import dev.coterie.cluster.concurrent.EventLoop;
import dev.coterie.cluster.discovery.Explanation;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** Who explains what on this node, for those who ask from outside: one packet each way. Thread-safe. */
final class LanExplanations {

    private static final JsonMapper JSON = JsonMapper.shared();

    /** That many fit into a packet beside an explanation. */
    private static final int MOST_NAMED = 256;

    private final EventLoop callbacks;
    private final Gate gate;
    private final Roster roster;
    private final PacketWriter writer;
    private final LanWire wire;
    private final Map<String, Function<String, Explanation>> bySubject = new ConcurrentSkipListMap<>();

    /** What is explained there and then, on the event loop. */
    private final Map<String, Function<String, Explanation>> own;

    /** What is asked, as it travels. */
    record Question(@Nullable String subject, @Nullable String name) {}

    /**
     * What is answered, as it travels.
     *
     * @param name of the node that answers
     * @param knows the names of other nodes, by id: they should answer too
     * @param explanation null if there is none
     * @param problem why there is none; empty if there is one
     */
    record Answer(
            String name,
            Map<String, String> knows,
            @Nullable Explanation explanation,
            String problem) {}

    /**
     * Creates it.
     *
     * @param callbacks calls the explainers that are put
     * @param own explains what the group itself knows; called on the event loop
     */
    LanExplanations(
            EventLoop callbacks,
            Drops drops,
            Roster roster,
            PacketWriter writer,
            LanWire wire,
            Map<String, Function<String, Explanation>> own) {
        this.own = Map.copyOf(own);
        this.bySubject.putAll(own);
        this.callbacks = callbacks;
        this.gate = new Gate(callbacks, drops);
        this.roster = roster;
        this.writer = writer;
        this.wire = wire;
    }

    /** Lets somebody explain a subject. */
    void put(String subject, Function<String, Explanation> explainer) {
        if (own.containsKey(subject)) {
            throw new IllegalArgumentException(
                    "subject: '" + subject + "' is explained by the group itself; choose another");
        }
        bySubject.put(subject, explainer);
    }

    /**
     * Answers a question. On the event loop.
     *
     * @throws Unreadable if it is none
     */
    void asked(Packet packet, InetSocketAddress from) throws Unreadable {
        Question question = read(packet.data(), Question.class);
        if (own.containsKey(String.valueOf(question.subject()))) {
            answer(question, packet, from);
        } else {
            gate.execute(() -> answer(question, packet, from));
        }
    }

    /** Whoever asks gets an answer, whatever the explainer throws. */
    private void answer(Question question, Packet packet, InetSocketAddress from) {
        Answer[] answer = {problem("explaining failed; the node's log says how")};
        callbacks.attempt(() -> answer[0] = explain(String.valueOf(question.subject()), question.name()));
        byte[] bytes = answered(answer[0], packet);
        if (bytes.length > wire.maxPacket()) {
            bytes = answered(problem("the explanation is too large for a packet"), packet);
        }
        wire.send(bytes, from);
    }

    private byte[] answered(Answer answer, Packet question) {
        return writer.exchanged(Packet.EXPLANATION, question.sender(), "", question.id(), write(answer), false);
    }

    private Answer explain(String subject, @Nullable String name) {
        Function<String, Explanation> explainer = bySubject.get(subject);
        return explainer == null
                ? problem("subject: '" + subject + "' cannot be explained here; ask about one of "
                        + String.join(", ", bySubject.keySet()))
                : new Answer(roster.self().name(), others(), explainer.apply(String.valueOf(name)), "");
    }

    private Answer problem(String problem) {
        return new Answer(roster.self().name(), others(), null, problem);
    }

    private Map<String, String> others() {
        return roster.peers().values().stream()
                .filter(peer -> !peer.plain())
                .limit(MOST_NAMED)
                .collect(Collectors.toMap(
                        peer -> peer.member().id(), peer -> peer.member().name()));
    }

    static byte[] write(Object words) {
        return JSON.writeValueAsBytes(words);
    }

    /**
     * Reads a question or an answer.
     *
     * @throws Unreadable if it is none
     */
    static <T> T read(byte[] data, Class<T> type) throws Unreadable {
        try {
            return Objects.requireNonNull(JSON.readValue(data, type));
        } catch (JacksonException | NullPointerException malformed) {
            throw new Unreadable(DropReason.MALFORMED);
        }
    }
}
