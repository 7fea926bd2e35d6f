package dev.coterie.workers.supervisor;

import dev.coterie.workers.link.Kind;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * How a worker is told to end: first nothing more is routed to it, then it is told, over its link if it has one, else with
 * SIGTERM. One without a link is left alone until it is done with what it has, or half of its time is over.
 */
final class Farewell {

    private final WorkerProcess worker;
    private final Duration time;
    private int busy;
    private boolean told;

    private Farewell(WorkerProcess worker, Duration time, int busy) {
        this.worker = worker;
        this.time = time;
        this.busy = busy;
    }

    /**
     * Begins it.
     *
     * @param time how long it has altogether
     */
    static void say(WorkerProcess worker, List<Traffic> traffic, Crew crew, Duration time) {
        Farewell farewell = new Farewell(worker, time, traffic.size());
        traffic.forEach(source -> source.draining(worker, farewell::quiet));
        crew.schedule(time.dividedBy(2), farewell::tell);
        if (traffic.isEmpty()) {
            farewell.tell();
        }
    }

    private void quiet() {
        busy--;
        if (busy <= 0) {
            tell();
        }
    }

    private void tell() {
        if (told || worker.state() == WorkerState.GONE) {
            return;
        }
        told = true;
        if (worker.isLinked()) {
            worker.send(Kind.DRAIN.frame(Map.of("within", time.toMillis())));
        } else {
            Host.terminate(worker);
        }
    }
}
