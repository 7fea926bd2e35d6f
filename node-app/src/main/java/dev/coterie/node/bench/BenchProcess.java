package dev.coterie.node.bench;

import dev.coterie.etcd.GuardedProcess;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** A process of a benchmark, which goes with this one. */
final class BenchProcess implements AutoCloseable {

    private final GuardedProcess process;
    private final BufferedReader lines;

    private BenchProcess(GuardedProcess process) {
        this.process = process;
        this.lines = new BufferedReader(new InputStreamReader(process.output(), StandardCharsets.UTF_8));
    }

    /** Starts it; what it says of its defaults, on its standard error, is not of interest. */
    static BenchProcess start(List<String> command) throws IOException {
        return new BenchProcess(
                GuardedProcess.start(new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD)));
    }

    /** A program on this class path. */
    static List<String> java(List<String> flags, String program, String... arguments) {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(flags);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), program));
        command.addAll(List.of(arguments));
        return command;
    }

    /** Runs a program to its end, and reads the numbers of its one line. */
    static double[] numbers(List<String> command) throws IOException {
        try (BenchProcess process = start(command)) {
            return Stream.of(process.line().split(" ", -1))
                    .mapToDouble(Double::parseDouble)
                    .toArray();
        }
    }

    /** What it says next. */
    String line() throws IOException {
        String line = lines.readLine();
        if (line == null) {
            throw new IOException(process + " ended before it said what it was to say");
        }
        return line;
    }

    /** Waits for a line with this in it. */
    String lineWith(String part) throws IOException {
        String line = line();
        while (!line.contains(part)) {
            line = line();
        }
        return line;
    }

    /** Waits until it takes connections. */
    void awaitPort(int port) throws IOException {
        for (int attempt = 0; attempt < 100 && process.isAlive(); attempt++) {
            try {
                new Socket(InetAddress.getLoopbackAddress(), port).close();
                return;
            } catch (ConnectException notYet) {
                LockSupport.parkNanos(50_000_000L);
            }
        }
        throw new IOException(process + " takes no connections on port " + port);
    }

    long pid() {
        return process.pid();
    }

    /** How many MiB of it are in memory. */
    double mebibytes() {
        try (Stream<String> status = Files.lines(Path.of("/proc/" + pid() + "/status"))) {
            return status.filter(line -> line.startsWith("VmRSS:"))
                            .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
                            .sum()
                    / 1024.0;
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Waits for its end. */
    void join() {
        process.onExit().orTimeout(60, TimeUnit.SECONDS).join();
    }

    @Override
    public void close() {
        process.close();
    }
}
