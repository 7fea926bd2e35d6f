package dev.coterie.machines.faults;

import dev.coterie.machines.lab.Lab;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import tools.jackson.core.JacksonException;

/** One incarnation of a node of the traffic: a process in a host of the lab. */
final class Node {

    private static final Path BUILT =
            Path.of("..", "node-app", "target", "coterie", "lib").toAbsolutePath();

    private final String host;
    private final String name;
    private final Process process;

    private Node(String host, String name, Process process) {
        this.host = host;
        this.name = name;
        this.process = process;
    }

    /**
     * Starts one.
     *
     * @param prefix what comes before the command, such as {@code env NAME=VALUE}
     * @param hear gets everything that it says; on a thread of its own
     */
    static Node start(
            Lab lab, String host, String name, List<String> prefix, String etcd, long quota, Consumer<Happening> hear) {
        List<String> command = new ArrayList<>(prefix);
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xms64m",
                "-Xmx192m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                BUILT + "/*:" + Path.of("target", "test-classes").toAbsolutePath(),
                TrafficNode.class.getName(),
                etcd,
                name,
                Lab.address(host),
                "" + quota));
        try {
            Process process = lab.builder(host, command.toArray(String[]::new))
                    .redirectError(lab.state().resolve(name + ".err").toFile())
                    .start();
            Thread hearing = new Thread(() -> hear(process, hear), "hear " + name);
            hearing.setDaemon(true);
            hearing.start();
            return new Node(host, name, process);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static void hear(Process process, Consumer<Happening> hear) {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                hear.accept(Happening.read(line));
            }
        } catch (IOException | JacksonException cut) {
            // It was killed in the middle of a line, and what it says ends here.
        }
    }

    String host() {
        return host;
    }

    /** Its name, which is that of its happenings. */
    String name() {
        return name;
    }

    boolean isAlive() {
        return process.isAlive();
    }

    long pid() {
        return process.pid();
    }

    /** Tells it something; it may be dead by now. */
    void command(String... words) {
        try {
            process.getOutputStream().write((String.join(" ", words) + "\n").getBytes(StandardCharsets.UTF_8));
            process.getOutputStream().flush();
        } catch (IOException dead) {
            // Whoever needs an answer waits for it and finds that there is none.
        }
    }

    /** Kills it, and waits until it is dead. */
    void kill() {
        process.destroyForcibly();
        awaitEnd();
    }

    /** Ends it gently. */
    void end() {
        try {
            process.getOutputStream().close();
        } catch (IOException dead) {
            // It has ended already.
        }
        awaitEnd();
    }

    private void awaitEnd() {
        try {
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                throw new IllegalStateException(name + ": its process does not end");
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", interrupted);
        }
    }
}
