package dev.coterie.etcd;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** Programs that are run to their end for what they print. */
final class Commands {

    private Commands() {}

    /**
     * Runs one.
     *
     * @return its standard output
     * @throws IOException if it could not be run, failed, or was not done in time; with what it said
     */
    static String run(ProcessBuilder recipe, Duration deadline) throws IOException {
        // Files rather than pipes: nobody has to read them while it runs.
        Path output = Files.createTempFile("coterie-", ".out");
        Path errors = Files.createTempFile("coterie-", ".err");
        recipe.redirectOutput(output.toFile()).redirectError(errors.toFile());
        try (GuardedProcess process = GuardedProcess.start(recipe)) {
            if (!process.endsWithin(deadline)) {
                throw failed(recipe, "was still at it after " + deadline.toSeconds() + " s", output, errors);
            }
            int status = process.onExit().getNow(-1);
            if (status != 0) {
                throw failed(recipe, "failed with status " + status, output, errors);
            }
            return Files.readString(output, StandardCharsets.UTF_8);
        } finally {
            Files.deleteIfExists(output);
            Files.deleteIfExists(errors);
        }
    }

    private static IOException failed(ProcessBuilder recipe, String how, Path output, Path errors) throws IOException {
        String said =
                Files.readString(errors, StandardCharsets.UTF_8) + Files.readString(output, StandardCharsets.UTF_8);
        return new IOException(String.join(" ", recipe.command()) + " " + how + ": " + said.strip());
    }
}
