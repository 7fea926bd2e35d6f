package dev.coterie.node.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coterie.cluster.link.LinkException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who is answered, and how; over real sockets, each request as it stands on the wire. */
class WebServerTest {

    private static final String JSON = "Content-Type: application/json\r\n";

    private WebServer server = new WebServer(ConsoleConfig.LOCAL);

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void a_path_is_answered_by_its_handler_and_what_is_below_one_with_a_slash_by_that() throws IOException {
        server.get("/api/members", request -> Answer.json(List.of("all")))
                .get("/api/explain/", request -> Answer.text(200, "about " + request.rest() + request.text("as")))
                .start();

        assertThat(get("/api/members")).startsWith("HTTP/1.1 200").contains("[\"all\"]");
        assertThat(get("/api/explain/member/a%2Fb?as=%3Cb%3E")).contains("about member/a/b<b>");
        assertThat(get("/api/other")).startsWith("HTTP/1.1 404").contains("there is no '/api/other'");
        assertThat(send("POST", "/api/members", JSON, "{}"))
                .startsWith("HTTP/1.1 405")
                .contains("takes GET only");
    }

    @Test
    void every_answer_forbids_what_the_page_does_not_need() throws IOException {
        server.get("/", request -> Answer.text(200, "x")).start();

        assertThat(get("/"))
                .containsIgnoringCase("Content-Security-Policy: default-src 'none'; script-src 'self'")
                .containsIgnoringCase("X-Content-Type-Options: nosniff");
    }

    @Test
    void a_number_that_will_not_do_is_refused_with_field_value_and_remedy() throws IOException {
        server.get("/n", request -> Answer.json(request.number("limit", 1, 10, 5)))
                .start();

        assertThat(get("/n")).endsWith("\r\n5\r\n0\r\n\r\n");
        assertThat(get("/n?limit=11"))
                .startsWith("HTTP/1.1 400")
                .contains("limit: '11' will not do; choose one of 1..10");
    }

    @Test
    void a_handler_that_fails_says_so_and_nothing_of_its_inside() throws IOException {
        server.get("/f", request -> {
                    throw new IllegalStateException("secret");
                })
                .start();

        assertThat(get("/f")).startsWith("HTTP/1.1 500").doesNotContain("secret");
    }

    @Test
    void a_name_that_is_pointed_here_from_elsewhere_is_not_answered() throws IOException {
        server.get("/", request -> Answer.text(200, "x")).start();

        assertThat(exchange("GET / HTTP/1.1\r\nHost: evil.example:3001\r\nConnection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 421");
        assertThat(exchange("GET / HTTP/1.1\r\nHost: localhost:3001\r\nConnection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 200");
    }

    @Test
    void a_page_of_another_site_cannot_change_anything() throws IOException {
        server.post("/do", request -> Answer.json(request.body(Map.class))).start();

        assertThat(send("POST", "/do", JSON, "{}")).startsWith("HTTP/1.1 200");
        assertThat(send("POST", "/do", JSON + "Origin: http://" + host() + "\r\n", "{}"))
                .startsWith("HTTP/1.1 200");
        assertThat(send("POST", "/do", JSON + "Origin: http://evil.example\r\n", "{}"))
                .startsWith("HTTP/1.1 403");
        assertThat(send("POST", "/do", "Content-Type: text/plain\r\n", "{}")).startsWith("HTTP/1.1 415");
        assertThat(send("POST", "/do", JSON, "{")).startsWith("HTTP/1.1 400");
    }

    @Test
    void with_a_token_only_those_who_have_it_are_answered_but_for_what_is_open() throws IOException {
        server.close();
        server = new WebServer(new ConsoleConfig("127.0.0.1", 0, false, Optional.of("sesame"), false, List.of()));
        server.get("/secret", request -> Answer.text(200, "yes"))
                .open("/health", request -> Answer.text(200, "well"))
                .start();

        assertThat(get("/health")).startsWith("HTTP/1.1 200");
        assertThat(get("/secret")).startsWith("HTTP/1.1 401");
        assertThat(send("GET", "/secret", "Authorization: Bearer sesame\r\n", ""))
                .startsWith("HTTP/1.1 200");
        assertThat(send("POST", "/api/login", JSON, "{\"token\":\"wrong\"}")).startsWith("HTTP/1.1 401");
        String welcome = send("POST", "/api/login", JSON, "{\"token\":\"sesame\"}");
        assertThat(welcome).startsWith("HTTP/1.1 200").contains("HttpOnly; SameSite=Strict");
        String cookie = welcome.replaceFirst("(?si).*set-cookie: ([^;]*);.*", "$1");
        assertThat(cookie).doesNotContain("sesame");
        assertThat(send("GET", "/secret", "Cookie: a=b; " + cookie + "\r\n", ""))
                .startsWith("HTTP/1.1 200");
    }

    @Test
    void an_address_that_others_reach_needs_a_token() {
        assertThatThrownBy(() -> new ConsoleConfig("0.0.0.0", 0, false, Optional.empty(), false, List.of()))
                .hasMessageContaining("console-address: '0.0.0.0' can be reached from elsewhere; name a file");
    }

    @Test
    void a_port_that_is_taken_is_named_or_left_to_whoever_has_it() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            int port = taken.getLocalPort();
            assertThatThrownBy(() -> new WebServer(config(port, false)))
                    .isInstanceOf(LinkException.class)
                    .hasMessageContaining("console-port: '" + port + "'");

            try (WebServer other = new WebServer(config(port, true))) {
                assertThat(URI.create(other.url()).getPort()).isNotEqualTo(port).isPositive();
            }
        }
    }

    private static ConsoleConfig config(int port, boolean fallback) {
        return new ConsoleConfig("127.0.0.1", port, fallback, Optional.empty(), false, List.of());
    }

    private String get(String path) throws IOException {
        return send("GET", path, "", "");
    }

    private String send(String method, String path, String headers, String body) throws IOException {
        return exchange(method + " " + path + " HTTP/1.1\r\nHost: " + host() + "\r\nConnection: close\r\n" + headers
                + (body.isEmpty() ? "" : "Content-Length: " + body.length() + "\r\n") + "\r\n" + body);
    }

    private String host() {
        return URI.create(server.url()).getAuthority();
    }

    private String exchange(String request) throws IOException {
        URI url = URI.create(server.url());
        try (Socket socket = new Socket(url.getHost(), url.getPort())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
            ByteArrayOutputStream answer = new ByteArrayOutputStream();
            InputStream in = socket.getInputStream();
            in.transferTo(answer);
            return answer.toString(StandardCharsets.UTF_8);
        }
    }
}
