package dev.coterie.workers.traffic;

import dev.coterie.workers.link.Datum;
import dev.coterie.workers.link.Notification;
import dev.coterie.workers.supervisor.WorkerProcess;
import java.util.List;
import java.util.Optional;

/** What an application may decide about each datum. Called on the supervisor's loop, and not to be slow. */
public interface Distribution {

    /** Nothing special. */
    Distribution USUAL = new Distribution() {};

    /** What all workers are to be told before the datum goes to one of them; default: nothing. */
    default Optional<Notification> broadcast(Datum datum) {
        return Optional.empty();
    }

    /**
     * Which worker gets the datum; default: as the strategy says.
     *
     * @param workers those that are ready; at least one
     * @param usual the strategy
     */
    default WorkerProcess distribute(Datum datum, List<WorkerProcess> workers, Strategy.Choice usual) {
        return usual.choose(datum.remote(), workers);
    }
}
