package dev.coterie.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coterie.etcd.EtcdProcess;
import dev.coterie.node.metrics.PrometheusText;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Two real nodes, scraped. */
class MetricsIT {

    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static EtcdProcess etcd;
    private static CoterieProcess alpha;
    private static CoterieProcess beta;
    private static String url;

    @BeforeAll
    static void start() {
        etcd = EtcdProcess.with().fastStorage().start();
        alpha = node("alpha", "--weight", "2", "--log", "json", "--verbose");
        alpha.await("promotion");
        beta = node("beta");
        alpha.await("added");
        url = alpha.await("console").text("url");
    }

    @AfterAll
    static void stop() {
        alpha.close();
        beta.close();
        etcd.close();
    }

    @Test
    void what_the_master_counts_and_times_is_there() {
        alpha.await("result");
        // Results are sent to those who have joined their channel.
        try (CoterieProcess listener = CoterieProcess.start(
                "join",
                "results",
                "--count",
                "2",
                "--for",
                "1m",
                "--etcd",
                etcd.endpoints().get(0))) {
            assertThat(listener.exitStatus()).isZero();
        }
        PrometheusText page = Awaitility.await("all of it")
                .atMost(CoterieProcess.PATIENCE)
                .until(MetricsIT::scrape, one -> one.sum("coterie_events_total", "event", "result") > 0);

        assertThat(page.types().keySet()).allMatch(name -> name.startsWith("coterie_"));
        assertThat(page.sum("coterie_members", "", "")).isEqualTo(2);
        assertThat(page.sum("coterie_master", "", "")).isEqualTo(1);
        assertThat(page.sum("coterie_term", "", ""))
                .isEqualTo((double) alpha.await("promotion").number("term"));
        assertThat(page.sum("coterie_session_left_seconds", "", "")).isBetween(1.0, 120.0);
        assertThat(page.sum("coterie_sessions_total", "event", "begun")).isEqualTo(1);
        assertThat(page.sum("coterie_masterships_total", "event", "begun")).isEqualTo(1);
        assertThat(page.sum("coterie_messages_total", "what", "sent")).isGreaterThanOrEqualTo(2);
        assertThat(page.sum("coterie_etcd_call_seconds_count", "kind", "transaction"))
                .isPositive();
        assertThat(page.sum("coterie_etcd_call_seconds_count", "kind", "read")).isPositive();
        assertThat(page.sum("coterie_jvm_memory_used_bytes", "area", "heap")).isPositive();
        assertThat(page.types())
                .containsEntry("coterie_etcd_call_seconds", "histogram")
                .containsEntry("coterie_journal_append_seconds", "histogram")
                .containsEntry("coterie_evictions_total", "counter")
                .containsKeys(
                        "coterie_messages_total",
                        "coterie_session_refresh_failures_total",
                        "coterie_link_queued",
                        "coterie_journal_size");
    }

    @Test
    void an_accepted_task_shows_in_the_journal() {
        // The demo's tasks count as well.
        PrometheusText before = scrape();
        try (CoterieProcess submit = CoterieProcess.start(
                "tasks", "submit", "multiply", "14", "--etcd", etcd.endpoints().get(0))) {
            assertThat(submit.exitStatus()).isZero();
        }
        PrometheusText page = Awaitility.await("the append")
                .atMost(CoterieProcess.PATIENCE)
                .until(MetricsIT::scrape, one -> one.sum("coterie_journal_append_seconds_count", "", "") > 0);
        assertThat(page.sum("coterie_journal_size", "", "")).isPositive();
        assertThat(page.sum("coterie_task_events_total", "what", "completed"))
                .isGreaterThan(before.sum("coterie_task_events_total", "what", "completed"));
        assertThat(page.sum("coterie_task_latency_seconds_count", "", ""))
                .isGreaterThan(before.sum("coterie_task_latency_seconds_count", "", ""));
        assertThat(page.named("coterie_tasks")).hasSize(4);
    }

    @Test
    void health_and_readiness_are_told_to_everybody() throws Exception {
        assertThat(get("health").statusCode()).isEqualTo(200);
        HttpResponse<String> ready = get("ready");
        assertThat(ready.statusCode()).isEqualTo(200);
        JsonNode facts = JsonMapper.builder().build().readTree(ready.body());
        assertThat(facts.path("status").asString()).isEqualTo("up");
        assertThat(facts.path("node").asString()).startsWith("alpha-");
    }

    @Test
    void every_metric_of_the_dashboard_and_of_the_documentation_is_in_the_scrape() throws IOException {
        alpha.await("result");
        PrometheusText page = scrape();
        String dashboard = Files.readString(Path.of("../docs/grafana.json"));
        assertThat(JsonMapper.builder().build().readTree(dashboard).path("panels"))
                .isNotEmpty();
        for (String text : Set.of(dashboard, Files.readString(Path.of("../docs/metrics.md")))) {
            assertThat(names(text))
                    .hasSizeGreaterThan(10)
                    .allSatisfy(name -> assertThat(page.named(name)).as(name).isNotEmpty());
        }
    }

    @Test
    void the_log_is_json_with_the_node_s_name_and_its_term() {
        assertThat(alpha.errors()).isNotEmpty().allSatisfy(line -> {
            JsonNode json = JsonMapper.builder().build().readTree(line);
            assertThat(json.path("level").asString()).isNotEmpty();
            assertThat(json.path("time").asString()).endsWith("Z");
            assertThat(json.has("message")).isTrue();
        });
        Awaitility.await("a line of the master")
                .atMost(CoterieProcess.PATIENCE)
                .until(() -> alpha.errors().stream()
                        .map(JsonMapper.builder().build()::readTree)
                        .anyMatch(json -> json.path("node").asString("").equals("alpha")
                                && json.path("term").asLong(0) > 0));
    }

    private static Set<String> names(String text) {
        Matcher matcher = Pattern.compile("coterie_[a-z0-9_]+").matcher(text);
        Set<String> names = new TreeSet<>();
        while (matcher.find()) {
            names.add(matcher.group());
        }
        return names;
    }

    private static PrometheusText scrape() {
        try {
            HttpResponse<String> answer = get("metrics");
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.headers().firstValue("Content-Type").orElse("")).startsWith("text/plain; version=0.0.4");
            return new PrometheusText(answer.body());
        } catch (IOException failure) {
            throw new AssertionError(failure);
        }
    }

    private static HttpResponse<String> get(String path) throws IOException {
        try {
            return HTTP.send(
                    HttpRequest.newBuilder(URI.create(url + path))
                            .timeout(Duration.ofSeconds(30))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException(interrupted);
        }
    }

    private static CoterieProcess node(String name, String... more) {
        java.util.List<String> arguments = new java.util.ArrayList<>(java.util.List.of(
                "node",
                "--json",
                "--name",
                name,
                "--port",
                "0",
                "--console-port",
                "0",
                "--interval",
                "200ms",
                "--work",
                "1ms..5ms",
                "--etcd",
                etcd.endpoints().get(0)));
        arguments.addAll(java.util.List.of(more));
        return CoterieProcess.start(arguments.toArray(String[]::new));
    }
}
