package dev.coterie.node.bench;

import dev.coterie.cluster.concurrent.Clock;
import dev.coterie.etcd.GuardedProcess;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/** A node of the failover benchmark as a child process, and when it said what. */
final class FailoverProcess implements AutoCloseable {

    private final GuardedProcess process;

    /** What it has said, or is waited for to say, and when. */
    private final Map<String, CompletableFuture<Long>> said = new ConcurrentHashMap<>();

    private final CompletableFuture<String> id = new CompletableFuture<>();

    private FailoverProcess(GuardedProcess process) {
        this.process = process;
    }

    /** Starts one. */
    static FailoverProcess start(int masters, long helloMillis, long timeoutMillis, List<String> etcd)
            throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                FailoverMain.class.getName(),
                Integer.toString(masters),
                Long.toString(helloMillis),
                Long.toString(timeoutMillis)));
        command.addAll(etcd);
        FailoverProcess one = new FailoverProcess(
                GuardedProcess.start(new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT)));
        Thread reader = new Thread(one::read, "bench-output");
        reader.setDaemon(true);
        reader.start();
        return one;
    }

    /** Its id, when it has joined. */
    CompletableFuture<String> id() {
        return id;
    }

    /** When it says a line, by this JVM's monotonic clock. */
    CompletableFuture<Long> saying(String line) {
        return said.computeIfAbsent(line, none -> new CompletableFuture<>());
    }

    GuardedProcess process() {
        return process;
    }

    @Override
    public void close() {
        process.kill();
        process.close();
    }

    private void read() {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.output(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                saying(line).complete(Clock.system().nanoTime());
                if (line.startsWith(FailoverMain.JOINED)) {
                    id.complete(line.substring(FailoverMain.JOINED.length()));
                }
            }
        } catch (IOException ended) {
            id.completeExceptionally(ended);
        }
    }
}
