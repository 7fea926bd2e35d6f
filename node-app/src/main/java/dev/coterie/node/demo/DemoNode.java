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
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/** A node of the demo: a process of its own, and what it says. */
final class DemoNode {

    private static final Duration LAST_WORDS = Duration.ofMillis(500);

    private final String label;
    private final String name;
    private final GuardedProcess process;
    private final Thread output;
    private final Thread errors;

    private DemoNode(String label, String name, GuardedProcess process, Thread output, Thread errors) {
        this.label = label;
        this.name = name;
        this.process = process;
        this.output = output;
        this.errors = errors;
    }

    /**
     * Starts one.
     *
     * @param loop where the following are called
     * @param said gets each line of its standard output
     * @param complained gets each line of its standard error
     * @param ended gets its exit status, after the last line
     */
    static DemoNode start(
            String label,
            String name,
            ProcessBuilder recipe,
            EventLoop loop,
            Consumer<String> said,
            Consumer<String> complained,
            IntConsumer ended)
            throws IOException {
        GuardedProcess process = GuardedProcess.start(recipe);
        Thread output = reader(label + " output", process.output(), loop, said);
        Thread errors = reader(label + " errors", process.errors(), loop, complained);
        CompletionStage<Integer> exit = process.onExit();
        exit.thenAccept(status -> loop.execute(() -> ended.accept(status)));
        return new DemoNode(label, name, process, output, errors);
    }

    /** Reading a process's output blocks, so each takes a thread; it waits for each line to be dealt with. */
    private static Thread reader(String name, InputStream stream, EventLoop loop, Consumer<String> lines) {
        Thread thread = new Thread(
                () -> {
                    try (BufferedReader reader =
                            new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
                        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                            String read = line;
                            CompletableFuture.runAsync(() -> lines.accept(read), loop)
                                    .join();
                        }
                    } catch (IOException ended) {
                        // The process has gone, and its output with it.
                    }
                },
                name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    /** The letter that stands before what it says. */
    String label() {
        return label;
    }

    /** Its moniker. */
    String name() {
        return name;
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Asks it to leave. */
    void terminate() {
        process.terminate();
    }

    /** Waits until it has left, at most so long, then ends it; and until all it said was dealt with. */
    void close(Duration grace) {
        process.close(grace);
        try {
            output.join(LAST_WORDS.toMillis());
            errors.join(LAST_WORDS.toMillis());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
