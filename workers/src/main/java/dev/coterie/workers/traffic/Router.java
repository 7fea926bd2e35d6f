package dev.coterie.workers.traffic;

import dev.coterie.workers.link.Datum;
import dev.coterie.workers.link.Items;
import dev.coterie.workers.link.Kind;
import dev.coterie.workers.link.Notification;
import dev.coterie.workers.supervisor.WorkerProcess;
import dev.coterie.workers.traffic.Outbox.Parcel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Takes each datum to one worker. What a worker has not worked on when it dies goes to another; a datum over which two
 * workers have died goes to no third. On the supervisor's loop only.
 */
final class Router {

    private static final int MOST_ATTEMPTS = 2;

    private final Distribution distribution;
    private final Strategy.Choice usual;
    private final Consumer<String> warnings;
    private final Consumer<Parcel> settled;
    private final List<WorkerProcess> ready = new ArrayList<>();
    private final Map<WorkerProcess, Outbox> boxes = new HashMap<>();
    private final Map<WorkerProcess, Runnable> leaving = new HashMap<>();

    /** What came while no worker was ready. */
    private final Deque<Parcel> homeless = new ArrayDeque<>();

    private long homelessBytes;
    private long distributed;
    private long done;
    private long again;
    private long lost;
    private long distributionFailed;

    /**
     * Creates it.
     *
     * @param settled told of each datum that needs no further care, because it is done or lost
     */
    Router(
            Distribution distribution,
            java.util.function.Function<java.util.function.ToLongFunction<WorkerProcess>, Strategy.Choice> strategy,
            Consumer<String> warnings,
            Consumer<Parcel> settled) {
        this.distribution = distribution;
        this.usual = strategy.apply(
                worker -> boxes.containsKey(worker) ? boxes.get(worker).bytes() : 0);
        this.warnings = warnings;
        this.settled = settled;
    }

    void listening(WorkerProcess worker) {
        if (worker.isLinked() && !boxes.containsKey(worker)) {
            ready.add(worker);
            ready.sort(java.util.Comparator.comparingInt(WorkerProcess::number));
            boxes.put(worker, new Outbox(worker::send));
            List<Parcel> waiting = List.copyOf(homeless);
            homeless.clear();
            homelessBytes = 0;
            waiting.forEach(this::route);
            flush();
        }
    }

    void draining(WorkerProcess worker, Runnable quiet) {
        ready.remove(worker);
        Outbox box = boxes.get(worker);
        if (box == null) {
            quiet.run();
            return;
        }
        if (!ready.isEmpty()) {
            box.takeWaiting().forEach(this::route);
            flush();
        }
        leaving.put(worker, quiet);
        leaveIfEmpty(worker, box);
    }

    private void leaveIfEmpty(WorkerProcess worker, Outbox box) {
        if (box.isEmpty() && leaving.containsKey(worker)) {
            java.util.Objects.requireNonNull(leaving.remove(worker)).run();
        }
    }

    void gone(WorkerProcess worker) {
        ready.remove(worker);
        leaving.remove(worker);
        Outbox box = boxes.remove(worker);
        if (box == null || box.isEmpty()) {
            return;
        }
        List<Parcel> left = box.empty();
        for (Parcel parcel : left) {
            if (parcel.attempts() < MOST_ATTEMPTS) {
                again++;
                route(parcel);
            } else {
                lose(parcel);
            }
        }
        flush();
    }

    private void lose(Parcel parcel) {
        if (lost++ == 0) {
            warnings.accept("a datum was under way to " + MOST_ATTEMPTS + " workers that died, and goes to no other;"
                    + " further ones are counted only");
        }
        settled.accept(parcel);
    }

    /**
     * Takes a datum to a worker, with the next {@link #flush()}.
     *
     * @return false if whoever should get it has too much to do already; then nothing has happened
     */
    boolean offer(Datum datum) {
        if (ready.isEmpty()) {
            if (homelessBytes >= Outbox.MOST_BYTES) {
                return false;
            }
            keep(new Parcel(datum, 0));
            return true;
        }
        Outbox box = boxes.get(choose(datum));
        if (box == null || box.isFull()) {
            return false;
        }
        broadcast(datum);
        distributed++;
        box.add(new Parcel(datum, 0));
        return true;
    }

    /** Whom the application wants; the usual choice if it fails. */
    private WorkerProcess choose(Datum datum) {
        try {
            return distribution.distribute(datum, ready, usual);
        } catch (RuntimeException failure) {
            failed(failure);
            return usual.choose(datum.remote(), ready);
        }
    }

    private void broadcast(Datum datum) {
        try {
            distribution
                    .broadcast(datum)
                    .map(Notification::fields)
                    .map(Kind.NOTIFICATION::frame)
                    .ifPresent(frame -> boxes.keySet().forEach(worker -> worker.tell(frame.duplicate(), warnings)));
        } catch (RuntimeException failure) {
            failed(failure);
        }
    }

    /** The application's own code failed: no reason to lose a datum. */
    private void failed(RuntimeException failure) {
        if (distributionFailed++ == 0) {
            warnings.accept("the application's distribution failed for a datum, which goes the usual way: " + failure
                    + "; further ones are counted only");
        }
    }

    /** As {@link #offer}, for one that must not be refused: it was accepted before. */
    private void route(Parcel parcel) {
        Outbox box = ready.isEmpty() ? null : boxes.get(choose(parcel.datum()));
        if (box == null) {
            keep(parcel);
        } else {
            distributed++;
            box.add(parcel);
        }
    }

    private void keep(Parcel parcel) {
        homeless.add(parcel);
        homelessBytes += Items.size(parcel.datum());
    }

    void flush() {
        boxes.values().forEach(Outbox::flush);
    }

    /** A worker is done with a frame. */
    void done(WorkerProcess worker) {
        Outbox box = boxes.get(worker);
        if (box != null) {
            List<Parcel> batch = box.done();
            done += batch.size();
            batch.forEach(settled);
            box.flush();
            leaveIfEmpty(worker, box);
        }
    }

    Map<String, Long> counts() {
        return Map.of(
                "distributed", distributed,
                "done", done,
                "redistributed", again,
                "lost", lost,
                "distributionFailed", distributionFailed);
    }
}
