package dev.coterie.cluster.work;

import dev.coterie.cluster.concurrent.EventLoop;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs on this node what the master sends: on the application's executor, so many at a time. The master is told how many
 * to send: as many as keep the executor busy for a moment, so that quick tasks need not wait for each other's way, and
 * slow ones do not queue here while others are idle.
 */
final class Worker implements Conversation.Party {

    private static final Logger log = LoggerFactory.getLogger(Worker.class);

    private static final int MOST_CAPACITY = 4096;

    /** How much work may wait here. */
    private static final Duration AHEAD = Duration.ofMillis(20);

    private static final Duration CHECK = Duration.ofMillis(50);

    private final EventLoop loop;
    private final Conversation conversation;
    private final Map<String, Handling<?, ?>> handlers = new ConcurrentHashMap<>();

    /** What this node has and the master has not settled yet: running, or with an outcome. On the loop. */
    private final Map<String, Attempt> attempts = new LinkedHashMap<>();

    // Between the loop and the threads of the executor: this is on the path of every task.
    private final Queue<Attempt> queue = new ConcurrentLinkedQueue<>();
    private final Queue<Attempt> over = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean reportExpected = new AtomicBoolean();
    private final AtomicInteger runners = new AtomicInteger();

    private volatile Executor executor;
    private volatile int concurrency;

    /** A running mean of what a task takes; written by any runner, and a lost update does no harm. */
    private volatile double meanNanos;

    /** Once this node is to take nothing more: what follows when it has nothing any more. */
    private @Nullable Runnable drained;

    /** Whether the master knows that, and all that it had sent before it knew has come. */
    private boolean drainKnown;

    private int toldCapacity;
    private int stuck;
    private boolean checking;

    /** How one type is handled. */
    private record Handling<P, R>(Class<P> payload, TaskHandler<P, R> handler) {

        byte[] run(Attempt attempt) throws Exception {
            return Json.write(handler.handle(Json.read(attempt.payload, payload), attempt.told));
        }
    }

    Worker(EventLoop loop, Conversation conversation, Executor executor, int concurrency) {
        this.loop = loop;
        this.conversation = conversation;
        this.executor = executor;
        this.concurrency = concurrency;
    }

    // --- What the application says: any thread ----------------------------------------------------------------------

    void runOn(Executor nowExecutor, int nowConcurrency) {
        executor = nowExecutor;
        concurrency = nowConcurrency;
        loop.execute(this::tellCapacity);
    }

    <P, R> void handle(String type, Class<P> payload, TaskHandler<P, R> handler) {
        if (handlers.putIfAbsent(type, new Handling<>(payload, handler)) != null) {
            throw new IllegalStateException("type: '" + type + "' is handled already; stop that before");
        }
        loop.execute(this::tellCapacity);
    }

    void stopHandling(String type) {
        handlers.remove(type);
        loop.execute(this::tellCapacity);
    }

    // --- On the loop ------------------------------------------------------------------------------------------------

    /** Takes nothing more, and says when all that this node has is done and the master has settled it. */
    void drain(Runnable then) {
        drained = then;
        if (conversation.isOpen() && !(handlers.isEmpty() && attempts.isEmpty())) {
            sayCapacity(Verbs.CAPACITY);
        } else {
            drainKnown = true;
            drainedIfSo();
        }
    }

    private void drainedIfSo() {
        Runnable then = drained;
        if (then != null && drainKnown && attempts.isEmpty()) {
            then.run();
        }
    }

    /** The master sends a task. */
    void run(Attempt attempt) {
        Attempt before = attempts.put(attempt.id, attempt);
        if (before != null) {
            before.stop();
        }
        queue.add(attempt);
        startRunner();
        checkSoon();
    }

    /** The master does not want a task any more. */
    void stop(String id) {
        Attempt attempt = attempts.remove(id);
        if (attempt != null) {
            attempt.stop();
            drainedIfSo();
        }
    }

    private void startRunner() {
        if (runners.get() < concurrency) {
            runners.incrementAndGet();
            try {
                executor.execute(this::work);
            } catch (RejectedExecutionException full) {
                runners.decrementAndGet();
                log.warn("The executor takes no more: {}; what waits is tried again soon", full.getMessage());
            }
        }
    }

    private void checkSoon() {
        if (!checking && !attempts.isEmpty()) {
            checking = true;
            var unused = loop.schedule(CHECK, this::check);
        }
    }

    /** Gives up what takes too long. */
    private void check() {
        checking = false;
        long now = loop.clock().nanoTime();
        List<Attempt> late =
                attempts.values().stream().filter(one -> one.isGivenUp(now)).toList();
        stuck += late.size();
        late.forEach(this::report);
        if (!queue.isEmpty()) {
            startRunner();
        }
        if (!late.isEmpty()) {
            tellCapacity();
        }
        checkSoon();
    }

    private void reportAll() {
        reportExpected.set(false);
        for (Attempt attempt = over.poll(); attempt != null; attempt = over.poll()) {
            if (attempts.get(attempt.id) == attempt) {
                report(attempt);
            }
        }
        int capacity = capacity();
        if (Math.abs(capacity - toldCapacity) * 4 > toldCapacity) {
            tellCapacity();
        }
    }

    private void report(Attempt attempt) {
        if (!conversation.isOpen()) {
            return;
        }
        WireWriter to = conversation.say(() -> {
            attempts.remove(attempt.id, attempt);
            drainedIfSo();
        });
        byte[] result = attempt.result;
        if (result != null) {
            to.verb(Verbs.DONE).name(attempt.id).number(attempt.run).bytes(result);
        } else {
            to.verb(Verbs.FAILED).name(attempt.id).number(attempt.run).text(String.valueOf(attempt.cause));
        }
    }

    /** How many tasks to send: fewer by as many as do not end. */
    private int capacity() {
        int able = Math.max(0, concurrency - stuck);
        double perThread = meanNanos <= 0 ? 1 : Math.max(1, AHEAD.toNanos() / meanNanos);
        return handlers.isEmpty() || drained != null ? 0 : (int) Math.min(MOST_CAPACITY, able * perThread);
    }

    private void tellCapacity() {
        if (conversation.isOpen()) {
            sayCapacity(Verbs.CAPACITY);
        }
    }

    private void sayCapacity(byte verb) {
        toldCapacity = capacity();
        List<String> types = List.copyOf(handlers.keySet());
        WireWriter to = drained == null ? conversation.say() : conversation.say(this::drainSettled);
        to.verb(verb).number(toldCapacity).number(types.size());
        types.forEach(to::name);
    }

    private void drainSettled() {
        drainKnown = true;
        drainedIfSo();
    }

    @Override
    public void begin(Conversation with) {
        sayCapacity(Verbs.HELLO);
        for (Attempt attempt : List.copyOf(attempts.values())) {
            if (attempt.result == null && attempt.cause == null) {
                with.say().verb(Verbs.RUNNING).name(attempt.id).number(attempt.run);
            } else {
                report(attempt);
            }
        }
    }

    @Override
    public void resume(Conversation with) {}

    @Override
    public boolean depends() {
        return !handlers.isEmpty() || !attempts.isEmpty();
    }

    /** Stops what runs. */
    void close() {
        attempts.values().forEach(Attempt::stop);
        attempts.clear();
    }

    // --- On the executor --------------------------------------------------------------------------------------------

    private void work() {
        while (true) {
            Attempt attempt = queue.poll();
            if (attempt != null) {
                work(attempt);
                continue;
            }
            runners.decrementAndGet();
            // Whatever came since then found a runner that was about to end.
            if (queue.isEmpty() || runners.incrementAndGet() > concurrency) {
                return;
            }
        }
    }

    private void work(Attempt attempt) {
        long start = loop.clock().nanoTime();
        if (!attempt.start(start)) {
            return;
        }
        byte @Nullable [] result = null;
        @Nullable String cause = null;
        // The application's code may throw anything, and that is its answer.
        try {
            result = resultOf(attempt);
        } catch (Throwable thrown) {
            cause = String.valueOf(thrown);
        }
        boolean wanted = attempt.end();
        measure(loop.clock().nanoTime() - start);
        if (!wanted) {
            if (attempt.cause != null) {
                loop.execute(this::unstuck);
            }
            return;
        }
        attempt.result = result;
        attempt.cause = cause;
        over.add(attempt);
        if (!reportExpected.get() && reportExpected.compareAndSet(false, true)) {
            loop.execute(this::reportAll);
        }
    }

    private byte[] resultOf(Attempt attempt) throws Exception {
        Handling<?, ?> handling = handlers.get(attempt.type);
        if (handling == null) {
            throw new IllegalStateException("nobody handles " + attempt.type + " here any more");
        }
        byte[] result = handling.run(attempt);
        if (result.length > WorkSettings.LARGEST_PAYLOAD) {
            throw new IllegalArgumentException("the result has " + result.length + " bytes, at most "
                    + WorkSettings.LARGEST_PAYLOAD + " fit; keep large data elsewhere and return where it is");
        }
        return result;
    }

    private void measure(long nanos) {
        double mean = meanNanos;
        meanNanos = mean == 0 ? nanos : mean + (nanos - mean) / 16;
    }

    private void unstuck() {
        if (stuck > 0) {
            stuck--;
            tellCapacity();
        }
    }
}
