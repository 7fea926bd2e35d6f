package dev.coterie.node.console;

import dev.coterie.cluster.concurrent.Clock;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** What the monitors of supervisors say, of those that were named when this node was started. Any thread. */
final class WorkersApi {

    private static final Duration PATIENCE = Duration.ofSeconds(3);
    private static final int MOST_BYTES = 1 << 20;

    /** How many logs are followed at a time, for all who look. */
    private static final int MOST_FOLLOWED = 8;

    /** A monitor says something every 10 s also where nothing is written: one that does not is gone. */
    private static final Duration SILENCE = Duration.ofSeconds(25);

    private static final String EVENTS = "text/event-stream";
    private static final JsonMapper JSON = new JsonMapper();

    private final List<URI> monitors;
    private final boolean write;
    private final HttpClient client =
            HttpClient.newBuilder().connectTimeout(PATIENCE).build();
    private final Semaphore free = new Semaphore(MOST_FOLLOWED);
    private final Clock clock = Clock.system();

    /**
     * What a monitor says.
     *
     * @param number its place among the monitors
     * @param problem why it says nothing; empty if it does
     * @param supervisor what it says of its supervisor and workers
     * @param ecv whether its host is to get traffic: AVAILABLE, DISABLED or WARNING
     * @param disabled by whom and why, if it is
     */
    record MonitorRow(
            int number,
            String url,
            String problem,
            Map<?, ?> supervisor,
            @Nullable String ecv,
            Map<String, String> disabled) {}

    /** What a monitor answered. */
    private record Reply(int status, HttpHeaders headers, byte[] body) {}

    /** What to do with the switch. */
    private record Switch(boolean enabled, @Nullable String why) {}

    WorkersApi(List<URI> monitors, boolean write) {
        this.monitors = monitors;
        this.write = write;
    }

    void addTo(WebServer server) {
        server.get("/api/workers", request -> Answer.json(all()));
        server.get("/api/workers/", this::pass);
        server.post("/api/workers/", this::turn);
    }

    private Map<String, Object> all() {
        List<MonitorRow> rows = new ArrayList<>();
        for (int i = 0; i < monitors.size(); i++) {
            rows.add(row(i));
        }
        return Map.of("time", clock.now().toString(), "monitors", rows);
    }

    private MonitorRow row(int number) {
        URI monitor = monitors.get(number);
        try {
            Reply workers = get(monitor, "/workers");
            Reply ecv = get(monitor, "/ecv");
            Map<?, ?> said = JSON.readValue(workers.body(), Map.class);
            Map<String, String> disabled = new LinkedHashMap<>();
            for (String header : List.of("by", "why", "until")) {
                ecv.headers().firstValue("X-Disabled-" + header).ifPresent(value -> disabled.put(header, value));
            }
            return new MonitorRow(number, monitor.toString(), "", said, status(ecv), disabled);
        } catch (IOException | JacksonException failure) {
            return new MonitorRow(number, monitor.toString(), "does not answer: " + failure, Map.of(), null, Map.of());
        }
    }

    private static @Nullable String status(Reply ecv) {
        String body = new String(ecv.body(), StandardCharsets.UTF_8);
        return body.startsWith("status=") ? body.substring("status=".length()).replaceFirst("[&\\s].*", "") : null;
    }

    /** {@code <number>/logs}, followed or as they are, and {@code <number>/deps}, as the monitor has them. */
    private Answer pass(Request request) throws IOException {
        String[] parts = request.rest().split("/", 2);
        URI monitor = monitor(parts[0]);
        if (parts.length < 2 || !parts[1].matches("logs|deps")) {
            throw new Refused(404, "path: a monitor has logs and deps, and no '" + request.rest() + "'");
        }
        StringBuilder query = new StringBuilder("/" + parts[1] + "?");
        for (String field : List.of("worker", "bytes")) {
            request.field(field)
                    .ifPresent(value -> query.append(field)
                            .append('=')
                            .append(URLEncoder.encode(value, StandardCharsets.UTF_8))
                            .append('&'));
        }
        if (parts[1].equals("logs") && request.field("follow").isPresent()) {
            return follow(monitor.resolve(query + "follow"));
        }
        Reply answer = get(monitor, query.substring(0, query.length() - 1));
        boolean json = answer.headers().firstValue("Content-Type").orElse("").startsWith("application/json");
        return Answer.of(answer.status(), json ? "application/json" : "text/plain; charset=utf-8", answer.body());
    }

    /** A log as it grows, passed on as the monitor tells it. */
    private Answer follow(URI log) throws IOException {
        if (!free.tryAcquire()) {
            throw new Refused(503, "follow: " + MOST_FOLLOWED + " logs are followed already; close one of them");
        }
        HttpURLConnection connection = (HttpURLConnection) log.toURL().openConnection();
        Followed followed = new Followed(connection);
        try {
            connection.setConnectTimeout((int) PATIENCE.toMillis());
            connection.setReadTimeout((int) SILENCE.toMillis());
            connection.setRequestProperty("Accept", EVENTS);
            int status = connection.getResponseCode();
            if (status != 200) {
                throw new Refused(status, "the monitor does not let this log be followed");
            }
            return new Answer(200, EVENTS + "; charset=utf-8", Map.of(), followed);
        } catch (IOException | Refused failure) {
            followed.abandon();
            throw failure;
        }
    }

    /** What a monitor goes on telling. */
    private final class Followed implements Answer.Body {

        private final HttpURLConnection connection;

        Followed(HttpURLConnection connection) {
            this.connection = connection;
        }

        @Override
        public void writeTo(OutputStream out) throws IOException {
            try (InputStream in = connection.getInputStream()) {
                byte[] some = new byte[16 << 10];
                for (int count = in.read(some); count >= 0; count = in.read(some)) {
                    out.write(some, 0, count);
                    out.flush();
                }
            } finally {
                abandon();
            }
        }

        /** Once: either it is written, or there is nobody to write it to. */
        @Override
        public void abandon() {
            connection.disconnect();
            free.release();
        }
    }

    private Answer turn(Request request) throws IOException {
        String[] parts = request.rest().split("/", 2);
        URI monitor = monitor(parts[0]);
        if (parts.length < 2 || !parts[1].equals("ecv")) {
            throw new Refused(404, "path: a monitor has a switch ecv, and no '" + request.rest() + "'");
        }
        if (!write) {
            throw new Refused(403, "workers are not to be switched here; start the node with --console-write");
        }
        Switch wanted = request.body(Switch.class);
        String why = URLEncoder.encode(Optional.ofNullable(wanted.why()).orElse("by hand"), StandardCharsets.UTF_8);
        Reply answer = send(HttpRequest.newBuilder(monitor.resolve(
                        wanted.enabled() ? "/ecv/enable?by=console" : "/ecv/disable?by=console&why=" + why))
                .POST(BodyPublishers.noBody()));
        if (answer.status() != 204) {
            throw new Refused(409, "the monitor says: " + new String(answer.body(), StandardCharsets.UTF_8).strip());
        }
        return Answer.json(Map.of("enabled", wanted.enabled()));
    }

    private URI monitor(String number) {
        if (number.matches("\\d{1,4}") && Integer.parseInt(number) < monitors.size()) {
            return monitors.get(Integer.parseInt(number));
        }
        throw new Refused(
                404, "monitor: there is no '" + number + "' among the " + monitors.size() + " that were named");
    }

    private Reply get(URI monitor, String path) throws IOException {
        return send(HttpRequest.newBuilder(monitor.resolve(path)));
    }

    private Reply send(HttpRequest.Builder request) throws IOException {
        try {
            HttpResponse<InputStream> answer =
                    client.send(request.timeout(PATIENCE).build(), BodyHandlers.ofInputStream());
            try (InputStream body = answer.body()) {
                return new Reply(answer.statusCode(), answer.headers(), body.readNBytes(MOST_BYTES));
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException("this node ends", interrupted);
        }
    }
}
