package dev.coterie.workers.process;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A file that what processes say is appended to. When it is full it is renamed to {@code .1}, that to {@code .2}, and so
 * on, and the oldest is deleted. What cannot be written, because the disk is full, is dropped and counted: a process must
 * not stand still for its log. Any thread: an earlier process of a worker may still speak while the next one does.
 */
public final class LogFile implements AutoCloseable {

    private static final int BUFFER = 16 * 1024;

    private final Path file;
    private final long bytes;
    private final int files;
    private final Consumer<String> warnings;
    private @Nullable OutputStream out;
    private long size;
    private long dropped;

    /**
     * Creates it; the file is opened when there is something to write.
     *
     * @param bytes how large the file may get
     * @param files how many there may be, the current one included; at least 1
     * @param warnings told once when writing begins to fail, and once when it works again
     */
    public LogFile(Path file, long bytes, int files, Consumer<String> warnings) {
        this.file = file;
        this.bytes = bytes;
        this.files = files;
        this.warnings = warnings;
    }

    /** Appends what a process says until it ends, on a thread of its own. */
    public void follow(InputStream output, String name) {
        Thread thread = new Thread(null, () -> copy(output), "log of " + name, 128 * 1024);
        thread.setDaemon(true);
        thread.start();
    }

    private void copy(InputStream output) {
        byte[] buffer = new byte[BUFFER];
        try (output) {
            for (int count = output.read(buffer); count >= 0; count = output.read(buffer)) {
                append(buffer, count);
            }
        } catch (IOException ended) {
            // Closed with its process.
        }
    }

    /** How many bytes could not be written so far. */
    public synchronized long dropped() {
        return dropped;
    }

    synchronized void append(byte[] buffer, int count) {
        try {
            OutputStream open = open(count);
            open.write(buffer, 0, count);
            size += count;
            if (dropped > 0) {
                warnings.accept("log " + file + ": it can be written again; " + dropped + " bytes were dropped");
                dropped = 0;
            }
        } catch (IOException failure) {
            close();
            if (dropped == 0) {
                warnings.accept("log " + file + ": it cannot be written (" + failure.getMessage()
                        + "); what the worker says is dropped until it can; make room");
            }
            dropped += count;
        }
    }

    private OutputStream open(int more) throws IOException {
        if (out != null && size > 0 && size + more > bytes) {
            close();
            rotate();
        }
        if (out == null) {
            out = Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            size = Files.size(file);
        }
        return out;
    }

    private void rotate() throws IOException {
        for (int number = files - 1; number > 0; number--) {
            Path from = number == 1 ? file : numbered(number - 1);
            if (Files.exists(from)) {
                Files.move(from, numbered(number), StandardCopyOption.REPLACE_EXISTING);
            }
        }
        Files.deleteIfExists(file);
    }

    private Path numbered(int number) {
        return file.resolveSibling(file.getFileName() + "." + number);
    }

    /** Closes the file; it is opened again when there is something to write. */
    @Override
    public synchronized void close() {
        if (out != null) {
            try {
                out.close();
            } catch (IOException full) {
                // Nothing was buffered, so nothing more is lost.
            }
            out = null;
        }
    }
}
