package dev.coterie.cluster;

import dev.coterie.etcd.GuardedProcess;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A program with a node in it, such as {@link NodeMain}, as a child process, and what it prints. */
final class NodeProcess implements AutoCloseable {

    final List<String> lines = new CopyOnWriteArrayList<>();
    final GuardedProcess process;

    NodeProcess(String etcd, String name) {
        this(etcd, name, 0);
    }

    NodeProcess(String etcd, String name, int port) {
        this(NodeMain.class, name, List.of(etcd, name, String.valueOf(port)));
    }

    NodeProcess(Class<?> program, String name, List<String> args) {
        this(program, name, args, List.of());
    }

    /**
     * Starts one.
     *
     * @param before what the command line begins with, such as where it is to run
     */
    NodeProcess(Class<?> program, String name, List<String> args, List<String> before) {
        List<String> command = new ArrayList<>(before);
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                program.getName()));
        command.addAll(args);
        try {
            process = GuardedProcess.start(new ProcessBuilder(command).redirectErrorStream(true));
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        Thread reader = new Thread(() -> read(name), "output of " + name);
        reader.setDaemon(true);
        reader.start();
    }

    boolean said(String begin) {
        return count(begin) > 0;
    }

    long count(String begin) {
        return lines.stream().filter(line -> line.startsWith(begin)).count();
    }

    @Override
    public void close() {
        process.close();
    }

    private void read(String name) {
        try (BufferedReader reader =
                new BufferedReader(new InputStreamReader(process.output(), StandardCharsets.UTF_8))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                System.out.println(name + " | " + line);
                lines.add(line);
            }
        } catch (IOException ended) {
            lines.add("output ended: " + ended.getMessage());
        }
    }
}
