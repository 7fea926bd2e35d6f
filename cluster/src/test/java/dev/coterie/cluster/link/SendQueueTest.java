package dev.coterie.cluster.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SendQueueTest {

    private static final Duration LONG = Duration.ofSeconds(30);

    private final SendQueue queue = new SendQueue(GrpcTransport.QUEUE_BYTES);

    @Test
    void holds_16384_small_messages() {
        int taken = 0;
        while (queue.offer(message(100))) {
            taken++;
        }
        assertThat(taken).isEqualTo(16_384);
        assertThat(queue.size()).isEqualTo(16_384);
        assertThat(queue.offer(message(100), Duration.ZERO)).isFalse();
        assertThat(queue.offer(message(100), Duration.ofMillis(5))).isFalse();
    }

    @Test
    void holds_fewer_large_ones() {
        int taken = 0;
        while (queue.offer(message(Message.MAX_PAYLOAD))) {
            taken++;
        }
        assertThat(taken).isEqualTo(7);
        assertThat(queue.offer(message(100_000))).isTrue();
    }

    @Test
    void who_waits_gets_the_room_that_is_made() {
        fill();
        CompletableFuture<Boolean> waiting = CompletableFuture.supplyAsync(() -> queue.offer(message(1), LONG));
        CompletableFuture<Boolean> other = CompletableFuture.supplyAsync(() -> queue.offer(message(1), LONG));
        for (int i = 0; i < 2; i++) {
            Message oldest = queue.take();
            assertThat(oldest).isNotNull();
            queue.release(SendQueue.cost(oldest));
        }
        assertThat(waiting.orTimeout(10, TimeUnit.SECONDS).join()).isTrue();
        assertThat(other.orTimeout(10, TimeUnit.SECONDS).join()).isTrue();
        assertThat(queue.offer(message(1))).isFalse();
    }

    @Test
    void closing_sends_all_who_wait_away_and_keeps_what_is_in() {
        fill();
        List<CompletableFuture<Boolean>> waiting = new ArrayList<>();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            CompletableFuture<Boolean> answer = new CompletableFuture<>();
            Thread thread = new Thread(() -> answer.complete(queue.offer(message(Message.MAX_PAYLOAD), LONG)));
            thread.start();
            threads.add(thread);
            waiting.add(answer);
        }
        await().until(() -> threads.stream().allMatch(t -> t.getState() == Thread.State.TIMED_WAITING));
        queue.close();

        assertThat(waiting)
                .allSatisfy(w ->
                        assertThat(w.orTimeout(10, TimeUnit.SECONDS).join()).isFalse());
        assertThat(queue.offer(message(1))).isFalse();
        assertThat(queue.take()).isNotNull();
        queue.clear();
        assertThat(queue.isEmpty()).isTrue();
    }

    @Test
    void who_is_interrupted_while_waiting_gives_up_and_stays_interrupted() {
        fill();
        CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
        Thread thread = new Thread(() -> interrupted.complete(
                !queue.offer(message(1), LONG) && Thread.currentThread().isInterrupted()));
        thread.start();
        thread.interrupt();
        assertThat(interrupted.orTimeout(10, TimeUnit.SECONDS).join()).isTrue();
    }

    private void fill() {
        while (queue.offer(message(1))) {
            assertThat(queue.isEmpty()).isFalse();
        }
    }

    private static Message message(int bytes) {
        return new Message(Kinds.CHANNEL, "a", 0, new byte[bytes]);
    }
}
