package dev.coterie.workers.process;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Child processes that do not outlive this JVM, however it ends, {@code kill -9} included. Linux and macOS.
 *
 * <p>One small shell, the guard, holds the reading end of a pipe whose writing end only this JVM has, and is told of each
 * child. When the pipe ends without a farewell, this JVM is gone, and the guard ends the children: SIGTERM, and SIGKILL a
 * second later; then it deletes a folder that is to go with them. A child starts as a shell that waits for a word before
 * it becomes what it is to be, so there is no moment in which one runs and the guard does not know it. A guard that is
 * ended itself is replaced.
 *
 * <p>Children ignore SIGINT and SIGQUIT: Ctrl-C in a terminal reaches the whole process group at once, and it is for the
 * parent to decide in which order things end. Methods: any thread, one at a time.
 */
public final class Children implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Children.class);

    /** What it says goes to one place, its standard error. */
    private static final String CHILD = "trap '' INT QUIT; IFS= read -r word && exec \"$@\" </dev/null >&2";

    /** $1: the folder that goes with the children. */
    private static final String GUARD = """
            trap '' INT QUIT HUP TERM
            children=
            while IFS=' ' read -r what child; do
              case $what in
                start) children="$children $child" ;;
                end)
                  others=
                  for one in $children; do [ "$one" = "$child" ] || others="$others $one"; done
                  children=$others ;;
                *) exit 0 ;;
              esac
            done
            gone() {
              tenths=0
              for one in $children; do
                while kill -0 "$one"; do
                  [ "$tenths" -lt 10 ] || return 1
                  sleep 0.1
                  tenths=$((tenths + 1))
                done
              done
            }
            for one in $children; do kill -TERM "$one"; kill -CONT "$one"; done
            gone || for one in $children; do kill -KILL "$one"; done
            gone
            rm -rf -- "$1"
            """;

    private final Path doomed;
    private final Set<Long> alive = new TreeSet<>();
    private Process guard;
    private boolean closed;

    /**
     * Starts the guard.
     *
     * @param doomed a folder that is deleted when the children are ended because this JVM is gone
     */
    public Children(Path doomed) throws IOException {
        this.doomed = doomed;
        this.guard = startGuard();
    }

    /**
     * Starts a child.
     *
     * @param recipe its command, environment, folder, and where its errors go; its output goes there too, and its input
     *     is empty, whatever this says. A command that there is not ends with status 127.
     */
    public synchronized Child start(ProcessBuilder recipe) throws IOException {
        List<String> command = List.copyOf(recipe.command());
        List<String> waiting = new ArrayList<>(List.of("/bin/sh", "-c", CHILD, command.get(0)));
        waiting.addAll(command);
        Process process = recipe.command(waiting)
                .redirectInput(ProcessBuilder.Redirect.PIPE)
                .start();
        recipe.command(command);
        try {
            alive.add(process.pid());
            tell("start " + process.pid());
            CompletableFuture<Integer> exit = process.onExit().thenApply(ended -> {
                forget(ended.pid());
                return ended.exitValue();
            });
            word(process.getOutputStream());
            return new Child(process, exit);
        } catch (IOException noGuard) {
            alive.remove(process.pid());
            process.destroyForcibly();
            throw noGuard;
        }
    }

    private synchronized void forget(long pid) {
        if (!alive.remove(pid) || closed) {
            return;
        }
        try {
            tell("end " + pid);
        } catch (IOException noGuard) {
            log.warn("The guard of worker processes cannot be told that {} has ended: {}", pid, noGuard.getMessage());
        }
    }

    /** Says a line to the guard; if that has ended, to a new one that knows all children. */
    private void tell(String line) throws IOException {
        try {
            say(guard, line);
        } catch (IOException gone) {
            guard = startGuard();
            for (long pid : alive) {
                say(guard, "start " + pid);
            }
        }
    }

    private static void say(Process guard, String line) throws IOException {
        OutputStream pipe = guard.getOutputStream();
        pipe.write((line + "\n").getBytes(StandardCharsets.US_ASCII));
        pipe.flush();
    }

    private Process startGuard() throws IOException {
        Process started = new ProcessBuilder("/bin/sh", "-c", GUARD, "guard", doomed.toString())
                .directory(Path.of("/").toFile())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        var unused = started.onExit().thenAccept(this::replaceGuard);
        return started;
    }

    private synchronized void replaceGuard(Process ended) {
        if (closed || ended != guard) {
            return;
        }
        log.warn("The guard of worker processes (process {}) was ended; another takes over", ended.pid());
        try {
            tell("");
        } catch (IOException failure) {
            log.error("There is no guard of worker processes any more: they would outlive this process", failure);
        }
    }

    private static void word(OutputStream pipe) {
        try (pipe) {
            pipe.write("word\n".getBytes(StandardCharsets.US_ASCII));
        } catch (IOException gone) {
            // It was ended before it began, which its exit status tells.
        }
    }

    /** Ends the guard. Whoever closes this has seen to the children. */
    @Override
    public synchronized void close() {
        closed = true;
        try (OutputStream pipe = guard.getOutputStream()) {
            pipe.write("farewell\n".getBytes(StandardCharsets.US_ASCII));
        } catch (IOException gone) {
            // Then it need not be told.
        }
    }
}
