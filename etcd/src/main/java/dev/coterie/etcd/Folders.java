package dev.coterie.etcd;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Folders that come and go. */
final class Folders {

    private static final Path MEMORY = Path.of("/dev/shm");

    private Folders() {}

    /**
     * A new folder for the life of this process.
     *
     * @param fast whether it had better be in memory, where the machine offers that
     */
    static Path temporary(boolean fast) throws IOException {
        return fast && Files.isWritable(MEMORY)
                ? Files.createTempDirectory(MEMORY, "coterie-etcd-")
                : Files.createTempDirectory("coterie-etcd-");
    }

    /** Deletes a folder and all in it; what is gone already is fine. */
    static void delete(Path folder) throws IOException {
        List<Path> deepestFirst;
        try (Stream<Path> paths = Files.walk(folder)) {
            deepestFirst = paths.sorted(Comparator.reverseOrder()).toList();
        } catch (NoSuchFileException gone) {
            return;
        }
        for (Path path : deepestFirst) {
            Files.deleteIfExists(path);
        }
    }
}
