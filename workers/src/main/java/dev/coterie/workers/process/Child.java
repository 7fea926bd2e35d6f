package dev.coterie.workers.process;

import java.io.InputStream;
import java.util.concurrent.CompletableFuture;

/** A child process. Any thread. */
public final class Child {

    private final Process process;
    private final CompletableFuture<Integer> exit;

    Child(Process process, CompletableFuture<Integer> exit) {
        this.process = process;
        this.exit = exit;
    }

    /** Its process id. */
    public long pid() {
        return process.pid();
    }

    /** Completes with the exit status when it has ended: 128 and the signal's number if a signal ended it. */
    public CompletableFuture<Integer> onExit() {
        return exit.copy();
    }

    /** What it writes, if the recipe left its errors a pipe. */
    public InputStream output() {
        return process.getErrorStream();
    }

    /** Asks it to end (SIGTERM). */
    public void terminate() {
        // Not Process.destroy(), which would also close the output under its reader.
        process.toHandle().destroy();
    }

    /** Ends it (SIGKILL), paused or not, and what it has started itself. */
    public void kill() {
        process.toHandle().descendants().forEach(ProcessHandle::destroyForcibly);
        process.toHandle().destroyForcibly();
    }
}
