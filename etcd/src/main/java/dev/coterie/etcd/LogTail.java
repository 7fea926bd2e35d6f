package dev.coterie.etcd;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads what a process says, passes it on to the log at level debug, and remembers the end of it. One daemon thread, which
 * ends with the process. Any thread.
 */
final class LogTail {

    private static final Logger log = LoggerFactory.getLogger(LogTail.class);
    private static final int LINES = 30;

    private final Deque<String> last = new ArrayDeque<>();
    private final Thread reader;

    LogTail(String name, InputStream output) {
        reader = new Thread(() -> read(name, output), "log of " + name);
        reader.setDaemon(true);
        reader.start();
    }

    /** The last lines, once the process has ended all of them. */
    String lines(boolean ended) {
        if (ended) {
            try {
                reader.join(1000);
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
        }
        return String.join("\n", copy());
    }

    private void read(String name, InputStream output) {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(output, StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                add(line);
                log.debug("{}: {}", name, line);
            }
        } catch (IOException closed) {
            log.debug("{}: its output has ended", name, closed);
        }
    }

    private synchronized void add(String line) {
        if (last.size() == LINES) {
            last.removeFirst();
        }
        last.addLast(line);
    }

    private synchronized List<String> copy() {
        return List.copyOf(last);
    }
}
