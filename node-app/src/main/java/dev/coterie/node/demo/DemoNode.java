package dev.coterie.node.demo;

import dev.coterie.cluster.concurrent.EventLoop;
import dev.coterie.etcd.GuardedProcess;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/** A node of the demo: a process of its own, and what it says. */
final class DemoNode {

    private static final Duration LAST_WORDS = Duration.ofMillis(500);

    private final GuardedProcess process;
    private final CompletableFuture<Void> read;

    private DemoNode(GuardedProcess process, CompletableFuture<Void> read) {
        this.process = process;
        this.read = read;
    }

    /**
     * Starts one.
     *
     * @param name for the threads that read what it writes
     * @param loop where the following are called
     * @param said gets each line of its standard output
     * @param complained gets each line of its standard error
     * @param ended gets its exit status, after the last line
     */
    static DemoNode start(
            String name,
            ProcessBuilder recipe,
            EventLoop loop,
            Consumer<String> said,
            Consumer<String> complained,
            IntConsumer ended)
            throws IOException {
        GuardedProcess process = GuardedProcess.start(recipe);
        CompletableFuture<Void> read = CompletableFuture.allOf(
                reader("output of " + name, process.output(), loop, said),
                reader("errors of " + name, process.errors(), loop, complained));
        CompletionStage<Integer> exit = process.onExit();
        exit.thenAcceptBoth(read, (status, done) -> loop.execute(() -> ended.accept(status)));
        return new DemoNode(process, read);
    }

    /**
     * Reading a process's output blocks, so each takes a thread; it waits for each line to be dealt with.
     *
     * @return completes after the last line
     */
    private static CompletableFuture<Void> reader(
            String name, InputStream stream, EventLoop loop, Consumer<String> lines) {
        CompletableFuture<Void> read = new CompletableFuture<>();
        Thread thread = new Thread(
                () -> {
                    try (BufferedReader reader =
                            new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
                        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                            String next = line;
                            CompletableFuture.runAsync(() -> lines.accept(next), loop)
                                    .join();
                        }
                    } catch (IOException gone) {
                        // The process has ended, and its output with it.
                    } finally {
                        read.complete(null);
                    }
                },
                name);
        thread.setDaemon(true);
        thread.start();
        return read;
    }

    long pid() {
        return process.pid();
    }

    /** Asks it to leave. */
    void terminate() {
        process.terminate();
    }

    /** Waits until it has left, at most so long, then ends it; and a little for what it said to be dealt with. */
    void close(Duration grace) {
        process.close(grace);
        try {
            read.get(LAST_WORDS.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException unread) {
            // Its output is somebody else's by now; what matters was said before.
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
