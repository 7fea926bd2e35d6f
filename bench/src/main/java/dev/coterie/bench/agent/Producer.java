package dev.coterie.bench.agent;

import dev.coterie.bench.peer.Tasks;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.HdrHistogram.Histogram;

/** Submits tasks and checks their results. A task is its id, the time of its submission, a number, and padding. */
final class Producer {

    private static final int RESULT_SIZE = 24;
    private static final int FACTOR = 3;

    private final Tasks tasks;
    private final Output output;
    private final Map<Long, Long> expected = new ConcurrentHashMap<>();
    private final AtomicLong unexpected = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();
    private final AtomicLong lastResult = new AtomicLong();
    private final Histogram latency = new Histogram(3);
    private long nextId = 1;

    Producer(Tasks tasks, Output output) {
        this.tasks = tasks;
        this.output = output;
    }

    /** What workers do. */
    static byte[] timesThree(byte[] task) {
        ByteBuffer in = ByteBuffer.wrap(task);
        return ByteBuffer.allocate(RESULT_SIZE)
                .putLong(in.getLong(0))
                .putLong(in.getLong(8))
                .putLong(in.getLong(16) * FACTOR)
                .array();
    }

    void listen() throws Exception {
        tasks.onResult(this::result);
    }

    private void result(byte[] result) {
        long now = System.nanoTime();
        ByteBuffer in = ByteBuffer.wrap(result);
        Long right = expected.remove(in.getLong(0));
        if (right == null || right != in.getLong(16)) {
            unexpected.incrementAndGet();
        }
        synchronized (latency) {
            latency.recordValue(now - in.getLong(8));
        }
        lastResult.set(now);
    }

    private byte[] task(int size) {
        long id = nextId++;
        long number = id * 7;
        expected.put(id, number * FACTOR);
        return ByteBuffer.allocate(size)
                .putLong(id)
                .putLong(System.nanoTime())
                .putLong(number)
                .array();
    }

    /** Submits so many tasks, with at most {@code window} of them unconfirmed. */
    void produce(int n, int window, int size) throws Exception {
        reset();
        Semaphore free = new Semaphore(window);
        long start = System.nanoTime();
        for (int i = 0; i < n; i++) {
            free.acquire();
            var unused = tasks.submit(task(size)).whenComplete((confirmed, failure) -> {
                if (failure != null) {
                    failed.incrementAndGet();
                }
                free.release();
            });
        }
        free.acquire(window);
        long confirmed = System.nanoTime();
        drain(30);
        output.emit("PRODUCED", start, confirmed, lastResult.get(), expected.size(), unexpected.get(), failed.get());
        expected.clear();
    }

    /** Submits at a low rate. */
    void trickle(int perSecond, int n, int size) throws Exception {
        reset();
        Pace pace = new Pace(perSecond);
        for (int i = 0; i < n; i++) {
            pace.await();
            var unused = tasks.submit(task(size)).whenComplete((confirmed, failure) -> {
                if (failure != null) {
                    failed.incrementAndGet();
                }
            });
        }
        drain(10);
        output.emit("TRICKLED", expected.size(), unexpected.get(), Output.quantiles(latency));
        expected.clear();
    }

    private void reset() {
        latency.reset();
        unexpected.set(0);
        failed.set(0);
    }

    private void drain(int seconds) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        while (!expected.isEmpty() && System.nanoTime() < end) {
            Thread.sleep(2);
        }
    }
}
