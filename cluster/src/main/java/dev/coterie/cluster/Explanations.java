package dev.coterie.cluster;

import dev.coterie.cluster.concurrent.EventLoop;
import dev.coterie.cluster.discovery.Explanation;
import dev.coterie.cluster.link.LinkException;
import dev.coterie.cluster.link.LinkException.Kind;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** Who explains what on this node, for those who ask here and those who ask from outside. On the event loop. */
final class Explanations {

    private static final JsonMapper JSON = new JsonMapper();

    private final EventLoop loop;
    private final Map<String, Function<String, Explanation>> bySubject = new TreeMap<>();

    /** What is asked, as it travels. */
    private record Question(String subject, String name) {}

    Explanations(EventLoop loop) {
        this.loop = loop;
    }

    /** Lets somebody explain a subject. */
    void put(String subject, Function<String, Explanation> explainer) {
        bySubject.put(subject, explainer);
    }

    /** Explains; any thread. */
    CompletableFuture<Explanation> explain(String subject, String name) {
        CompletableFuture<Explanation> done = new CompletableFuture<>();
        loop.execute(() -> {
            Function<String, Explanation> explainer = bySubject.get(subject);
            if (explainer == null) {
                done.completeExceptionally(new IllegalArgumentException("subject: '" + subject
                        + "' cannot be explained here; ask about one of " + String.join(", ", bySubject.keySet())));
                return;
            }
            // If the explainer throws, the loop logs it, and whoever asked must not wait for ever.
            loop.attempt(() -> done.complete(explainer.apply(name)));
            done.completeExceptionally(new IllegalStateException("explaining failed; the node's log says how"));
        });
        return done;
    }

    /** Answers a question from outside; any thread. */
    CompletableFuture<byte[]> answer(byte[] question) {
        try {
            Question asked = JSON.readValue(question, Question.class);
            return explain(String.valueOf(asked.subject()), String.valueOf(asked.name()))
                    .handle((explanation, failure) -> {
                        if (failure != null) {
                            throw new LinkException(Kind.REJECTED, String.valueOf(failure.getMessage()));
                        }
                        return JSON.writeValueAsBytes(explanation);
                    });
        } catch (JacksonException malformed) {
            return CompletableFuture.failedFuture(
                    new LinkException(Kind.REJECTED, "this is no question that this version understands"));
        }
    }

    /** What {@link #answer} is asked. */
    static byte[] question(String subject, String name) {
        return JSON.writeValueAsBytes(new Question(subject, name));
    }

    /**
     * What {@link #answer} has answered.
     *
     * @throws LinkException of kind {@link Kind#MALFORMED}
     */
    static Explanation read(byte[] answer) {
        try {
            return JSON.readValue(answer, Explanation.class);
        } catch (JacksonException malformed) {
            throw new LinkException(Kind.MALFORMED, "the answer is no explanation that this version understands");
        }
    }
}
