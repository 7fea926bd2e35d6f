package dev.coterie.workers.supervisor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where what workers write to their standard output and error goes.
 *
 * @param folder a file for each worker, called as the worker with {@code .log}
 * @param bytes how large a file may get before the next is begun; default 10 MiB
 * @param files how many there may be of each worker; default 5
 */
public record LogPolicy(Path folder, long bytes, int files) {

    /** The defaults, in a folder. */
    public static LogPolicy in(Path folder) {
        return new LogPolicy(folder, 10 * 1024 * 1024, 5);
    }

    /** Checks that there is room for something. */
    public LogPolicy {
        if (bytes < 1 || files < 1) {
            throw new IllegalArgumentException(
                    "logs: bytes and files must be positive, not " + bytes + " and " + files);
        }
    }

    /** The current file of a worker, which is there once it has said something. */
    public Path file(String worker) {
        return folder.resolve(worker + ".log");
    }

    /** Makes the folder if it is not there. */
    void prepare() throws IOException {
        try {
            Files.createDirectories(folder);
        } catch (IOException failure) {
            throw new IOException("logs: '" + folder + "' cannot be made; choose another folder", failure);
        }
    }
}
