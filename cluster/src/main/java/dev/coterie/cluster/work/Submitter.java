package dev.coterie.cluster.work;

import dev.coterie.cluster.concurrent.EventLoop;
import dev.coterie.cluster.concurrent.EventLoop.Scheduled;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What this node wants of the master: submissions until they are accepted, outcomes until they are told, questions until
 * they are answered, across changes of master. Any thread submits and asks; the rest is on the loop.
 */
final class Submitter implements Conversation.Party {

    /** As many may wait for their outcome, and these bytes to be accepted. */
    private static final int MOST = 1_000_000;

    private static final int MOST_BYTES = 128 << 20;

    /** Bytes that are with the master without being accepted: as many as keep it busy. */
    private static final int WINDOW = 4 << 20;

    private static final int COST = 200;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final EventLoop loop;
    private final EventLoop callbacks;
    private final Conversation conversation;

    /** From any thread to the loop: this is on the path of every task. */
    private final Queue<Pending<?>> incoming = new ConcurrentLinkedQueue<>();

    private final AtomicBoolean drainExpected = new AtomicBoolean();
    private final AtomicInteger count = new AtomicInteger();
    private final AtomicInteger bytes = new AtomicInteger();

    private final Map<String, Pending<?>> pending = new LinkedHashMap<>();
    private final ArrayDeque<Pending<?>> unsent = new ArrayDeque<>();
    private final Map<Long, Asked> questions = new LinkedHashMap<>();
    private List<Runnable> told = new ArrayList<>();
    private int inWindow;
    private long generation;
    private long sent;
    private long lastQuestion;
    private volatile boolean closed;

    private record Asked(Question question, String about, CompletableFuture<byte[]> answer, Scheduled timeout) {}

    Submitter(EventLoop loop, EventLoop callbacks, Conversation conversation) {
        this.loop = loop;
        this.callbacks = callbacks;
        this.conversation = conversation;
    }

    // --- What the application wants: any thread ---------------------------------------------------------------------

    /** Submits, or awaits. */
    void add(Pending<?> one) {
        if (closed) {
            one.failed(left());
            return;
        }
        int cost = cost(one.submission);
        if (count.get() >= MOST || (cost > 0 && bytes.get() + cost > MOST_BYTES)) {
            TaskFailed refused = new TaskFailed(
                    TaskFailed.Reason.REFUSED,
                    count.get() + " tasks of this node are under way, " + bytes.get()
                            + " bytes of them not accepted yet; submit more slowly");
            one.failed(refused);
            return;
        }
        count.incrementAndGet();
        bytes.addAndGet(cost);
        incoming.add(one);
        if (!drainExpected.get() && drainExpected.compareAndSet(false, true)) {
            loop.execute(this::drain);
        }
    }

    /** Asks the master. */
    CompletableFuture<byte[]> ask(Question question, String about) {
        CompletableFuture<byte[]> answer = new CompletableFuture<>();
        if (closed) {
            answer.completeExceptionally(left());
            return answer;
        }
        loop.execute(() -> {
            long number = ++lastQuestion;
            Scheduled timeout = loop.schedule(PATIENCE, () -> {
                questions.remove(number);
                untold(answer, "no master has answered within " + PATIENCE.toSeconds() + " s");
            });
            Asked asked = new Asked(question, about, answer, timeout);
            questions.put(number, asked);
            if (conversation.isOpen()) {
                say(number, asked);
            }
        });
        return answer;
    }

    private void untold(CompletableFuture<?> future, String why) {
        callbacks.execute(
                () -> future.completeExceptionally(new TaskFailed(TaskFailed.Reason.UNTOLD, why + "; ask again")));
    }

    // --- To the master ----------------------------------------------------------------------------------------------

    private void drain() {
        drainExpected.set(false);
        for (Pending<?> one = incoming.poll(); one != null; one = incoming.poll()) {
            append(one);
            if (one.submission != null) {
                unsent.add(one);
            } else if (conversation.isOpen()) {
                conversation.say().verb(Verbs.AWAIT).name(one.id);
            }
        }
        sendWaiting();
    }

    private void append(Pending<?> one) {
        Pending<?> last = pending.putIfAbsent(one.id, one);
        if (last != null) {
            while (last.next != null) {
                last = last.next;
            }
            last.next = one;
        }
    }

    private void remove(Pending<?> one) {
        count.decrementAndGet();
        Pending<?> first = pending.get(one.id);
        if (first == one) {
            pending.remove(one.id);
            if (one.next != null) {
                pending.put(one.id, one.next);
            }
            return;
        }
        for (Pending<?> before = first; before != null; before = before.next) {
            if (before.next == one) {
                before.next = one.next;
            }
        }
    }

    private void sendWaiting() {
        while (conversation.isOpen() && inWindow < WINDOW && !unsent.isEmpty()) {
            Pending<?> one = unsent.remove();
            Submission submission = one.submission;
            if (submission != null) {
                int cost = cost(submission);
                inWindow += cost;
                long mine = generation;
                one.number = ++sent;
                submission.write(conversation.say(() -> settled(one, cost, mine)));
            }
        }
    }

    private void settled(Pending<?> one, int cost, long sentIn) {
        if (sentIn == generation) {
            inWindow -= cost;
        }
        if (one.submission != null) {
            one.submission = null;
            bytes.addAndGet(-cost);
            tell(() -> one.accepted.complete(null));
            if (one.id.startsWith(Names.TIMER)) {
                // Nobody here waits for its outcome.
                remove(one);
            }
        }
        sendWaiting();
    }

    private static int cost(@Nullable Submission submission) {
        return submission == null ? 0 : COST + submission.payload().length;
    }

    private void say(long number, Asked asked) {
        conversation
                .say()
                .verb(Verbs.ASK)
                .number(number)
                .verb(asked.question.code())
                .text(asked.about);
    }

    @Override
    public void begin(Conversation with) {
        generation++;
        sent = 0;
        inWindow = 0;
    }

    @Override
    public void resume(Conversation with) {
        unsent.clear();
        pending.values().forEach(first -> {
            for (Pending<?> one = first; one != null; one = one.next) {
                one.number = 0;
                if (one.submission != null) {
                    unsent.add(one);
                } else {
                    with.say().verb(Verbs.AWAIT).name(one.id);
                }
            }
        });
        questions.forEach(this::say);
        sendWaiting();
    }

    @Override
    public boolean depends() {
        return !pending.isEmpty() || !questions.isEmpty();
    }

    // --- From the master --------------------------------------------------------------------------------------------

    void outcome(String id, TaskState state, byte[] value) {
        take(id, one -> true, one -> {
            if (state == TaskState.COMPLETED) {
                one.completed(value);
            } else {
                boolean dead = state == TaskState.DEAD;
                String cause = new String(value, StandardCharsets.UTF_8);
                one.failed(
                        dead
                                ? new TaskFailed(TaskFailed.Reason.DEAD, "task " + id + " has failed: " + cause)
                                : new TaskFailed(TaskFailed.Reason.CANCELLED, "task " + id + " was cancelled"));
            }
        });
    }

    void unknown(String id) {
        // Only whoever has asked: what was submitted since may be accepted yet.
        take(
                id,
                one -> one.submission == null,
                one -> one.failed(new TaskFailed(
                        TaskFailed.Reason.UNKNOWN,
                        "task " + id + " is not known: never submitted, or forgotten since it was finished")));
    }

    /** One submission is refused, and not another of the same id that was sent later and may be accepted. */
    void refused(String id, long number, String reason) {
        take(
                id,
                one -> one.number == number,
                one -> one.failed(new TaskFailed(TaskFailed.Reason.REFUSED, "task " + id + ": " + reason)));
    }

    void answered(long number, byte[] answer) {
        Asked asked = questions.remove(number);
        if (asked != null) {
            asked.timeout.cancel();
            tell(() -> asked.answer.complete(answer));
        }
    }

    private interface Telling {
        void to(Pending<?> one);
    }

    private void take(String id, Predicate<Pending<?>> concerned, Telling telling) {
        for (Pending<?> next = pending.get(id); next != null; next = next.next) {
            Pending<?> one = next;
            if (concerned.test(one)) {
                remove(one);
                bytes.addAndGet(-cost(one.submission));
                one.submission = null;
                tell(() -> telling.to(one));
            }
        }
    }

    /** On the callback loop, together with what else is told now. */
    private void tell(Runnable telling) {
        if (told.isEmpty()) {
            loop.execute(() -> {
                List<Runnable> all = told;
                told = new ArrayList<>();
                callbacks.execute(() -> all.forEach(callbacks::attempt));
            });
        }
        told.add(telling);
    }

    private static TaskFailed left() {
        return new TaskFailed(TaskFailed.Reason.UNTOLD, "this node has left; ask again on another");
    }

    /** This node leaves: what is not told now never is. Not on the callback loop, which is about to end. */
    void close() {
        closed = true;
        drain();
        List.copyOf(pending.values()).forEach(first -> {
            for (Pending<?> one = first; one != null; one = one.next) {
                one.failed(left());
            }
        });
        pending.clear();
        unsent.clear();
        questions.values().forEach(asked -> {
            asked.timeout.cancel();
            asked.answer.completeExceptionally(left());
        });
        questions.clear();
    }
}
