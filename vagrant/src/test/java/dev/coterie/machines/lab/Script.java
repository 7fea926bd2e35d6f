package dev.coterie.machines.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A command that has ended, and what it said.
 *
 * @param command the words of it
 * @param status its exit status
 * @param output what it said on standard output
 * @param errors what it said on standard error
 */
public record Script(List<String> command, int status, String output, String errors) {

    /** Far more than any command of a test takes. */
    private static final long SECONDS = 300;

    /** Runs a command to its end. */
    public static Script run(List<String> command) {
        return run(new ProcessBuilder(command));
    }

    /** Runs what was prepared to its end. */
    public static Script run(ProcessBuilder recipe) {
        try {
            // Files, since a pipe stays open as long as any child of the command has it.
            Path output = Files.createTempFile("script", ".out");
            Path errors = Files.createTempFile("script", ".err");
            try {
                Process process = recipe.redirectOutput(output.toFile())
                        .redirectError(errors.toFile())
                        .start();
                process.getOutputStream().close();
                if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
                    process.descendants().forEach(ProcessHandle::destroyForcibly);
                    process.destroyForcibly();
                    throw new IllegalStateException(recipe.command() + " does not end: " + Files.readString(errors));
                }
                return new Script(
                        recipe.command(),
                        process.exitValue(),
                        Files.readString(output, StandardCharsets.UTF_8),
                        Files.readString(errors, StandardCharsets.UTF_8));
            } finally {
                Files.delete(output);
                Files.delete(errors);
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", interrupted);
        }
    }

    /** Its output, if it went well; what it said otherwise is the failure. */
    public String orFail() {
        if (status != 0) {
            throw new IllegalStateException(String.join(" ", command) + ": status " + status + "\n" + errors + output);
        }
        return output;
    }
}
