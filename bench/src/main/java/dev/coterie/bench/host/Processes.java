package dev.coterie.bench.host;

import dev.coterie.bench.peer.MissingServer;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/** Starts, signals, weighs and ends processes. */
public final class Processes {

    private static final double TICKS_PER_SECOND = 100;

    private Processes() {}

    /**
     * Starts a server, with all that it says in {@code dir/name.log}. It is ended with this JVM.
     *
     * @param debianPackage what to install if the program is not there
     * @throws MissingServer if the program is not on the PATH
     */
    public static Process server(
            Path dir, String name, String debianPackage, Map<String, String> environment, List<String> command)
            throws IOException, MissingServer {
        if (!isInstalled(command.get(0))) {
            throw new MissingServer(command.get(0), debianPackage);
        }
        return start(dir, name, environment, command);
    }

    /** As {@link #server}, where the program is known to be there. */
    public static Process start(Path dir, String name, Map<String, String> environment, List<String> command)
            throws IOException {
        Files.createDirectories(dir);
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(dir.resolve(name + ".log").toFile());
        builder.environment().putAll(environment);
        Process process = builder.start();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> end(process.toHandle())));
        return process;
    }

    private static boolean isInstalled(String program) {
        return Stream.of(System.getenv("PATH").split(File.pathSeparator, -1))
                .map(folder -> Path.of(folder).resolve(program))
                .anyMatch(Files::isExecutable);
    }

    /** The command that starts a class of this class path in another JVM. */
    public static List<String> java(String mainClass, List<String> options, List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), mainClass));
        command.addAll(arguments);
        return command;
    }

    /** Asks a process and its descendants to end, waits a little, then kills what is left. */
    public static void end(ProcessHandle process) {
        List<ProcessHandle> all =
                Stream.concat(process.descendants(), Stream.of(process)).toList();
        all.forEach(ProcessHandle::destroy);
        for (ProcessHandle one : all) {
            try {
                one.onExit().get(5, TimeUnit.SECONDS);
            } catch (ExecutionException | TimeoutException stubborn) {
                one.destroyForcibly();
            } catch (InterruptedException interrupted) {
                one.destroyForcibly();
                Thread.currentThread().interrupt();
            }
        }
    }

    /**
     * Sends a signal.
     *
     * @param signal {@code KILL}, {@code STOP}, {@code CONT}
     */
    public static void signal(long pid, String signal) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + signal, Long.toString(pid))
                .inheritIO()
                .start()
                .waitFor();
    }

    /** The memory that a process has in use, in MiB. */
    public static double residentMebibytes(long pid) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/status"), StandardCharsets.UTF_8)) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("\\D", "")) / 1024.0;
            }
        }
        return 0;
    }

    /** The CPU time that a process has used, of user and system. */
    public static double cpuSeconds(long pid) throws IOException {
        String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS_PER_SECOND;
    }

    /** Deletes a folder with all that is in it. */
    public static void delete(Path folder) {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException | UncheckedIOException inUse) {
            System.err.println(folder + " was not wholly deleted: " + inUse);
        }
    }
}
