package dev.coterie.node;

import dev.coterie.node.output.Event;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** The command line as a process of its own, with what it says so far. */
final class CoterieProcess implements AutoCloseable {

    /** For things that take a second on an idle machine. */
    static final Duration PATIENCE = Duration.ofSeconds(90);

    private final Process process;
    private final List<String> output = new CopyOnWriteArrayList<>();
    private final List<String> errors = new CopyOnWriteArrayList<>();
    private final List<Thread> readers = new ArrayList<>();

    private CoterieProcess(Process process) {
        this.process = process;
        readers.add(reader(process.getInputStream(), output));
        readers.add(reader(process.getErrorStream(), errors));
    }

    static CoterieProcess start(String... arguments) {
        return start(Coterie.class, arguments);
    }

    /** Another program on the same class path. */
    static CoterieProcess start(Class<?> program, String... arguments) {
        // Whatever the tests were started with, nohup for example, must not be passed on.
        List<String> command = new ArrayList<>(List.of("env", "--default-signal=HUP,INT,TERM"));
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                program.getName()));
        command.addAll(List.of(arguments));
        try {
            return new CoterieProcess(new ProcessBuilder(command).start());
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static Thread reader(InputStream stream, List<String> lines) {
        Thread thread = new Thread(() -> {
            try (BufferedReader reader = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
                reader.lines().forEach(lines::add);
            } catch (IOException | UncheckedIOException closed) {
                lines.add("(the output ended with " + closed + ")");
            }
        });
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    List<String> output() {
        return output;
    }

    List<String> errors() {
        return errors;
    }

    long pid() {
        return process.pid();
    }

    /** Everything it said as JSON. */
    Stream<Event> events() {
        return output.stream()
                .map(line -> Event.parse(line).orElseThrow(() -> new AssertionError("no event: " + line)));
    }

    Stream<Event> events(String name) {
        return events().filter(event -> event.event().equals(name));
    }

    /** Waits until it has said something of a kind. */
    Event await(String name, Predicate<Event> condition) {
        Awaitility.await("'" + name + "'")
                .atMost(PATIENCE)
                .until(() -> events(name).anyMatch(condition));
        return events(name).filter(condition).findFirst().orElseThrow();
    }

    /** Waits until it has said something of a kind so often. */
    List<Event> awaitAll(String name, int times) {
        Awaitility.await(times + " of '" + name + "'")
                .atMost(PATIENCE)
                .until(() -> events(name).count() >= times);
        return events(name).toList();
    }

    Event await(String name) {
        return await(name, event -> true);
    }

    /** Its exit status, once it has ended and all it said was read. */
    int exitStatus() {
        try {
            if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                throw new AssertionError("it did not end; it said\n" + output + "\n" + errors);
            }
            for (Thread reader : readers) {
                reader.join(PATIENCE.toMillis());
            }
            return process.exitValue();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new AssertionError(interrupted);
        }
    }

    /** Its standard input ends, as after Ctrl-D. */
    void endInput() {
        try {
            process.getOutputStream().close();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Waits until it has said a line like this. */
    void awaitLine(String pattern) {
        Awaitility.await("a line like " + pattern)
                .atMost(PATIENCE)
                .until(() -> output.stream().anyMatch(line -> line.matches(pattern)));
    }

    /** Asks it to end. */
    void terminate() {
        process.toHandle().destroy();
    }

    static void kill(long pid) {
        ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
    }

    static void untilGone(List<Long> pids) {
        Awaitility.await("the end of " + pids)
                .atMost(PATIENCE)
                .until(() -> pids.stream().noneMatch(CoterieProcess::isAlive));
    }

    private static boolean isAlive(long pid) {
        return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
