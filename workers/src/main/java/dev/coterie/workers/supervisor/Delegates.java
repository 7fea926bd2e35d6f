package dev.coterie.workers.supervisor;

import dev.coterie.cluster.concurrent.EventLoop;
import dev.coterie.cluster.concurrent.EventLoop.Scheduled;
import dev.coterie.workers.link.Json;
import dev.coterie.workers.link.Kind;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Questions of workers that wait for their answers. On the supervisor's loop only.
 *
 * <p>Only who asks gets the answer, and whom it names. Who wants notifications gets later answers of the same kind too, as
 * long as its link stands.
 */
final class Delegates {

    private static final int MOST = 10_000;
    private static final long TIMEOUT_MILLIS = 10_000;
    private static final long LONGEST_MILLIS = Duration.ofHours(1).toMillis();

    private final EventLoop loop;
    private final Consumer<Question> handler;
    private final Supplier<Set<WorkerProcess>> workers;
    private final BiConsumer<WorkerProcess, ByteBuffer> way;
    private final Map<Question, List<Asker>> waiting = new LinkedHashMap<>();
    private final Set<Subscription> subscriptions = new LinkedHashSet<>();
    private int askers;

    /**
     * Creates it.
     *
     * @param handler gets each question once
     * @param workers all that are alive
     * @param way how a frame gets to one
     */
    Delegates(
            EventLoop loop,
            Consumer<Question> handler,
            Supplier<Set<WorkerProcess>> workers,
            BiConsumer<WorkerProcess, ByteBuffer> way) {
        this.loop = loop;
        this.handler = handler;
        this.workers = workers;
        this.way = way;
    }

    /**
     * Somebody who waits for an answer.
     *
     * @param id what it calls its question
     * @param targets names or process ids of workers that are to get the answer too
     */
    private record Asker(WorkerProcess worker, long id, List<String> targets, Scheduled timeout) {}

    private record Subscription(WorkerProcess worker, Question question) {}

    /**
     * A worker asks.
     *
     * @throws IllegalArgumentException if the message makes no sense
     */
    void ask(WorkerProcess worker, Map<String, Object> message) {
        Question question = question(message);
        if (question.delegate().isEmpty()) {
            throw new IllegalArgumentException("a question without 'delegate': " + message);
        }
        if (question.expect().isEmpty()) {
            handler.accept(question);
            return;
        }
        long id = Json.number(message, "id", 0);
        if (askers >= MOST) {
            way.accept(worker, refusal(id, question, "too many questions wait; ask again later"));
            return;
        }
        if (Boolean.TRUE.equals(message.get("notification")) && subscriptions.size() < MOST) {
            subscriptions.add(new Subscription(worker, question));
        }
        wait(worker, id, question, message);
    }

    private void wait(WorkerProcess worker, long id, Question question, Map<String, Object> message) {
        long millis = Math.min(LONGEST_MILLIS, Math.max(1, Json.number(message, "timeout", TIMEOUT_MILLIS)));
        Scheduled timeout = loop.schedule(Duration.ofMillis(millis), () -> expire(worker, id, question, millis));
        boolean first = !waiting.containsKey(question);
        waiting.computeIfAbsent(question, none -> new ArrayList<>())
                .add(new Asker(worker, id, texts(message.get("targets")), timeout));
        askers++;
        if (first) {
            handler.accept(question);
        }
    }

    @SuppressWarnings("unchecked")
    private static Question question(Map<String, Object> message) {
        Map<String, Object> data = message.get("data") instanceof Map<?, ?> map ? (Map<String, Object>) map : Map.of();
        return new Question(
                Json.text(message, "delegate"), data, Json.text(message, "expect"), texts(message.get("matches")));
    }

    private static List<String> texts(@Nullable Object list) {
        return list instanceof List<?> values
                ? values.stream().map(String::valueOf).toList()
                : List.of();
    }

    private void expire(WorkerProcess worker, long id, Question question, long millis) {
        forget(question, asker -> asker.worker() == worker && asker.id() == id);
        way.accept(worker, refusal(id, question, "no answer within " + millis + " ms"));
    }

    private static ByteBuffer refusal(long id, Question question, String error) {
        return Kind.ANSWER.frame(Map.of("id", id, "type", question.expect(), "error", error));
    }

    /** The application says something: whoever waits for it gets it. */
    void answer(String type, Map<String, Object> data) {
        Set<WorkerProcess> told = new LinkedHashSet<>();
        List<Question> answered = waiting.keySet().stream()
                .filter(question -> question.isAnsweredBy(type, data))
                .toList();
        for (Question question : answered) {
            for (Asker asker : List.copyOf(waiting.getOrDefault(question, List.of()))) {
                way.accept(asker.worker(), Kind.ANSWER.frame(Map.of("id", asker.id(), "type", type, "data", data)));
                told.add(asker.worker());
                targets(asker).filter(told::add).forEach(target -> way.accept(target, change(type, data)));
            }
            forget(question, asker -> true);
        }
        subscriptions.stream()
                .filter(one -> one.question().isAnsweredBy(type, data) && told.add(one.worker()))
                .forEach(one -> way.accept(one.worker(), change(type, data)));
    }

    private static ByteBuffer change(String type, Map<String, Object> data) {
        return Kind.ANSWER.frame(Map.of("type", type, "data", data));
    }

    private Stream<WorkerProcess> targets(Asker asker) {
        return workers.get().stream()
                .filter(worker -> asker.targets().contains(worker.name())
                        || asker.targets().contains(Long.toString(worker.pid())));
    }

    /** A worker has gone: it waits for nothing any more. */
    void gone(WorkerProcess worker) {
        subscriptions.removeIf(one -> one.worker() == worker);
        List.copyOf(waiting.keySet()).forEach(question -> forget(question, asker -> asker.worker() == worker));
    }

    private void forget(Question question, Predicate<Asker> which) {
        List<Asker> list = waiting.getOrDefault(question, new ArrayList<>());
        list.stream().filter(which).forEach(asker -> asker.timeout().cancel());
        int before = list.size();
        list.removeIf(which);
        askers -= before - list.size();
        if (list.isEmpty()) {
            waiting.remove(question);
        }
    }
}
