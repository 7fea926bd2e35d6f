package dev.coterie.etcd;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A child process that does not outlive this JVM, however the JVM ends, {@code kill -9} included. Linux and macOS.
 *
 * <p>The child is a direct one, so its process id, exit status and output are its own. Beside it a small shell, the
 * guard, holds the reading end of a pipe whose writing end only this JVM has. When the pipe ends without a word, the JVM
 * is gone, and the guard ends the child: SIGTERM, and SIGKILL a second later. When the child ends first, the guard is told
 * and ends too. (The kernel's own "signal on the parent's death" is bound to the thread that started the child, and a
 * JVM's threads come and go.)
 *
 * <p>The child ignores SIGINT and SIGQUIT: Ctrl-C in a terminal reaches the whole process group at once, and it is for
 * the parent to decide in which order things end.
 *
 * <p>Methods: any thread.
 */
public final class GuardedProcess implements AutoCloseable {

    private static final Duration GRACE = Duration.ofSeconds(5);

    /** Waits for the word that the guard stands; a JVM that died before leaves nothing behind. */
    private static final String CHILD = "trap '' INT QUIT; IFS= read -r word && exec \"$@\" </dev/null";

    /** $1: the child; $2: a folder that is to go with it, or nothing. */
    private static final String GUARD = """
            trap '' INT QUIT HUP TERM
            IFS= read -r word && exit 0
            gone() {
              tenths=0
              while kill -0 "$1"; do
                [ "$tenths" -lt 10 ] || return 1
                sleep 0.1
                tenths=$((tenths + 1))
              done
            }
            kill -TERM "$1"
            kill -CONT "$1"
            gone "$1" || { kill -KILL "$1"; gone "$1"; }
            [ -z "$2" ] || rm -rf -- "$2"
            """;

    private final String name;
    private final Process process;
    private final CompletableFuture<Integer> exit;

    private GuardedProcess(String name, Process process, CompletableFuture<Integer> exit) {
        this.name = name;
        this.process = process;
        this.exit = exit;
    }

    /**
     * Starts a child.
     *
     * @param recipe its command, environment, folder, and where its output goes; its input is empty whatever this says
     * @throws IOException if there is no such program or it cannot be started
     */
    public static GuardedProcess start(ProcessBuilder recipe) throws IOException {
        return start(recipe, null);
    }

    /**
     * Starts a child.
     *
     * @param doomed a folder that the guard deletes if the JVM dies first; null for none
     */
    static GuardedProcess start(ProcessBuilder recipe, @Nullable Path doomed) throws IOException {
        List<String> command = List.copyOf(recipe.command());
        String program = command.get(0);
        if (Executables.find(program, recipe.environment().get("PATH")).isEmpty()) {
            throw new IOException("there is no program '" + program + "' that can be run");
        }
        List<String> waiting = new ArrayList<>(List.of("/bin/sh", "-c", CHILD, "child"));
        waiting.addAll(command);
        Process child;
        try {
            child = recipe.command(waiting)
                    .redirectInput(ProcessBuilder.Redirect.PIPE)
                    .start();
        } finally {
            recipe.command(command);
        }
        try {
            Process guard = guard(child.pid(), doomed);
            CompletableFuture<Integer> exit = child.onExit().thenApply(ended -> {
                speak(guard.getOutputStream());
                return ended.exitValue();
            });
            speak(child.getOutputStream());
            return new GuardedProcess(program, child, exit);
        } catch (IOException noGuard) {
            child.destroyForcibly();
            throw noGuard;
        }
    }

    private static Process guard(long child, @Nullable Path doomed) throws IOException {
        return new ProcessBuilder(
                        "/bin/sh", "-c", GUARD, "guard", Long.toString(child), doomed == null ? "" : doomed.toString())
                .directory(Path.of("/").toFile())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    /** The one word of the protocol, and the end of the pipe. */
    private static void speak(OutputStream pipe) {
        try (pipe) {
            pipe.write("word\n".getBytes(StandardCharsets.US_ASCII));
        } catch (IOException gone) {
            // Whoever should have listened has ended, which is what the word is about.
        }
    }

    /** The child's process id. */
    public long pid() {
        return process.pid();
    }

    /** Whether it runs; a paused one does. */
    public boolean isAlive() {
        return process.isAlive();
    }

    /** What it writes to its standard output, if the recipe left that a pipe; else empty. */
    public InputStream output() {
        return process.getInputStream();
    }

    /** What it writes to its standard error, if the recipe left that a pipe of its own; else empty. */
    public InputStream errors() {
        return process.getErrorStream();
    }

    /** Completes with the exit status when it has ended: 128 and the signal's number if a signal ended it. */
    public CompletableFuture<Integer> onExit() {
        return exit.copy();
    }

    /** Asks it to end (SIGTERM). */
    public void terminate() {
        // Not Process.destroy(), which would also close the output under its reader.
        process.toHandle().destroy();
    }

    /** Ends it at once (SIGKILL), paused or not, and waits until it has. */
    public void kill() {
        process.toHandle().destroyForcibly();
        if (!endsWithin(GRACE)) {
            throw new IllegalStateException(this + " did not end within " + GRACE + " of being killed");
        }
    }

    /** Freezes it (SIGSTOP): it keeps its sockets and memory and does nothing. */
    public void pause() {
        signal("STOP");
    }

    /** Lets it go on after {@link #pause()} (SIGCONT). */
    public void resume() {
        signal("CONT");
    }

    /** Ends it: SIGTERM, also if it is paused, and SIGKILL if that has not helped after five seconds. Waits for it. */
    @Override
    public void close() {
        close(GRACE);
    }

    /**
     * Ends it as {@link #close()} does.
     *
     * @param grace how long it has between SIGTERM and SIGKILL
     */
    public void close(Duration grace) {
        if (!isAlive()) {
            return;
        }
        terminate();
        resume();
        if (!endsWithin(grace)) {
            kill();
        }
    }

    @Override
    public String toString() {
        return name + " (process " + pid() + ")";
    }

    /** Whether it has ended, waiting for that a while. */
    boolean endsWithin(Duration time) {
        try {
            exit.get(time.toNanos(), TimeUnit.NANOSECONDS);
            return true;
        } catch (TimeoutException alive) {
            return false;
        } catch (ExecutionException impossible) {
            throw new IllegalStateException(impossible);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for " + this + " to end", interrupted);
        }
    }

    private void signal(String signal) {
        if (!isAlive()) {
            return;
        }
        try {
            // The shell's own kill: a program of that name is not on every machine.
            Process kill = new ProcessBuilder("/bin/sh", "-c", "kill -s \"$1\" \"$2\"", "kill", signal, "" + pid())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            boolean sent = kill.waitFor(GRACE.toSeconds(), TimeUnit.SECONDS) && kill.exitValue() == 0;
            // It may have ended just now, which this JVM learns a moment later.
            if (!sent && !endsWithin(GRACE)) {
                throw new IllegalStateException("signal " + signal + " could not be sent to " + this);
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while signalling " + this, interrupted);
        }
    }
}
