package dev.coterie.workers.monitor;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.coterie.workers.link.Json;
import dev.coterie.workers.supervisor.LogPolicy;
import dev.coterie.workers.supervisor.Readiness;
import dev.coterie.workers.supervisor.Supervisor;
import dev.coterie.workers.supervisor.SupervisorConfig;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What goes on for as long as somebody listens: logs and events. */
@Timeout(120)
class StreamsIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final HttpClient http = HttpClient.newHttpClient();
    private Supervisor supervisor;
    private Monitor monitor;
    private OutputStream worker;

    @TempDir
    private Path folder;

    /** The first worker says what the test says. */
    @BeforeEach
    void supervise() throws Exception {
        Path pipe = folder.resolve("pipe");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor())
                .isZero();
        supervisor = new Supervisor(SupervisorConfig.with()
                .name("Talker")
                .command(List.of(
                        "sh", "-c", "[ \"$COTERIE_WORKER_NUMBER\" = 1 ] && exec cat " + pipe + "; exec sleep 600"))
                .workers(2)
                .readiness(Readiness.START)
                .logs(new LogPolicy(folder.resolve("logs"), 1000, 3))
                .build());
        monitor = new Monitor(MonitorConfig.on(0), supervisor);
        supervisor.start();
        worker = Files.newOutputStream(pipe);
    }

    @AfterEach
    void close() throws IOException {
        monitor.close();
        supervisor.stop();
        supervisor.close();
        worker.close();
    }

    @Test
    void a_log_is_followed_line_by_line_also_where_its_file_is_full() throws Exception {
        say(IntStream.range(0, 10));
        await().atMost(PATIENCE).until(() -> get("/logs?worker=1").body().equals(lines(0, 10)));
        List<String> events = follow("/logs?worker=1&follow", Answer.EVENTS);
        List<String> plain = follow("/logs?worker=1&follow&bytes=0", "*/*");
        await().atMost(PATIENCE).until(() -> events.contains("data: line 9"));
        for (int round = 1; round < 50; round++) {
            int next = 10 * round;
            say(IntStream.range(next, next + 10));
            await().atMost(PATIENCE)
                    .pollInterval(Duration.ofMillis(5))
                    .until(() -> events.contains("data: line " + (next + 9)) && plain.contains("line " + (next + 9)));
        }
        assertThat(events.stream().filter(line -> !line.isEmpty()))
                .containsExactlyElementsOf(IntStream.range(0, 500)
                        .mapToObj(number -> "data: line " + number)
                        .toList());
        assertThat(plain)
                .containsExactlyElementsOf(IntStream.range(10, 500)
                        .mapToObj(number -> "line " + number)
                        .toList());

        List<?> files = (List<?>) Json.object(get("/logs").body()).get("files");
        assertThat(files).extracting("file").containsExactly("Talker-1.log", "Talker-1.log.1", "Talker-1.log.2");
        assertThat(get("/logs?worker=2").body()).isEmpty();
    }

    @Test
    void what_is_wrong_with_a_question_is_said() throws Exception {
        assertThat(get("/logs?worker=3").body()).isEqualTo("worker: '3' will not do; choose one of 1..2\n");
        assertThat(get("/logs?worker=../../etc/passwd").statusCode()).isEqualTo(400);
        assertThat(get("/logs?worker=1&bytes=-1").statusCode()).isEqualTo(400);
        assertThat(get("/events?since=x").statusCode()).isEqualTo(400);
        HttpRequest foreign =
                request("/logs?worker=1").header("Origin", "http://example.org").build();
        assertThat(http.send(foreign, HttpResponse.BodyHandlers.ofString()).statusCode())
                .isEqualTo(403);
        assertThat(raw("GET /logs HTTP/1.1\r\nHost: rebound.example.org\r\nConnection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 403");
        assertThat(raw("GET /logs HTTP/1.1\r\nHost: 127.0.0.1:80\r\nConnection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 200");
    }

    @Test
    void events_are_told_as_they_come_and_none_twice_to_whoever_comes_back() throws Exception {
        List<String> first = follow("/events", Answer.EVENTS);
        await().atMost(PATIENCE)
                .until(() -> first.stream()
                                .filter(line -> line.contains("\"listening\""))
                                .count()
                        == 2);
        supervisor.warn("one more");
        await().atMost(PATIENCE)
                .until(() -> first.stream().anyMatch(line -> line.startsWith("data: ") && line.contains("one more")));
        assertThat(ids(first)).isEqualTo(IntStream.rangeClosed(1, 5).boxed().toList());

        List<String> again = new CopyOnWriteArrayList<>();
        collect(request("/events").header("Accept", Answer.EVENTS).header("Last-Event-ID", "4"), again);
        await().atMost(PATIENCE).until(() -> ids(again).equals(List.of(5)));

        List<?> all = (List<?>) Json.object(get("/events?since=3").body()).get("events");
        assertThat(all).extracting("id").containsExactly(4, 5);
    }

    @Test
    void there_are_only_so_many_followers_and_one_that_goes_makes_room() throws Exception {
        List<Socket> followers = new ArrayList<>();
        for (int number = 0; number < Streams.MOST; number++) {
            Socket socket = new Socket(InetAddress.getLoopbackAddress(), monitor.port());
            socket.setSoTimeout(20_000);
            socket.getOutputStream()
                    .write("GET /logs?worker=1&follow HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(UTF_8));
            assertThat(new String(socket.getInputStream().readNBytes(12), UTF_8))
                    .isEqualTo("HTTP/1.1 200");
            followers.add(socket);
        }
        assertThat(get("/logs?worker=1&follow").statusCode()).isEqualTo(503);
        assertThat(get("/workers").statusCode()).as("the others are served").isEqualTo(200);

        for (Socket socket : followers) {
            socket.close();
        }
        await().atMost(PATIENCE).until(() -> {
            say(IntStream.range(0, 1));
            return raw("GET /logs?worker=1&follow HTTP/1.0\r\nHost: localhost\r\n\r\n", 12)
                    .equals("HTTP/1.1 200");
        });
    }

    private void say(IntStream numbers) throws IOException {
        for (int number : numbers.toArray()) {
            worker.write(("line " + number + "\n").getBytes(UTF_8));
        }
    }

    private static String lines(int from, int to) {
        return IntStream.range(from, to)
                .mapToObj(number -> "line " + number + "\n")
                .reduce("", String::concat);
    }

    private static List<Integer> ids(List<String> lines) {
        return lines.stream()
                .filter(line -> line.startsWith("id: "))
                .map(line -> Integer.valueOf(line.substring(4)))
                .toList();
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + monitor.port() + path));
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return http.send(request(path).timeout(Duration.ofSeconds(20)).build(), HttpResponse.BodyHandlers.ofString());
    }

    private List<String> follow(String path, String accepted) throws IOException, InterruptedException {
        List<String> lines = new CopyOnWriteArrayList<>();
        collect(request(path).header("Accept", accepted), lines);
        return lines;
    }

    private void collect(HttpRequest.Builder request, List<String> lines) throws IOException, InterruptedException {
        Stream<String> body =
                http.send(request.build(), HttpResponse.BodyHandlers.ofLines()).body();
        Thread reader = new Thread(() -> {
            try {
                body.forEach(lines::add);
            } catch (java.io.UncheckedIOException ended) {
                // With the monitor.
            }
        });
        reader.setDaemon(true);
        reader.start();
    }

    private String raw(String request) throws IOException {
        return raw(request, Integer.MAX_VALUE);
    }

    private String raw(String request, int bytes) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), monitor.port())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(request.getBytes(UTF_8));
            return new String(socket.getInputStream().readNBytes(bytes), UTF_8);
        }
    }
}
