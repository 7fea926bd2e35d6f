package dev.coterie.workers.worker;

import dev.coterie.cluster.concurrent.EventLoop;
import dev.coterie.workers.io.FrameSocket;
import dev.coterie.workers.link.Json;
import dev.coterie.workers.link.Kind;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Questions that wait for the supervisor's answers. On the worker's loop only. */
final class Answers {

    /** The supervisor says itself that there is no answer; this is for the case that it says nothing. */
    private static final Duration LATE = Duration.ofSeconds(1);

    private final EventLoop loop;
    private final FrameSocket link;
    private final Map<Long, CompletableFuture<Map<String, Object>>> waiting = new HashMap<>();
    private final Map<String, Consumer<Map<String, Object>>> handlers = new HashMap<>();
    private long asked;

    Answers(EventLoop loop, FrameSocket link) {
        this.loop = loop;
        this.link = link;
    }

    void on(String type, Consumer<Map<String, Object>> handler) {
        handlers.put(type, handler);
    }

    void ask(Delegation question, CompletableFuture<Map<String, Object>> answer) {
        long id = ++asked;
        try {
            link.send(Kind.DELEGATE.frame(question.fields(id)));
        } catch (RuntimeException unsayable) {
            answer.completeExceptionally(unsayable);
            return;
        }
        waiting.put(id, answer);
        loop.schedule(question.timeout().plus(LATE), () -> {
            if (waiting.remove(id) != null) {
                answer.completeExceptionally(new DelegationFailed(
                        question.delegate() + ": the supervisor has said nothing within " + question.timeout()));
            }
        });
    }

    void answered(Map<String, Object> message) {
        CompletableFuture<Map<String, Object>> answer = waiting.remove(Json.number(message, "id", 0));
        String error = Json.text(message, "error");
        if (answer == null) {
            handlers.getOrDefault(Json.text(message, "type"), ignored -> {}).accept(data(message.get("data")));
        } else if (error.isEmpty()) {
            answer.complete(data(message.get("data")));
        } else {
            answer.completeExceptionally(new DelegationFailed(error));
        }
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> data(@Nullable Object value) {
        return value instanceof Map<?, ?> map ? (Map<String, Object>) map : Map.of();
    }
}
