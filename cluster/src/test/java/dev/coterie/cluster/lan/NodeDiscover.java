package dev.coterie.cluster.lan;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** npm's node-discover, installed into the build folder as its lock file says. */
final class NodeDiscover {

    private static final Path FOLDER = Path.of("target", "node-discover");

    private NodeDiscover() {}

    /** Why it cannot be used on this machine; empty if it can. */
    static String objection() {
        return runs("node", "--version") && runs("npm", "--version") ? "" : "node and npm are not on the PATH";
    }

    /** Installs it if it is not there yet. */
    static synchronized Path folder() {
        if (!Files.isDirectory(FOLDER.resolve("node_modules/node-discover"))) {
            try {
                Files.createDirectories(FOLDER);
                for (String file : List.of("package.json", "package-lock.json", ".npmrc")) {
                    copy(file);
                }
                Process install = new ProcessBuilder("npm", "ci", "--no-audit", "--no-fund")
                        .directory(FOLDER.toFile())
                        .inheritIO()
                        .start();
                if (!install.waitFor(120, TimeUnit.SECONDS) || install.exitValue() != 0) {
                    throw new IllegalStateException("npm ci in " + FOLDER + " failed");
                }
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted", interrupted);
            }
        }
        try {
            copy("agent.js");
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        return FOLDER;
    }

    private static void copy(String file) throws IOException {
        Path from = Path.of("src", "test", "resources", "node-discover", file);
        Files.copy(from, FOLDER.resolve(file), StandardCopyOption.REPLACE_EXISTING);
    }

    private static boolean runs(String... command) {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return process.waitFor(20, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException missing) {
            return false;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
