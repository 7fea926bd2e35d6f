package dev.coterie.bench;

import dev.coterie.bench.agent.Agent;
import dev.coterie.bench.host.Processes;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeoutException;

/** The driver's end of an agent JVM. */
final class AgentProcess {

    private static final List<String> JVM_OPTIONS =
            List.of("-Xms128m", "-Xmx1500m", "-XX:+UseG1GC", "-Djava.net.preferIPv4Stack=true");

    private final String name;
    private final EventLog log;
    private final Process process;
    private final PrintStream in;

    /** Starts the JVM. */
    AgentProcess(Fleet fleet, String name) throws IOException {
        this.name = name;
        this.log = fleet.log();
        List<String> arguments = List.of(fleet.peerName(), fleet.server().address(), Agent.encode(fleet.options()));
        this.process = new ProcessBuilder(Processes.java(Agent.class.getName(), JVM_OPTIONS, arguments))
                .redirectError(fleet.dir().resolve(name + ".err").toFile())
                .start();
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
        this.in = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
        Thread reader = new Thread(this::read, "reader-" + name);
        reader.setDaemon(true);
        reader.start();
    }

    String name() {
        return name;
    }

    long pid() {
        return process.pid();
    }

    private void read() {
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith("@")) {
                    List<String> words = List.of(line.substring(1).split(" ", -1));
                    log.add(new AgentEvent(name, words.get(0), words.subList(1, words.size())));
                }
            }
        } catch (IOException killed) {
            // What it has not said, it will not say.
        }
    }

    void send(String command) {
        in.println(command);
    }

    /** Sends a command and waits for the event that answers it. */
    AgentEvent call(String command, String answer, long seconds) throws InterruptedException, TimeoutException {
        int from = log.mark();
        send(command);
        return log.await(
                from, event -> event.agent().equals(name) && event.is(answer), seconds * 1000, name + ": " + command);
    }

    /** Sends a signal: {@code KILL} directly, others through a process of their own, which takes some milliseconds. */
    void signal(String signal) throws IOException, InterruptedException {
        if (signal.equals("KILL")) {
            process.destroyForcibly();
        } else {
            Processes.signal(process.pid(), signal);
        }
    }

    void kill() {
        process.destroyForcibly().onExit().join();
    }
}
