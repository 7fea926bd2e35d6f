package dev.coterie.node.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** A process that works, as the one that measures holds it. */
final class TasksBenchWorker implements AutoCloseable {

    private final Process process;

    private TasksBenchWorker(Process process) {
        this.process = process;
    }

    /** Starts it, and waits until it has joined. */
    static TasksBenchWorker start(String etcd, String name) throws IOException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-Xmx512m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        TasksBenchMain.class.getName(),
                        etcd,
                        name)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        BufferedReader says = process.inputReader();
        if (says.readLine() == null) {
            process.destroyForcibly();
            throw new IOException("a worker ended before it had joined");
        }
        return new TasksBenchWorker(process);
    }

    /** It ends when its standard input does, so it goes with this process too, however that ends. */
    @Override
    public void close() {
        try {
            process.getOutputStream().close();
            if (!process.waitFor(5, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (IOException gone) {
            process.destroyForcibly();
        } catch (InterruptedException interrupted) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
