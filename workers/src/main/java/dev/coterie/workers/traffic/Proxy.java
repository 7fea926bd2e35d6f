package dev.coterie.workers.traffic;

import dev.coterie.cluster.concurrent.Clock;
import dev.coterie.workers.io.SocketLoop;
import dev.coterie.workers.link.Datum;
import dev.coterie.workers.supervisor.WorkerProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Forwards whole connections to workers' own ports. A worker whose port refuses is passed over; while no worker is
 * ready, connections wait. On the supervisor's loop only.
 */
final class Proxy implements Source, Listener.Acceptor {

    private final SocketLoop loop;
    private final Listener listener;
    private final Strategy.Choice choice;
    private final Consumer<WorkerProcess> counter;
    private final List<WorkerProcess> ready = new ArrayList<>();
    private final Map<WorkerProcess, Long> open = new HashMap<>();
    private final Map<WorkerProcess, Long> unanswered = new HashMap<>();
    private final Map<WorkerProcess, Runnable> leaving = new HashMap<>();
    private final Set<Splice> splices = new LinkedHashSet<>();
    private @Nullable SocketChannel spare;
    private long made;
    private long refused;

    /**
     * Creates it.
     *
     * @param counter told of the worker of each connection
     */
    Proxy(SocketLoop loop, BalancerConfig config, Consumer<WorkerProcess> counter, Consumer<String> warnings) {
        this.loop = loop;
        this.counter = counter;
        this.listener = new Listener(loop, config, this, this::endIdle, warnings);
        this.choice = config.strategy()
                .choice(worker -> open.getOrDefault(worker, 0L), loop.events().random());
    }

    /** Without a descriptor for the other half, a connection would only take one away. */
    @Override
    public void prepare() throws IOException {
        if (spare == null) {
            spare = SocketChannel.open();
        }
    }

    @Override
    public void accept(SocketChannel client) throws IOException {
        made++;
        Splice splice = new Splice(this, client, Objects.requireNonNull(spare));
        spare = null;
        splices.add(splice);
        splice.connect();
    }

    SocketLoop loop() {
        return loop;
    }

    Clock clock() {
        return loop.events().clock();
    }

    /** Whom a connection goes to, if there is somebody whom it has not tried. */
    Optional<WorkerProcess> choose(InetSocketAddress remote, Set<WorkerProcess> tried) {
        List<WorkerProcess> candidates = tried.isEmpty()
                ? ready
                : ready.stream().filter(worker -> !tried.contains(worker)).toList();
        if (candidates.isEmpty()) {
            return Optional.empty();
        }
        WorkerProcess worker = choice.choose(remote, candidates);
        open.merge(worker, 1L, Long::sum);
        unanswered.merge(worker, 1L, Long::sum);
        return Optional.of(worker);
    }

    static InetSocketAddress address(WorkerProcess worker) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), worker.port());
    }

    /** A connection to a worker stands. */
    void connected(WorkerProcess worker) {
        counter.accept(worker);
    }

    /** A worker has said something on a connection, for the first time. */
    void answered(WorkerProcess worker) {
        lessen(unanswered, worker);
        leaveIfQuiet(worker);
    }

    /** A connection to a worker has ended, or was never made. */
    void left(WorkerProcess worker, boolean answered) {
        lessen(open, worker);
        if (!answered) {
            lessen(unanswered, worker);
        }
        leaveIfQuiet(worker);
    }

    private static void lessen(Map<WorkerProcess, Long> counts, WorkerProcess worker) {
        counts.computeIfPresent(worker, (same, count) -> count > 1 ? count - 1 : null);
    }

    private void leaveIfQuiet(WorkerProcess worker) {
        if (!(worker.isLinked() ? unanswered : open).containsKey(worker)) {
            Optional.ofNullable(leaving.remove(worker)).ifPresent(Runnable::run);
        }
    }

    /** All workers refuse. */
    void refused() {
        refused++;
    }

    void ended(Splice splice) {
        splices.remove(splice);
    }

    void listening(WorkerProcess worker) {
        if (worker.port() > 0 && !ready.contains(worker)) {
            ready.add(worker);
            ready.sort(Comparator.comparingInt(WorkerProcess::number));
            List.copyOf(splices).forEach(Splice::connectIfWaiting);
        }
    }

    /**
     * One that has a link can be told to finish while it still has connections, but not before it has said something on
     * each: it may not even know of one yet, and would close it unseen with its port. Another is left alone until it has
     * none.
     */
    void draining(WorkerProcess worker, Runnable quiet) {
        ready.remove(worker);
        leaving.put(worker, quiet);
        leaveIfQuiet(worker);
    }

    void gone(WorkerProcess worker) {
        ready.remove(worker);
        leaving.remove(worker);
    }

    private void endIdle(long since) {
        for (Splice splice : List.copyOf(splices)) {
            if (splice.heard() - since < 0) {
                splice.close();
            }
        }
    }

    @Override
    public void open() throws IOException {
        listener.open();
    }

    @Override
    public void stop() {
        listener.close();
        if (spare != null) {
            SocketLoop.closeQuietly(spare);
            spare = null;
        }
    }

    @Override
    public void close() {
        stop();
        List.copyOf(splices).forEach(Splice::close);
    }

    @Override
    public int port() {
        return listener.port();
    }

    @Override
    public void reply(Datum answer) {
        throw new IllegalArgumentException("an answer to a datum, where there are none");
    }

    @Override
    public Map<String, Long> counts() {
        return Map.of("connections", made, "connectionsOpen", (long) splices.size(), "refused", refused);
    }
}
