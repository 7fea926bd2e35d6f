package dev.coterie.workers.supervisor;

import dev.coterie.cluster.concurrent.Clock;
import dev.coterie.workers.process.PidFolder;
import dev.coterie.workers.process.PidFolder.Entry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/** A supervisor that runs in another process, by its folder of pid files. One thread at a time. */
public final class RunningSupervisor {

    /** What helps against signals that are ignored. */
    static final String UNIGNORE = "start it with setsid instead of nohup, or with env --default-signal=HUP,TERM";

    private static final long PAUSE_NANOS = 20_000_000;

    private final PidFolder folder;
    private final Entry supervisor;

    private RunningSupervisor(PidFolder folder, Entry supervisor) {
        this.folder = folder;
        this.supervisor = supervisor;
    }

    /**
     * Finds it.
     *
     * @throws IOException if there is no such folder, or no supervisor of it that runs; the message says so
     */
    public static RunningSupervisor of(Path pids) throws IOException {
        PidFolder folder = new PidFolder(pids);
        Entry entry = folder.supervisor()
                .orElseThrow(() -> new IOException("pids: no supervisor that belongs to '" + pids
                        + "' runs; name the folder that the running one was given"));
        return new RunningSupervisor(folder, entry);
    }

    /** What the folder says of a process, and whether that runs. */
    public record Status(String name, long pid, boolean runs) {}

    /** The supervisor. */
    public Status supervisor() {
        return status(supervisor);
    }

    /** The workers. */
    public List<Status> workers() throws IOException {
        return folder.workers().stream().map(RunningSupervisor::status).toList();
    }

    private static Status status(Entry entry) {
        return new Status(entry.name(), entry.pid(), runs(entry));
    }

    private static boolean runs(Entry entry) {
        return entry.handle().filter(ProcessHandle::isAlive).isPresent();
    }

    /**
     * Kills all: the supervisor first, so that it does not restart what follows.
     *
     * @throws IOException if something still runs after that time
     */
    public void stop(Duration patience) throws IOException {
        supervisor.handle().ifPresent(ProcessHandle::destroyForcibly);
        List<Entry> workers = folder.workers();
        workers.forEach(worker -> worker.handle().ifPresent(ProcessHandle::destroyForcibly));
        await(patience, () -> !runs(supervisor) && workers.stream().noneMatch(RunningSupervisor::runs), "ended");
        folder.tidy();
    }

    /**
     * Lets the workers finish and end, and the supervisor with them.
     *
     * @throws IOException if it still runs after that time
     */
    public void shutdown(Duration patience) throws IOException {
        supervisor.handle().ifPresent(ProcessHandle::destroy);
        await(patience, () -> !runs(supervisor), "ended");
    }

    /**
     * Replaces one worker after the other.
     *
     * @throws IOException if the supervisor ignores SIGHUP, or some of those that ran before still do after that time
     */
    public void restart(Duration patience) throws IOException {
        if (ignoresHangup()) {
            throw new IOException(supervisor.name() + " (process " + supervisor.pid()
                    + ") ignores SIGHUP, by which it would be told, since it was started so (by nohup, perhaps); "
                    + UNIGNORE);
        }
        List<Entry> before = folder.workers();
        try {
            new ProcessBuilder("/bin/sh", "-c", "kill -s HUP " + supervisor.pid())
                    .inheritIO()
                    .start()
                    .waitFor(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while signalling the supervisor", interrupted);
        }
        await(patience, () -> before.stream().noneMatch(RunningSupervisor::runs), "replaced its workers");
    }

    /** As far as the system says: the first bit of a mask in hexadecimal digits. */
    private boolean ignoresHangup() throws IOException {
        Path status = Path.of("/proc/" + supervisor.pid() + "/status");
        if (!Files.exists(status)) {
            return false;
        }
        try (Stream<String> lines = Files.lines(status)) {
            return lines.anyMatch(line -> line.matches("SigIgn:.*[13579bdf]"));
        }
    }

    private void await(Duration patience, BooleanSupplier condition, String what) throws IOException {
        long start = Clock.system().nanoTime();
        while (!condition.getAsBoolean()) {
            if (Clock.system().nanoTime() - start > patience.toNanos()) {
                throw new IOException(supervisor.name() + " (process " + supervisor.pid() + ") has not " + what
                        + " within " + patience.toSeconds() + " s; look at its log, or give it more time");
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }
}
