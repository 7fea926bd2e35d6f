package dev.coterie.workers.supervisor;

import dev.coterie.cluster.concurrent.ThreadEventLoop;
import dev.coterie.workers.io.SocketLoop;
import dev.coterie.workers.link.Kind;
import dev.coterie.workers.link.Notification;
import dev.coterie.workers.process.Signals;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * Runs worker processes: starts them, restarts what crashes, replaces what is old, and ends them. None outlives this
 * process, however it ends.
 *
 * <pre>
 * try (Supervisor supervisor = new Supervisor(SupervisorConfig.with().workers(4).name("Decoder").build())) {
 *     supervisor.onEvent(event -&gt; System.out.println(event));
 *     supervisor.handleSignals();
 *     supervisor.start();
 *     supervisor.awaitEnd();
 * }
 * </pre>
 *
 * <p>Methods: any thread. Callbacks come one at a time, in order, on a thread of their own.
 */
public final class Supervisor implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final SupervisorConfig config;
    private final SocketLoop loop = new SocketLoop("coterie-supervisor");
    private final ThreadEventLoop callbacks = new ThreadEventLoop("coterie-callbacks");
    private final List<Consumer<SupervisorEvent>> listeners = new CopyOnWriteArrayList<>();
    private final List<Consumer<Question>> delegates = new CopyOnWriteArrayList<>();
    private final List<Traffic> traffic = new CopyOnWriteArrayList<>();
    private final CompletableFuture<Ending> end = new CompletableFuture<>();
    private final Path folder;
    private final Crew crew;
    private final Host host;
    private final Delegates questions;

    /**
     * Prepares everything; no worker runs before {@link #start()}.
     *
     * @throws IOException if a folder or the socket for workers cannot be made, or the folder of pid files is another's
     */
    public Supervisor(SupervisorConfig config) throws IOException {
        this.config = config;
        folder = Files.createTempDirectory("coterie-");
        crew = new Crew(loop.events(), config, new Work());
        questions =
                new Delegates(loop.events(), this::ask, crew::alive, (worker, frame) -> worker.tell(frame, crew::warn));
        try {
            host = new Host(config, loop, folder, crew);
        } catch (IOException failure) {
            loop.close();
            callbacks.close();
            Files.deleteIfExists(folder);
            throw failure;
        }
        ask(() -> {
            openReception();
            return true;
        });
    }

    private void openReception() {
        try {
            Hearing hearing = new Hearing(loop.events().clock(), crew, questions, traffic);
            var unused = new Reception(loop, host.socket(), this::find, hearing);
        } catch (IOException failure) {
            throw new java.io.UncheckedIOException(failure);
        }
    }

    private Optional<WorkerProcess> find(String id) {
        return crew.alive().stream().filter(worker -> worker.id().equals(id)).findFirst();
    }

    /** What it was made with. */
    public SupervisorConfig config() {
        return config;
    }

    /** The loop on which workers and their traffic are seen to. */
    public SocketLoop loop() {
        return loop;
    }

    /** Starts the workers. Once. */
    public void start() {
        loop.events().execute(() -> {
            crew.start();
            beat();
        });
    }

    private void beat() {
        crew.schedule(config.heartbeats().interval(), () -> {
            new Work().tell(heartbeat());
            beat();
        });
    }

    private SupervisorEvent heartbeat() {
        List<WorkerProcess> ready = crew.alive().stream()
                .filter(worker -> worker.state() == WorkerState.LISTENING)
                .toList();
        return new SupervisorEvent.Heartbeat(
                ready.size(),
                ready.stream().mapToLong(WorkerProcess::connections).sum(),
                ready.stream().mapToLong(one -> one.counts().received()).sum(),
                (long) ready.stream()
                        .mapToLong(one -> one.counts().memory())
                        .average()
                        .orElse(0));
    }

    /** Hears of everything that happens from now on. */
    public void onEvent(Consumer<SupervisorEvent> listener) {
        listeners.add(listener);
    }

    /** Hears what workers ask from now on; {@link #answer} answers. */
    public void onDelegate(Consumer<Question> listener) {
        delegates.add(listener);
    }

    /**
     * Says something that may be the answer to questions: those that expect this type and match these data are answered,
     * and who wants to hear of changes hears.
     */
    public void answer(String type, Map<String, Object> data) {
        loop.events().execute(() -> questions.answer(type, data));
    }

    /**
     * Tells all workers. One that is gone, or does not listen, does not keep it from the others.
     *
     * @throws IllegalArgumentException if it is longer than 1 MiB
     */
    public void tellAll(Notification notification) {
        ByteBuffer frame = Kind.NOTIFICATION.frame(notification.fields());
        loop.events().execute(() -> crew.alive().forEach(worker -> worker.tell(frame.duplicate(), crew::warn)));
    }

    /** Gives the workers something to do, from now on. Before {@link #start()}. */
    public void attach(Traffic source) {
        traffic.add(source);
    }

    /** The processes that have not ended, by worker. Not on the loop. */
    public List<WorkerInfo> workers() {
        return ask(() -> crew.alive().stream()
                .sorted(java.util.Comparator.comparingInt(WorkerProcess::number))
                .map(this::info)
                .toList());
    }

    private WorkerInfo info(WorkerProcess worker) {
        return new WorkerInfo(
                worker.number(),
                worker.name(),
                worker.pid(),
                worker.state(),
                worker.port(),
                worker.connections(),
                worker.counts().received(),
                worker.slot().restarts,
                Duration.ofNanos(loop.events().clock().nanoTime() - worker.heard()));
    }

    private <T> T ask(java.util.function.Supplier<T> question) {
        CompletableFuture<T> answer = CompletableFuture.supplyAsync(question, loop.events());
        try {
            return answer.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (TimeoutException | java.util.concurrent.ExecutionException failure) {
            throw new IllegalStateException("the supervisor does not answer: " + failure, failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while asking the supervisor", interrupted);
        }
    }

    /** Counts of the traffic sources, together. Not on the loop. */
    public Map<String, Long> trafficCounts() {
        return ask(() -> {
            Map<String, Long> all = new TreeMap<>();
            traffic.forEach(source -> source.counts().forEach((name, count) -> all.merge(name, count, Long::sum)));
            return all;
        });
    }

    /** Tells listeners of something that somebody should look at. */
    public void warn(String text) {
        loop.events().execute(() -> crew.warn(text));
    }

    /** Ends all as {@link #shutdown()} does, because something has failed. */
    public void fail(String text) {
        loop.events().execute(() -> {
            crew.fail(text);
            traffic.forEach(source -> loop.events().attempt(source::closing));
        });
    }

    /** Counts a connection that was routed to a worker; after enough of them it is recycled. On the loop. */
    public void countConnection(WorkerProcess worker) {
        crew.connected(worker);
    }

    /** Replaces one worker after the other; the next one's turn comes when the one before has been replaced. */
    public void roll() {
        loop.events().execute(crew::roll);
    }

    /** Ends all workers together, and starts each anew. For what must not run in an old and a new version at a time. */
    public void restart() {
        loop.events().execute(crew::restart);
    }

    /** Lets all workers finish what they have and end; whoever has not after the time for that is killed. */
    public void shutdown() {
        loop.events().execute(() -> {
            traffic.forEach(source -> loop.events().attempt(source::closing));
            crew.shutdown();
        });
    }

    /** Kills all workers. */
    public void stop() {
        loop.events().execute(crew::stop);
    }

    /**
     * SIGTERM and SIGINT end the workers, a second one kills them; SIGHUP replaces one after the other. Warns of a SIGHUP
     * or SIGTERM that this process was started to ignore; a SIGINT is ignored by everything that runs in the background.
     */
    public void handleSignals() {
        for (String signal : List.of("TERM", "INT", "HUP")) {
            boolean heard = Signals.handle(signal, () -> loop.events().execute(() -> signalled(signal)));
            if (!heard && !signal.equals("INT")) {
                warn("SIG" + signal + " is ignored, since this process was started so (by nohup, perhaps): "
                        + RunningSupervisor.UNIGNORE);
            }
        }
    }

    private void signalled(String signal) {
        new Work().tell(new SupervisorEvent.Signalled("SIG" + signal));
        if (signal.equals("HUP")) {
            crew.roll();
        } else if (crew.isClosing()) {
            crew.stop();
        } else {
            shutdown();
        }
    }

    /** Completes when there are no workers any more and none will come. */
    public CompletableFuture<Ending> onEnd() {
        return end.copy();
    }

    /** Waits until there are no workers any more, and says how that came. */
    public Ending awaitEnd() {
        return end.join();
    }

    /** Ends the workers as {@link #shutdown()} does, waits for that, and lets everything go. */
    @Override
    public void close() {
        shutdown();
        awaitEnd();
        host.close();
        loop.close();
        callbacks.close();
        try {
            Files.deleteIfExists(host.socket());
            Files.deleteIfExists(folder);
        } catch (IOException left) {
            org.slf4j.LoggerFactory.getLogger(Supervisor.class).warn("{} could not be deleted", folder, left);
        }
    }

    private void ask(Question question) {
        callbacks.execute(() -> delegates.forEach(listener -> callbacks.attempt(() -> listener.accept(question))));
    }

    /** What the crew decides. */
    private final class Work implements Crew.Ground {

        @Override
        public boolean isLinked(WorkerProcess worker) {
            return worker.isLinked();
        }

        @Override
        public void fork(WorkerProcess worker) {
            host.fork(worker);
        }

        @Override
        public void drain(WorkerProcess worker) {
            Farewell.say(worker, traffic, crew, config.drain());
        }

        @Override
        public void kill(WorkerProcess worker) {
            Host.kill(worker);
        }

        @Override
        public void tell(SupervisorEvent event) {
            callbacks.execute(() -> listeners.forEach(one -> callbacks.attempt(() -> one.accept(event))));
        }

        @Override
        public void over(Ending ending) {
            traffic.forEach(source -> loop.events().attempt(source::closed));
            // Behind what listeners have yet to hear.
            callbacks.execute(() -> end.complete(ending));
        }

        @Override
        public void listening(WorkerProcess worker) {
            traffic.forEach(one -> one.listening(worker));
        }

        @Override
        public void ended(WorkerProcess worker) {
            traffic.forEach(one -> one.gone(worker));
            questions.gone(worker);
        }
    }
}
