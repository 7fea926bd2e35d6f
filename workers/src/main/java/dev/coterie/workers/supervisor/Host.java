package dev.coterie.workers.supervisor;

import dev.coterie.cluster.concurrent.ThreadEventLoop;
import dev.coterie.workers.io.SocketLoop;
import dev.coterie.workers.link.Variables;
import dev.coterie.workers.process.Child;
import dev.coterie.workers.process.Children;
import dev.coterie.workers.process.LogFile;
import dev.coterie.workers.process.PidFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Where the crew's decisions become processes. On the supervisor's loop, except for the starting of processes. */
final class Host {

    private static final int NO_SUCH_PROGRAM = 127;
    private static final int SIGNALLED = 128;
    private static final Map<Integer, String> SIGNALS =
            Map.of(1, "SIGHUP", 2, "SIGINT", 6, "SIGABRT", 9, "SIGKILL", 11, "SIGSEGV", 15, "SIGTERM");

    private final SupervisorConfig config;
    private final SocketLoop loop;
    private final Path socket;
    private final Children children;
    private final Optional<PidFolder> pids;
    private final Map<Integer, LogFile> logs = new HashMap<>();

    /** Starting a process takes milliseconds, in which the loop has better things to do. */
    private final ThreadEventLoop starter = new ThreadEventLoop("coterie-starter");

    private final Crew crew;

    Host(SupervisorConfig config, SocketLoop loop, Path folder, Crew crew) throws IOException {
        this.config = config;
        this.loop = loop;
        this.crew = crew;
        this.socket = folder.resolve("link");
        this.pids = config.pids().map(PidFolder::new);
        if (config.logs().isPresent()) {
            config.logs().get().prepare();
        }
        if (pids.isPresent()) {
            pids.get().take(config.name());
        }
        this.children = new Children(folder);
    }

    Path socket() {
        return socket;
    }

    /**
     * A process that was started.
     *
     * @param port on which it is to serve; 0 if that is its own affair
     */
    private record Started(Child child, int port) {}

    void fork(WorkerProcess worker) {
        CompletableFuture<Started> started = CompletableFuture.supplyAsync(() -> start(worker), starter);
        loop.events()
                .then(
                        started,
                        process -> forked(worker, process),
                        failure -> crew.ended(worker, -1, "it could not be started: " + failure.getMessage()));
    }

    /** On the starter. */
    private Started start(WorkerProcess worker) {
        try {
            int port = config.readiness() == Readiness.PORT ? freePort() : 0;
            return new Started(children.start(recipe(worker, port)), port);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure.getMessage(), failure);
        }
    }

    private ProcessBuilder recipe(WorkerProcess worker, int port) {
        ProcessBuilder recipe = new ProcessBuilder(config.command()).redirectOutput(ProcessBuilder.Redirect.DISCARD);
        Map<String, String> environment = recipe.environment();
        environment.putAll(config.environment());
        environment.put(Variables.NUMBER, Integer.toString(worker.number()));
        environment.put(Variables.NAME, worker.name());
        environment.put(Variables.ID, worker.id());
        environment.put(Variables.SOCKET, socket.toString());
        environment.put(
                Variables.HEARTBEAT,
                Long.toString(config.heartbeats().interval().toMillis()));
        if (port > 0) {
            environment.put(Variables.PORT, Integer.toString(port));
        }
        return config.logs().isPresent() ? recipe : recipe.redirectError(ProcessBuilder.Redirect.INHERIT);
    }

    /** Free just now: should another process take it first, the worker cannot start, and gets another one next time. */
    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private void forked(WorkerProcess worker, Started started) {
        Child child = started.child();
        worker.child = child;
        crew.forked(worker);
        config.logs().ifPresent(policy -> log(worker, policy).follow(child.output(), worker.name()));
        note(folder -> folder.add(child.pid(), worker.name()));
        loop.events().then(child.onExit(), status -> ended(worker, status), impossible -> ended(worker, -1));
        if (config.readiness() == Readiness.START) {
            crew.listening(worker, 0);
        } else if (config.readiness() == Readiness.PORT) {
            new PortProbe(loop, worker, started.port(), () -> crew.listening(worker, started.port())).start();
        }
    }

    private LogFile log(WorkerProcess worker, LogPolicy policy) {
        return logs.computeIfAbsent(
                worker.number(),
                number -> new LogFile(
                        policy.file(worker.name()),
                        policy.bytes(),
                        policy.files(),
                        text -> loop.events().execute(() -> crew.warn(text))));
    }

    private void ended(WorkerProcess worker, int status) {
        note(folder -> folder.remove(worker.pid()));
        crew.ended(worker, status, cause(status));
    }

    private String cause(int status) {
        if (status == NO_SUCH_PROGRAM) {
            return "exit status 127: is there a program '" + config.command().get(0) + "'?";
        }
        int signal = status - SIGNALLED;
        return signal > 0
                ? "signal " + signal
                        + Optional.ofNullable(SIGNALS.get(signal))
                                .map(name -> " (" + name + ")")
                                .orElse("")
                : "exit status " + status;
    }

    /** Asks it to end, in the way of those that have no link. */
    static void terminate(WorkerProcess worker) {
        if (worker.child != null) {
            worker.child.terminate();
        }
    }

    static void kill(WorkerProcess worker) {
        if (worker.child != null) {
            worker.child.kill();
        }
    }

    /** What is done to the folder of pid files; a full disk must not stop anything. */
    private void note(Note note) {
        pids.ifPresent(folder -> {
            try {
                note.write(folder);
            } catch (IOException failure) {
                crew.warn("pids: '" + config.pids().get() + "' cannot be written: " + failure.getMessage());
            }
        });
    }

    /** A change of the folder of pid files. */
    private interface Note {
        void write(PidFolder folder) throws IOException;
    }

    /** There are no workers any more. */
    void close() {
        note(PidFolder::leave);
        children.close();
        starter.close();
        logs.values().forEach(LogFile::close);
    }
}
