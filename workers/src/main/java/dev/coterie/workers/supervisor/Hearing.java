package dev.coterie.workers.supervisor;

import dev.coterie.cluster.concurrent.Clock;
import dev.coterie.workers.link.Json;
import dev.coterie.workers.link.Kind;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;

/** Takes what workers say to whom it concerns: the crew, the questions that wait, or the traffic. On the loop only. */
final class Hearing implements Reception.Ear {

    private final Clock clock;
    private final Crew crew;
    private final Delegates questions;
    private final List<Traffic> traffic;

    Hearing(Clock clock, Crew crew, Delegates questions, List<Traffic> traffic) {
        this.clock = clock;
        this.crew = crew;
        this.questions = questions;
        this.traffic = traffic;
    }

    @Override
    public void linked(WorkerProcess worker) {
        worker.heard(clock.nanoTime());
    }

    @Override
    public void frame(WorkerProcess worker, Kind kind, ByteBuffer content) {
        switch (kind) {
            case LISTENING -> crew.listening(worker, (int) Json.number(Json.object(content), "port", 0));
            case HEARTBEAT -> crew.heartbeat(worker, counts(Json.object(content)));
            case DELEGATE -> questions.ask(worker, Json.object(content));
            case DONE, REPLY -> traffic.forEach(one -> one.received(worker, kind, content));
            default -> throw new IllegalArgumentException("a frame that is not a worker's: " + kind);
        }
    }

    private static WorkerProcess.Counts counts(Map<String, Object> said) {
        return new WorkerProcess.Counts(
                Json.number(said, "connections", 0), Json.number(said, "received", 0), Json.number(said, "memory", 0));
    }

    @Override
    public void unlinked(WorkerProcess worker, String reason) {
        traffic.forEach(one -> one.gone(worker));
        questions.gone(worker);
        crew.unlinked(worker, reason);
    }
}
