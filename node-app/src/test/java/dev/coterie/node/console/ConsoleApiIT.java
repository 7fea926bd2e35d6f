package dev.coterie.node.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.coterie.cluster.Cluster;
import dev.coterie.cluster.ClusterConfig;
import dev.coterie.cluster.discovery.Service;
import dev.coterie.etcd.EtcdProcess;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the console answers, asked over HTTP, with a real cluster and a real etcd behind it. */
class ConsoleApiIT {

    private static final JsonMapper JSON = new JsonMapper();
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final AtomicInteger PREFIXES = new AtomicInteger();

    private static EtcdProcess etcd;

    private final HttpClient client = HttpClient.newHttpClient();
    private final String prefix = "api" + PREFIXES.incrementAndGet() + "/";
    private Cluster cluster;
    private WebServer server;
    private Console console;

    @BeforeAll
    static void startEtcd() {
        etcd = EtcdProcess.with().fastStorage().start();
    }

    @AfterAll
    static void stopEtcd() {
        etcd.close();
    }

    @BeforeEach
    void start() {
        cluster = Cluster.join(config().withName("a").withPort(0));
        cluster.tasks().handle("triple", Long.class, number -> 3 * number);
        open(true, 0);
    }

    private ClusterConfig config() {
        return ClusterConfig.of(etcd.endpoints().get(0))
                .withPrefix(prefix)
                .withTtl(Duration.ofSeconds(30))
                .withRefresh(Duration.ofSeconds(10));
    }

    private void open(boolean write, int port) {
        server = new WebServer(new ConsoleConfig("127.0.0.1", port, false, Optional.empty(), write, List.of()));
        console = new Console(cluster, Optional.of(config()), server);
        server.start();
    }

    @AfterEach
    void stop() {
        console.close();
        server.close();
        cluster.close();
    }

    // --- The description --------------------------------------------------------------------------------------------

    @Test
    void every_path_is_described_and_every_description_has_its_path() {
        Set<String> described = new TreeSet<>();
        for (Map.Entry<String, JsonNode> path :
                get("/api/openapi.json").get("paths").properties()) {
            path.getValue()
                    .propertyNames()
                    .forEach(method -> described.add(method.toUpperCase(java.util.Locale.ROOT) + " "
                            + path.getKey().replaceFirst("\\{.*", "")));
        }
        Set<String> served = new TreeSet<>(server.paths());
        served.remove("GET /");

        assertThat(described).isEqualTo(served);
    }

    @Test
    void what_is_answered_is_as_described() {
        await().atMost(PATIENCE).until(() -> get("/api/masters").get("items").size() == 1);
        Object unused = join(cluster.advertise(List.of(Service.of("database"))));
        post("/api/tasks", "{\"type\":\"triple\",\"payload\":14,\"id\":\"t/1\"}", 202, "/api/tasks");
        post("/api/tasks", "{\"type\":\"triple\",\"payload\":\"x\",\"id\":\"bad\",\"attempts\":1}", 202, "/api/tasks");
        post(
                "/api/timers",
                "{\"type\":\"triple\",\"payload\":1,\"id\":\"later\",\"delay\":3600000}",
                202,
                "/api/timers");
        await().atMost(PATIENCE)
                .until(() -> get("/api/tasks?state=DEAD").get("tasks").size() == 1);
        await().atMost(PATIENCE).until(() -> get("/api/services").size() == 1);
        await().atMost(PATIENCE)
                .until(() -> !get("/api/members").at("/items/0/work").isNull());
        put("one", "{\"a\":1}");

        valid("/api/here", "/api/here");
        valid("/api/members", "/api/members");
        valid("/api/members?revision=" + get("/api/members").get("revision"), "/api/members");
        valid("/api/masters", "/api/masters");
        valid("/api/services", "/api/services");
        valid("/api/tasks", "/api/tasks");
        valid("/api/tasks/t%2F1", "/api/tasks/{id}");
        valid("/api/timers", "/api/timers");
        valid("/api/timers/later", "/api/timers/{id}");
        valid("/api/keys?limit=2", "/api/keys");
        valid("/api/keys/value?key=" + prefix + "one", "/api/keys/value");
        valid("/api/keys/history?key=" + prefix + "one", "/api/keys/history");
        valid("/api/events", "/api/events");
        valid("/api/explain/member/a", "/api/explain/{subject}/{name}");
        valid("/api/explain/master/", "/api/explain/{subject}/{name}");
        valid("/api/explain/task/bad", "/api/explain/{subject}/{name}");
        valid("/api/workers", "/api/workers");
        assertThat(get("/api/tasks/t%2F1").get("value").asString()).isEqualTo("42");
        assertThat(get("/api/members").at("/items/0/lease/left").asLong()).isBetween(1L, 30L);
        assertThat(get("/api/explain/master/").at("/answers/0/lines/0").asString())
                .contains("is held by a");

        post("/api/tasks/bad/retry", "{}", 200, "/api/tasks/{id}/{deed}");
        assertThat(post("/api/timers/later/clear", "{}", 200, "/api/timers/{id}/clear")
                        .get("answer")
                        .asString())
                .isEqualTo("CLEARED");
    }

    @Test
    void the_master_is_shown_as_it_was_at_a_revision() {
        await().atMost(PATIENCE).until(() -> get("/api/masters").get("items").size() == 1);
        long term = get("/api/members").at("/items/0/term").asLong();
        assertThat(get("/api/members?revision=" + term).at("/items/0/slot").asInt(-1))
                .isZero();
        JsonNode before = get("/api/members?revision=" + (term - 1));
        assertThat(before.get("items").size()).isEqualTo(1);
        assertThat(before.at("/items/0/slot").isNull()).isTrue();
    }

    @Test
    void what_makes_no_sense_is_refused_with_field_value_and_remedy() {
        refused("/api/members?revision=x", 400, "revision: 'x' will not do");
        refused("/api/members?revision=999999999", 409, "future");
        refused("/api/tasks?state=odd", 400, "state: 'odd' will not do; choose one of");
        refused("/api/tasks?limit=1001", 400, "limit: '1001' will not do; choose one of 1..1000");
        refused("/api/keys/value?key=elsewhere", 400, "write one that begins with '" + prefix + "'");
        refused("/api/keys/value?key=" + prefix + "none", 404, "is not there");
        refused("/api/explain/weather/today", 400, "subject: 'weather' will not do");
        refused("/api/workers/7/logs", 404, "there is no '7' among the 0");
        refused("/..%2Fconsole", 404, "there is no");
    }

    // --- Keys -------------------------------------------------------------------------------------------------------

    @Test
    void a_key_is_changed_only_as_it_was_shown_and_keeps_its_lease() {
        String key = prefix + "<b>bold</b>";
        long first = put("<b>bold</b>", "1");
        assertThat(status("/api/keys/put", keyBody(key, first - 1, "stale"))).isEqualTo(409);
        assertThat(status("/api/keys/put", keyBody(key, first, "2"))).isEqualTo(200);
        JsonNode history = get("/api/keys/history?key=" + encoded(key));
        assertThat(history.get("complete").asBoolean()).isTrue();
        assertThat(history.get("versions").size()).isEqualTo(2);
        assertThat(history.at("/versions/1/text").asString()).isEqualTo("1");
        assertThat(status("/api/keys/delete", "{\"key\":\"" + key + "\",\"revision\":" + first + "}"))
                .isEqualTo(409);

        String registration = get("/api/members").at("/items/0/key").asString();
        JsonNode before = get("/api/keys/value?key=" + encoded(registration));
        assertThat(status(
                        "/api/keys/put",
                        JSON.writeValueAsString(Map.of(
                                "key",
                                registration,
                                "revision",
                                before.get("modified").asLong(),
                                "value",
                                before.get("text").asString()))))
                .isEqualTo(200);
        assertThat(get("/api/keys/value?key=" + encoded(registration)).get("lease"))
                .isEqualTo(before.get("lease"));
    }

    @Test
    void history_ends_where_etcd_has_forgotten() {
        put("k", "1");
        long second = change("k", "2");
        change("k", "3");
        join(cluster.store().compact(second));

        JsonNode history = get("/api/keys/history?key=" + prefix + "k");
        assertThat(history.get("versions").size()).isEqualTo(2);
        assertThat(history.get("complete").asBoolean()).isFalse();
        assertThat(history.get("why").asString()).contains("compacted");
        refused("/api/members?revision=" + (second - 1), 410, "etcd keeps it no more");
    }

    @Test
    void without_leave_nothing_is_written() {
        stop();
        cluster = Cluster.join(config().withName("a").withPort(0));
        open(false, 0);

        assertThat(status("/api/keys/put", keyBody(prefix + "x", 0, "1"))).isEqualTo(403);
    }

    @Test
    void keys_come_in_pages_as_of_one_revision() {
        for (int i = 0; i < 5; i++) {
            put("page/" + i, "v");
        }
        JsonNode first = get("/api/keys?prefix=page/&limit=3");
        put("page/9", "later");
        JsonNode next =
                get("/api/keys?prefix=page/&limit=3&after=" + prefix + "page/2&revision=" + first.get("revision"));

        assertThat(first.get("more").asBoolean()).isTrue();
        assertThat(next.get("more").asBoolean()).isFalse();
        assertThat(next.get("keys").size()).isEqualTo(2);
    }

    // --- The stream -------------------------------------------------------------------------------------------------

    @Test
    void who_comes_again_hears_of_what_it_missed_and_of_nothing_twice() throws IOException {
        String last;
        try (Events events = new Events(
                "/api/stream?after=" + get("/api/here").get("position").asString())) {
            events.await("here", data -> true);
            try (Cluster b = Cluster.join(config().withName("b").withPort(0))) {
                events.await("record", data -> is(data, "joined", b.self().id()));
            }
            events.await("record", data -> is(data, "left", "b"));
            last = events.lastId;
        }
        try (Cluster c = Cluster.join(config().withName("c").withPort(0))) {
            await().atMost(PATIENCE).until(() -> isMember(c.self().id()));
        }
        await().atMost(PATIENCE).until(() -> get("/api/members").get("items").size() == 1);

        try (Events events = new Events("/api/stream?after=" + last)) {
            events.await("record", data -> is(data, "joined", "c-"));
            events.await("record", data -> is(data, "left", "c-"));
            events.await("pulse", data -> true);
            assertThat(events.all).noneMatch(event -> event.data.contains("\"b-"));
            assertThat(events.all).noneMatch(event -> event.name.equals("reset"));
        }
    }

    @Test
    void after_a_restart_etcd_knows_what_a_page_has_missed() throws IOException {
        String last;
        try (Events events = new Events(
                "/api/stream?after=" + get("/api/here").get("position").asString())) {
            try (Cluster b = Cluster.join(config().withName("b").withPort(0))) {
                events.await("record", data -> is(data, "joined", b.self().id()));
            }
            events.await("record", data -> is(data, "left", "b-"));
            last = events.lastId;
        }
        int port = URI.create(server.url()).getPort();
        console.close();
        server.close();
        Cluster.join(config().withName("c").withPort(0)).close();
        open(true, port);
        await().atMost(PATIENCE)
                .until(() -> get("/api/events?kind=member").get("events").size() >= 5);

        try (Events events = new Events("/api/stream?after=" + last)) {
            events.await("restarted", data -> true);
            events.await("record", data -> is(data, "joined", "c-"));
            events.await("record", data -> is(data, "left", "c-"));
        }
    }

    @Test
    void a_position_that_is_too_old_is_told_to_read_again() throws IOException {
        try (Events events = new Events("/api/stream?after=another-5-0-0")) {
            events.await("reset", data -> data.get("what").asString().equals("events"));
        }
    }

    @Test
    void changes_of_keys_come_from_where_they_are_known_and_not_before() throws IOException {
        put("live/a", "1");
        long known = get("/api/keys?prefix=live/").get("revision").asLong();
        long missed = put("live/b", "2");
        String here = get("/api/here").get("position").asString();
        try (Events events = new Events("/api/stream?after=" + here + "&keys=live/&keysFrom=" + known)) {
            events.await("keys", data -> data.at("/changes/0/key").asString().endsWith("live/b"));
            status("/api/keys/delete", "{\"key\":\"" + prefix + "live/b\",\"revision\":" + missed + "}");
            events.await("keys", data -> data.at("/changes/0/entry").isNull());
            assertThat(events.all).noneMatch(event -> event.data.contains("live/a"));
        }
        put("live/c", "3");
        join(cluster.store().compact(put("live/d", "4")));
        try (Events events = new Events("/api/stream?after=" + here + "&keys=live/&keysFrom=" + known)) {
            events.await("reset", data -> data.get("what").asString().equals("keys"));
        }
    }

    private boolean isMember(String id) {
        return get("/api/members").toString().contains(id);
    }

    private static boolean is(JsonNode record, String event, String id) {
        return record.get("event").asString().equals(event)
                && record.get("id").asString().startsWith(id);
    }

    /** Server-sent events, as they come. */
    private final class Events implements AutoCloseable {

        private record One(String name, String data) {}

        private final InputStream body;
        private final List<One> all = new CopyOnWriteArrayList<>();
        private volatile String lastId = "";

        Events(String path) throws IOException {
            HttpResponse<InputStream> answer = send(HttpRequest.newBuilder(uri(path)), BodyHandlers.ofInputStream());
            assertThat(answer.headers().firstValue("Content-Type").orElse("")).startsWith("text/event-stream");
            body = answer.body();
            Thread reader = new Thread(this::read, "events");
            reader.setDaemon(true);
            reader.start();
        }

        private void read() {
            try (BufferedReader lines = new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8))) {
                String name = "";
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    if (line.startsWith("event: ")) {
                        name = line.substring(7);
                    } else if (line.startsWith("id: ")) {
                        lastId = line.substring(4);
                    } else if (line.startsWith("data: ")) {
                        all.add(new One(name, line.substring(6)));
                    }
                }
            } catch (IOException closed) {
                all.add(new One("ended", closed.toString()));
            }
        }

        void await(String name, java.util.function.Predicate<JsonNode> wanted) {
            org.awaitility.Awaitility.await(name)
                    .atMost(PATIENCE)
                    .until(() -> all.stream()
                            .anyMatch(event -> event.name.equals(name) && wanted.test(JSON.readTree(event.data))));
        }

        @Override
        public void close() throws IOException {
            body.close();
        }
    }

    // --- Asking -----------------------------------------------------------------------------------------------------

    private void valid(String path, String described) {
        JsonNode document = get("/api/openapi.json");
        JsonNode schema =
                document.get("paths").get(described).at("/get/responses/200/content/application~1json/schema");
        assertThat(Schema.violations(document, schema, get(path))).as(path).isEmpty();
    }

    private void refused(String path, int status, String message) {
        HttpResponse<String> answer = send(HttpRequest.newBuilder(uri(path)), BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        assertThat(JSON.readTree(answer.body()).get("error").asString()).contains(message);
    }

    private JsonNode get(String path) {
        HttpResponse<String> answer = send(HttpRequest.newBuilder(uri(path)), BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(path + ": " + answer.body()).isEqualTo(200);
        return JSON.readTree(answer.body());
    }

    private JsonNode post(String path, String body, int status, String described) {
        HttpResponse<String> answer = sendPost(path, body);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        JsonNode document = get("/api/openapi.json");
        JsonNode schema = document.get("paths")
                .get(described)
                .at("/post/responses/" + status + "/content/application~1json/schema");
        JsonNode said = JSON.readTree(answer.body());
        assertThat(Schema.violations(document, schema, said)).isEmpty();
        return said;
    }

    private int status(String path, String body) {
        return sendPost(path, body).statusCode();
    }

    private HttpResponse<String> sendPost(String path, String body) {
        return send(
                HttpRequest.newBuilder(uri(path))
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString(body)),
                BodyHandlers.ofString());
    }

    /** Puts a key that is not there yet; its revision. */
    private long put(String name, String value) {
        return post("/api/keys/put", keyBody(prefix + name, 0, value), 200, "/api/keys/put")
                .get("revision")
                .asLong();
    }

    private long change(String name, String value) {
        long shown = get("/api/keys/value?key=" + prefix + name).get("modified").asLong();
        return post("/api/keys/put", keyBody(prefix + name, shown, value), 200, "/api/keys/put")
                .get("revision")
                .asLong();
    }

    private static String keyBody(String key, long revision, String value) {
        return JSON.writeValueAsString(Map.of("key", key, "revision", revision, "value", value));
    }

    private static String encoded(String text) {
        return java.net.URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private URI uri(String path) {
        return URI.create(server.url()).resolve(path);
    }

    private <T> HttpResponse<T> send(HttpRequest.Builder request, HttpResponse.BodyHandler<T> handler) {
        try {
            return client.send(request.build(), handler);
        } catch (IOException failure) {
            throw new java.io.UncheckedIOException(failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new AssertionError(interrupted);
        }
    }

    private static <T> T join(java.util.concurrent.CompletionStage<T> stage) {
        return stage.toCompletableFuture()
                .orTimeout(60, java.util.concurrent.TimeUnit.SECONDS)
                .join();
    }
}
