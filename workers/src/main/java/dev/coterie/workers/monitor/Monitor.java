package dev.coterie.workers.monitor;

import dev.coterie.cluster.concurrent.Clock;
import dev.coterie.workers.supervisor.Supervisor;
import dev.coterie.workers.supervisor.WorkerInfo;
import dev.coterie.workers.supervisor.WorkerState;
import java.io.IOException;
import java.net.BindException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Says over HTTP how the workers are, and whether this host is to get traffic.
 *
 * <ul>
 *   <li>{@code GET /workers}: the workers, as JSON
 *   <li>{@code GET /events}: what has happened, as JSON or as server-sent events
 *   <li>{@code GET /logs}, {@code /logs?worker=N}, {@code /logs?worker=N&follow}: what the workers have written
 *   <li>{@code GET /deps}: what this program is made of, as JSON
 *   <li>{@code GET /ecv}: 200 AVAILABLE, 400 DISABLED or 500 WARNING
 *   <li>{@code POST /ecv/disable?by=…&why=…&until=…} and {@code /ecv/enable}: 204, if control is on
 * </ul>
 */
public final class Monitor implements AutoCloseable {

    private final Clock clock = Clock.system();
    private final Instant since = clock.now();
    private final Supervisor supervisor;
    private final Ecv ecv;
    private final Desk desk;

    /**
     * Starts answering.
     *
     * @throws BindException if the port is taken
     */
    public Monitor(MonitorConfig config, Supervisor supervisor) throws IOException {
        this.supervisor = supervisor;
        this.ecv = new Ecv(clock, config.check().orElse(this::isOneReady));
        this.desk = new Desk(config);
        History history = new History();
        supervisor.onEvent(event -> history.add(event, clock.now()));
        Logs logs = new Logs(config, supervisor.config());
        EcvAnswers answers = new EcvAnswers(config, ecv, clock, supervisor::warn);
        desk.serve("GET", "/", caller -> index());
        desk.serve("GET", "/workers", caller -> workers());
        desk.serve("GET", "/events", history::answer);
        desk.serve("GET", "/logs", logs::answer);
        desk.serve("GET", "/deps", caller -> Answer.json(Dependencies.all()));
        desk.serve("GET", "/ecv", answers::verdict);
        desk.serve("POST", "/ecv/disable", answers::disable);
        desk.serve("POST", "/ecv/enable", answers::enable);
        desk.start();
    }

    private boolean isOneReady() {
        return supervisor.workers().stream().anyMatch(worker -> worker.state() == WorkerState.LISTENING);
    }

    /** The port on which it answers. */
    public int port() {
        return desk.port();
    }

    /** Whether the host is to get traffic. */
    public Ecv ecv() {
        return ecv;
    }

    private Answer index() {
        return Answer.json(Map.of("name", supervisor.config().name(), "paths", desk.paths()));
    }

    private Answer workers() {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("name", supervisor.config().name());
        all.put("pid", ProcessHandle.current().pid());
        all.put("since", since.toString());
        Usage.add(all, ProcessHandle.current().pid(), clock.now());
        all.put("workers", supervisor.workers().stream().map(this::fields).toList());
        all.put("traffic", supervisor.trafficCounts());
        return Answer.json(all);
    }

    private Map<String, Object> fields(WorkerInfo worker) {
        Map<String, Object> fields = worker.fields();
        Usage.add(fields, worker.pid(), clock.now());
        return fields;
    }

    /** Stops answering. */
    @Override
    public void close() {
        desk.close();
    }
}
