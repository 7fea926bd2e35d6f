package dev.coterie.cluster.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.coterie.cluster.discovery.Service;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HookCallTest {

    private static final Instance INSTANCE = new Instance(BoardTest.node("a"), Service.of("shop"));

    private final ExecutorService threads = Executors.newCachedThreadPool();

    @AfterEach
    void end() {
        threads.shutdownNow();
    }

    @Test
    void a_hook_on_an_executor_is_done_when_it_returns_and_fails_with_what_it_throws() {
        get(new HookCall(Hook.on(threads, instance -> {}), INSTANCE, Runnable::run));
        for (Throwable thrown : new Throwable[] {new IOException("no"), new AssertionError("no")}) {
            Hook hook = Hook.on(threads, instance -> {
                if (thrown instanceof Error error) {
                    throw error;
                }
                throw (Exception) thrown;
            });
            assertThatThrownBy(() -> get(new HookCall(hook, INSTANCE, Runnable::run)))
                    .hasCause(thrown);
        }
    }

    @Test
    void a_hook_that_throws_returns_nothing_or_finds_no_room_fails() {
        Hook throwing = instance -> {
            throw new IllegalStateException("no");
        };
        assertThatThrownBy(() -> get(new HookCall(throwing, INSTANCE, Runnable::run)))
                .hasRootCauseMessage("no");
        assertThatThrownBy(() -> get(new HookCall(instance -> null, INSTANCE, Runnable::run)))
                .hasRootCauseInstanceOf(NullPointerException.class);
        threads.shutdown();
        assertThatThrownBy(() -> get(new HookCall(Hook.on(threads, instance -> {}), INSTANCE, Runnable::run)))
                .hasRootCauseInstanceOf(RejectedExecutionException.class);
    }

    @Test
    void a_hook_that_blocks_is_interrupted_when_it_is_given_up() throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        AtomicBoolean interrupted = new AtomicBoolean();
        Hook hook = Hook.on(threads, instance -> {
            begun.countDown();
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException givenUp) {
                interrupted.set(true);
                throw givenUp;
            }
        });
        HookCall call = new HookCall(hook, INSTANCE, Runnable::run);
        assertThat(begun.await(10, TimeUnit.SECONDS)).isTrue();
        call.giveUp();
        await().untilTrue(interrupted);
    }

    @Test
    void a_stage_is_cancelled_also_if_it_comes_only_after_the_call_was_given_up() throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        CompletableFuture<Void> stage = new CompletableFuture<>();
        Hook hook = instance -> {
            begun.countDown();
            await().until(() -> goOn.await(0, TimeUnit.SECONDS));
            return stage;
        };
        HookCall call = new HookCall(hook, INSTANCE, threads);
        assertThat(begun.await(10, TimeUnit.SECONDS)).isTrue();
        call.giveUp();
        goOn.countDown();
        await().until(stage::isCancelled);
    }

    @Test
    void a_call_given_up_before_it_began_never_begins() {
        Queue<Runnable> waiting = new ArrayDeque<>();
        AtomicBoolean begun = new AtomicBoolean();
        Hook hook = instance -> {
            begun.set(true);
            return CompletableFuture.completedFuture(null);
        };
        HookCall call = new HookCall(hook, INSTANCE, waiting::add);
        call.giveUp();
        waiting.remove().run();
        assertThat(begun).isFalse();
    }

    private static void get(HookCall call) {
        call.outcome().toCompletableFuture().orTimeout(10, TimeUnit.SECONDS).join();
    }
}
