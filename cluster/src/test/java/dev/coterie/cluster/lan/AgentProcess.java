package dev.coterie.cluster.lan;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A node in a process of its own, in Java or in Node.js, and all it has said. */
final class AgentProcess implements AutoCloseable {

    private static final JsonMapper JSON = JsonMapper.shared();

    final String name;
    final boolean java;
    private final Process process;
    private final Writer commands;
    private final List<JsonNode> said = new CopyOnWriteArrayList<>();

    private AgentProcess(String name, boolean java, List<String> command, File folder) {
        this.name = name;
        this.java = java;
        try {
            process = new ProcessBuilder(command)
                    .directory(folder)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        commands = process.outputWriter(StandardCharsets.UTF_8);
        Thread reader = new Thread(this::read, name);
        reader.setDaemon(true);
        reader.start();
    }

    /**
     * Starts one in Java.
     *
     * @param before what to put before the command, such as to enter a network namespace
     */
    static AgentProcess java(String name, Map<String, ?> options, String... before) {
        List<String> command = new ArrayList<>(List.of(before));
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xms16m",
                "-Xmx64m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xshare:auto",
                "-cp",
                System.getProperty("java.class.path"),
                LanAgent.class.getName(),
                JSON.writeValueAsString(options)));
        return new AgentProcess(name, true, command, null);
    }

    /** Starts one in Node.js, with node-discover. */
    static AgentProcess node(String name, Map<String, ?> options) {
        List<String> command = List.of("node", "agent.js", JSON.writeValueAsString(options));
        return new AgentProcess(name, false, command, NodeDiscover.folder().toFile());
    }

    private void read() {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                said.add(JSON.readTree(line));
            }
        } catch (IOException ended) {
            said.add(JSON.createObjectNode().put("ev", "ended"));
        }
    }

    void tell(Map<String, ?> command) {
        try {
            commands.write(JSON.writeValueAsString(command) + "\n");
            commands.flush();
        } catch (IOException gone) {
            throw new UncheckedIOException(name + " is gone", gone);
        }
    }

    List<JsonNode> said(String event) {
        return said.stream()
                .filter(line -> line.path("ev").asString().equals(event))
                .toList();
    }

    /** Its id, once it is ready. */
    String id() {
        return said("ready").isEmpty() ? "" : said("ready").get(0).path("id").asString();
    }

    /** The ids of the others it knows, from what it said. */
    List<String> knows() {
        List<String> known = new ArrayList<>();
        for (JsonNode line : said) {
            if (line.path("ev").asString().equals("added")) {
                known.add(line.path("id").asString());
            } else if (line.path("ev").asString().equals("removed")) {
                known.remove(line.path("id").asString());
            }
        }
        return known;
    }

    /** Whether it is master, from what it said. */
    boolean isMaster() {
        boolean master = false;
        for (JsonNode line : said) {
            String event = line.path("ev").asString();
            master = event.equals("promotion") || (master && !event.equals("demotion"));
        }
        return master;
    }

    /** When it was promoted or demoted last, by {@link System#nanoTime} in ms; 0 if never. */
    double changedAt() {
        return Stream.of("promotion", "demotion")
                .flatMap(event -> said(event).stream())
                .mapToDouble(line -> line.path("t").asDouble())
                .max()
                .orElse(0);
    }

    /** The ids of the masters it knows, by what it answered last; asks again. */
    List<String> masters() {
        List<JsonNode> states = said("state");
        tell(Map.of("cmd", "state"));
        return states.isEmpty()
                ? List.of()
                : List.of(JSON.treeToValue(states.get(states.size() - 1).path("masters"), String[].class));
    }

    /** Whether a message has come on a channel. */
    boolean heard(String channel, String value) {
        return said("message").stream()
                .anyMatch(line -> line.path("channel").asString().equals(channel)
                        && line.path("value").asString().equals(value));
    }

    /** As {@code kill -9}. */
    void kill() {
        process.destroyForcibly();
    }

    /** As SIGSTOP: it stands still, and keeps its port. */
    void freeze() {
        signal("-STOP");
    }

    /** As SIGCONT. */
    void thaw() {
        signal("-CONT");
    }

    private void signal(String signal) {
        try {
            Process kill = new ProcessBuilder("kill", signal, String.valueOf(process.pid())).start();
            if (kill.waitFor() != 0) {
                throw new IllegalStateException("kill " + signal + ": " + name + " is gone");
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
        try {
            if (!process.waitFor(Duration.ofSeconds(10).toSeconds(), TimeUnit.SECONDS)) {
                throw new IllegalStateException(name + " does not end");
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
