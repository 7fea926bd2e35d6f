package dev.coterie.workers.monitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import dev.coterie.workers.link.Json;
import dev.coterie.workers.supervisor.Readiness;
import dev.coterie.workers.supervisor.Supervisor;
import dev.coterie.workers.supervisor.SupervisorConfig;
import dev.coterie.workers.supervisor.SupervisorEvent;
import java.io.IOException;
import java.net.BindException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class MonitorIT {

    private final HttpClient http = HttpClient.newHttpClient();
    private final List<SupervisorEvent> events = new CopyOnWriteArrayList<>();
    private Supervisor supervisor;
    private Monitor monitor;
    private volatile boolean well = true;

    @BeforeEach
    void supervise() throws IOException {
        supervisor = new Supervisor(SupervisorConfig.with()
                .name("Monitored")
                .command(List.of("sh", "-c", "exec sleep 600"))
                .workers(2)
                .readiness(Readiness.START)
                .build());
        supervisor.onEvent(events::add);
        supervisor.start();
        await().atMost(Duration.ofSeconds(30))
                .until(() -> events.stream()
                                .filter(event -> event.event().equals("listening"))
                                .count()
                        == 2);
    }

    @AfterEach
    void close() {
        monitor.close();
        supervisor.close();
    }

    @Test
    void the_workers_are_there_as_json() throws Exception {
        monitor = new Monitor(MonitorConfig.on(0), supervisor);
        HttpResponse<String> answer = get("/workers");

        assertThat(answer.statusCode()).isEqualTo(200);
        Map<String, Object> all = Json.object(answer.body());
        assertThat(all).containsEntry("name", "Monitored");
        assertThat(Json.number(all, "memory", 0)).isGreaterThan(10_000_000);
        assertThat(Json.number(all, "cpu", 0)).isPositive();
        assertThat((List<?>) all.get("workers"))
                .hasSize(2)
                .allSatisfy(worker -> assertThat(((Map<?, ?>) worker).get("memory"))
                        .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.INTEGER)
                        .isBetween(100_000, 100_000_000))
                .allSatisfy(worker -> assertThat(((Map<?, ?>) worker).keySet().toString())
                        .contains("pid", "heartbeat", "cpu", "uptime"))
                .first()
                .satisfies(worker -> assertThat((Map<?, ?>) worker)
                        .extracting("name", "state", "restarts", "received")
                        .containsExactly("Monitored-1", "listening", 0, 0));
        assertThat(get("/workers/1").statusCode()).isEqualTo(404);
        assertThat(post("/workers").statusCode()).isEqualTo(405);
    }

    @Test
    void the_verdict_is_available_disabled_or_a_warning_and_outlives_the_workers() throws Exception {
        start(config -> config.withControl(true).withApplicationPort(5005));
        assertThat(get("/ecv").statusCode()).isEqualTo(200);
        assertThat(get("/ecv").body())
                .matches("status=AVAILABLE&ServeTraffic=true&ip=127.0.0.1&hostname=[^&]+&port=5005&time=.+");

        well = false;
        assertThat(get("/ecv").statusCode()).isEqualTo(500);
        assertThat(get("/ecv").body()).startsWith("status=WARNING&ServeTraffic=false&ip=");

        assertThat(post("/ecv/disable?by=anna&why=new%20disk").statusCode()).isEqualTo(204);
        supervisor.roll();
        await().atMost(Duration.ofSeconds(30))
                .until(() -> events.stream()
                                .filter(event -> event.event().equals("died"))
                                .count()
                        == 2);
        HttpResponse<String> disabled = get("/ecv");
        assertThat(disabled.statusCode()).isEqualTo(400);
        assertThat(disabled.body()).startsWith("status=DISABLED&ServeTraffic=false&ip=");
        assertThat(disabled.headers().firstValue("X-Disabled-By")).hasValue("anna");
        assertThat(disabled.headers().firstValue("X-Disabled-Why")).hasValue("new disk");

        well = true;
        assertThat(post("/ecv/enable").statusCode()).isEqualTo(204);
        assertThat(get("/ecv").statusCode()).isEqualTo(200);
        assertThat(events).anyMatch(event -> event.toString().contains("ECV disabled by anna: new disk"));
    }

    @Test
    void the_verdict_is_json_for_whoever_wants_that() throws Exception {
        start(config -> config.withControl(true));
        assertThat(json("/ecv"))
                .containsEntry("status", "AVAILABLE")
                .containsEntry("serveTraffic", true)
                .containsEntry("control", true);

        assertThat(post("/ecv/disable?by=anna&why=new%20disk&until=2999-01-01T00:00:00Z")
                        .statusCode())
                .isEqualTo(204);
        assertThat(json("/ecv"))
                .containsEntry("status", "DISABLED")
                .containsEntry("by", "anna")
                .containsEntry("why", "new disk")
                .containsEntry("until", "2999-01-01T00:00:00Z");
    }

    @Test
    void what_there_is_and_what_it_is_made_of() throws Exception {
        start(config -> config);
        assertThat((List<?>) json("/").get("paths"))
                .map(Object::toString)
                .contains("GET /workers", "GET /deps", "POST /ecv/disable");
        Map<String, Object> deps = json("/deps");
        assertThat(deps).containsEntry("java", Runtime.version().toString());
        assertThat((List<?>) deps.get("classPath"))
                .map(part -> (Map<?, ?>) part)
                .anySatisfy(part -> assertThat(part.get("name")).isEqualTo("jackson-databind"))
                .filteredOn(part -> "jackson-databind".equals(part.get("name")))
                .allSatisfy(part -> assertThat(part.get("version").toString()).matches("[0-9]+\\..+"));
        assertThat(get("/logs").body()).contains("go to standard error");
        assertThat(get("/no-such").statusCode()).isEqualTo(404);
    }

    private Map<String, Object> json(String path) throws IOException, InterruptedException {
        return Json.object(send(request("127.0.0.1", path).header("Accept", "application/json"))
                .body());
    }

    @Test
    void a_check_that_throws_is_a_warning() throws Exception {
        start(config -> config.withCheck(() -> {
            throw new IOException("on purpose");
        }));
        assertThat(get("/ecv").statusCode()).isEqualTo(500);
    }

    @Test
    void a_url_that_is_asked_decides() throws Exception {
        HttpServer application = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        AtomicInteger code = new AtomicInteger(204);
        application.createContext("/health", exchange -> {
            exchange.sendResponseHeaders(code.get(), -1);
            exchange.close();
        });
        application.start();
        String url = "http://127.0.0.1:" + application.getAddress().getPort() + "/health";
        monitor = new Monitor(MonitorConfig.on(0).withCheck(UrlCheck.of(url)), supervisor);
        assertThat(get("/ecv").statusCode()).isEqualTo(200);

        code.set(302);
        assertThat(get("/ecv").statusCode()).isEqualTo(500);
        application.stop(0);
        assertThat(get("/ecv").statusCode()).as("nobody answers").isEqualTo(500);
        assertThatThrownBy(() -> UrlCheck.of("localhost:8080")).hasMessage("write it as http://127.0.0.1:8080/health");
    }

    @Test
    void out_until_then_and_no_longer() throws Exception {
        start(config -> config.withControl(true));
        Instant soon = Instant.now().plusMillis(1500);
        assertThat(post("/ecv/disable?until=" + soon).statusCode()).isEqualTo(204);
        assertThat(get("/ecv").statusCode()).isEqualTo(400);

        await().atMost(Duration.ofSeconds(10)).until(() -> get("/ecv").statusCode() == 200);
        assertThat(post("/ecv/disable?until=tomorrow").body()).contains("until: 'tomorrow' will not do");
        assertThat(post("/ecv/disable?until=2020-01-01T00:00:00Z").statusCode()).isEqualTo(400);
    }

    @Test
    void switches_are_off_unless_control_is_on() throws Exception {
        start(config -> config);
        assertThat(post("/ecv/disable").statusCode()).isEqualTo(403);
        assertThat(get("/ecv").statusCode()).isEqualTo(200);
    }

    @Test
    void a_page_of_another_site_cannot_switch_and_other_machines_need_the_token() throws Exception {
        start(config -> config.withControl(true).withHost("0.0.0.0"));
        HttpRequest.Builder switching = request("127.0.0.1", "/ecv/disable").POST(HttpRequest.BodyPublishers.noBody());
        assertThat(send(switching.copy().header("Origin", "http://example.org")).statusCode())
                .isEqualTo(403);
        String outside = addressOfThisMachine();
        assertThat(send(request(outside, "/ecv/disable").POST(HttpRequest.BodyPublishers.noBody()))
                        .statusCode())
                .isEqualTo(403);
        monitor.close();

        String token = "a-token-of-some-length";
        start(config -> config.withControl(true).withHost("0.0.0.0").withToken(token));
        HttpRequest.Builder remote = request(outside, "/ecv/disable").POST(HttpRequest.BodyPublishers.noBody());
        assertThat(send(remote.copy().header("Authorization", "Bearer wrong")).statusCode())
                .isEqualTo(403);
        assertThat(send(remote.copy().header("Authorization", "Bearer " + token))
                        .statusCode())
                .isEqualTo(204);
    }

    @Test
    void a_taken_port_is_named() throws Exception {
        start(config -> config);
        assertThatThrownBy(() -> new Monitor(MonitorConfig.on(monitor.port()), supervisor))
                .isInstanceOf(BindException.class)
                .hasMessageContaining("monitor-port: '" + monitor.port() + "'");
        assertThatThrownBy(() -> MonitorConfig.on(3000).withApplicationPort(3000))
                .hasMessageContaining("choose another");
    }

    private void start(UnaryOperator<MonitorConfig> change) throws IOException {
        monitor = new Monitor(change.apply(MonitorConfig.on(0).withCheck(() -> well)), supervisor);
    }

    /** One that is not loopback. */
    private static String addressOfThisMachine() throws Exception {
        return NetworkInterface.networkInterfaces()
                .flatMap(NetworkInterface::inetAddresses)
                .filter(address -> address instanceof Inet4Address && !address.isLoopbackAddress())
                .findFirst()
                .orElseThrow(() -> new AssertionError("this machine has only a loopback address"))
                .getHostAddress();
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return send(request("127.0.0.1", path));
    }

    private HttpResponse<String> post(String path) throws IOException, InterruptedException {
        return send(request("127.0.0.1", path).POST(HttpRequest.BodyPublishers.noBody()));
    }

    private HttpRequest.Builder request(String host, String path) {
        return HttpRequest.newBuilder(URI.create("http://" + host + ":" + monitor.port() + path))
                .timeout(Duration.ofSeconds(20));
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }
}
