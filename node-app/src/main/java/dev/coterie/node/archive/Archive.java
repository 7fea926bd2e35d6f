package dev.coterie.node.archive;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Classes as Java needs them, kept in a file, so that it need not read and check them at each start. A Java of another
 * version, or other jars, leave it alone and start as if there were none.
 */
public final class Archive {

    /** A start takes a second; this is for a machine that has a lot else to do. */
    private static final long PATIENCE_SECONDS = 180;

    private Archive() {}

    /** The flags with which Java uses it, or does without it and says nothing. */
    public static List<String> flags(Path file) {
        return List.of(
                "-Xshare:auto",
                "-XX:SharedArchiveFile=" + file,
                "-Xlog:cds=off",
                "-Xlog:cds+dynamic=off",
                "-Xlog:class+path=off");
    }

    /**
     * Makes it, for this Java and this class path.
     *
     * @param program loads the classes that matter, and ends
     * @throws IOException if it could not be made
     */
    public static void make(Path file, String program) throws IOException {
        Path folder = file.toAbsolutePath().getParent();
        Path list = Files.createTempFile(folder, "classes", ".lst");
        Path made = Files.createTempFile(folder, "archive", ".jsa");
        try {
            run(List.of("-XX:TieredStopAtLevel=1", "-XX:DumpLoadedClassList=" + list), program);
            // With the collector that can put objects into it, too; any can read them.
            run(
                    List.of(
                            "-XX:+UseG1GC",
                            "-Xmx256m",
                            "-Xshare:dump",
                            "-XX:SharedClassListFile=" + list,
                            "-XX:SharedArchiveFile=" + made),
                    program);
            Files.move(made, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(list);
            Files.deleteIfExists(made);
        }
    }

    private static void run(List<String> flags, String program) throws IOException {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(flags);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), program));
        Process process = new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                throw new IOException("archive: " + command.get(1) + " did not end within " + PATIENCE_SECONDS + " s");
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException("archive: interrupted", interrupted);
        } finally {
            process.destroyForcibly();
        }
        if (process.exitValue() != 0) {
            throw new IOException("archive: Java could not make it; status " + process.exitValue() + " of "
                    + String.join(" ", command.subList(1, command.size() - 3)));
        }
    }
}
