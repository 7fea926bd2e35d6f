package dev.coterie.node.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** What sends datagrams: a small program in C where there is a compiler, else one in Java, which sends fewer a second. */
final class Sender implements AutoCloseable {

    private final Path folder;
    private final boolean compiled;

    /**
     * Makes it.
     *
     * @param source the program in C
     */
    Sender(Path source) throws IOException {
        folder = Files.createTempDirectory("bench-sender-");
        compiled = compile(source);
    }

    private Path program() {
        return folder.resolve("blast");
    }

    private boolean compile(Path source) throws IOException {
        try {
            Process compiler = new ProcessBuilder("cc", "-O2", "-o", program().toString(), source.toString())
                    .inheritIO()
                    .start();
            return compiler.waitFor(60, TimeUnit.SECONDS) && compiler.exitValue() == 0;
        } catch (IOException none) {
            return false;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while compiling " + source, interrupted);
        }
    }

    /** Sends for some seconds; says how many were sent, in how many seconds, and when it began. */
    double[] send(int port, int bytes, int rate, double seconds) throws IOException {
        List<String> arguments = List.of("" + port, "" + bytes, "" + rate, "" + seconds);
        List<String> command = new ArrayList<>();
        if (compiled) {
            command.add(program().toString());
            command.addAll(arguments);
        } else {
            command.addAll(BenchProcess.java(
                    List.of("-Xmx64m", "-XX:+UseSerialGC"), Blast.class.getName(), arguments.toArray(String[]::new)));
        }
        return BenchProcess.numbers(command);
    }

    @Override
    public String toString() {
        return compiled ? "a sender in C" : "a sender in Java (there is no C compiler)";
    }

    @Override
    public void close() throws IOException {
        Files.deleteIfExists(program());
        Files.delete(folder);
    }
}
