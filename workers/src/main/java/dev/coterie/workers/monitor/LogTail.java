package dev.coterie.workers.monitor;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/**
 * Reads a log from near its end on. When the file was renamed because it was full, the rest of it is read, and then the
 * one that has taken its place. One thread.
 */
final class LogTail implements AutoCloseable {

    private final Path file;
    private @Nullable FileChannel channel;
    private @Nullable Object key;

    /**
     * Opens it, if it is there already.
     *
     * @param bytes how much of what is there is read; begun with a whole line
     */
    LogTail(Path file, long bytes) throws IOException {
        this.file = file;
        FileChannel opened = open();
        if (opened != null && opened.size() > bytes) {
            opened.position(opened.size() - bytes);
            skipLine(opened);
        }
    }

    private @Nullable FileChannel open() throws IOException {
        try {
            key = key();
            channel = FileChannel.open(file);
            return channel;
        } catch (NoSuchFileException notYet) {
            return null;
        }
    }

    private @Nullable Object key() throws IOException {
        return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
    }

    /** To behind the next end of a line; nowhere if there is none. */
    private static void skipLine(FileChannel channel) throws IOException {
        ByteBuffer some = ByteBuffer.allocate(4096);
        int count = channel.read(some, channel.position());
        for (int at = 0; at < count; at++) {
            if (some.get(at) == '\n') {
                channel.position(channel.position() + at + 1);
                return;
            }
        }
    }

    /**
     * Reads on.
     *
     * @param buffer is filled with what there is, and flipped
     * @return whether there was anything
     */
    boolean read(ByteBuffer buffer) throws IOException {
        buffer.clear();
        FileChannel current = channel == null ? open() : channel;
        if (current != null && current.read(buffer) <= 0) {
            if (current.size() < current.position()) {
                // Somebody has emptied it.
                current.position(0);
            } else if (wasRenamed() && current.read(buffer) <= 0) {
                close();
            }
        }
        return buffer.flip().hasRemaining();
    }

    private boolean wasRenamed() throws IOException {
        try {
            return key != null && !key.equals(key());
        } catch (NoSuchFileException notYet) {
            return true;
        }
    }

    @Override
    public void close() {
        if (channel != null) {
            dev.coterie.workers.io.SocketLoop.closeQuietly(channel);
            channel = null;
        }
    }
}
