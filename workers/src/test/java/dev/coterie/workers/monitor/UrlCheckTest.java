package dev.coterie.workers.monitor;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The JDK's client of HTTP, against what a socket says. */
@Timeout(60)
class UrlCheckTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "HTTP/1.1 200 OK|true",
                "HTTP/1.1 204 No Content|true",
                "HTTP/1.1 302 Found|false",
                "HTTP/1.1 404 Not Found|false",
                "HTTP/1.1 500 Internal Server Error|false",
                "+OK this is no web server|false",
            })
    void what_is_answered_from_200_to_299_is_well(String line, boolean well) throws IOException {
        try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            Thread answering = new Thread(() -> answer(server, line));
            answering.start();
            assertThat(UrlCheck.of("http://127.0.0.1:" + server.getLocalPort() + "/health")
                            .isWell())
                    .isEqualTo(well);
        }
    }

    private static void answer(ServerSocket server, String line) {
        try (Socket socket = server.accept()) {
            socket.getOutputStream().write((line + "\r\nConnection: close\r\n\r\n").getBytes(US_ASCII));
            socket.shutdownOutput();
            socket.getInputStream().readAllBytes();
        } catch (IOException ended) {
            // The caller has gone, or the test is over.
        }
    }

    @Test
    void where_nobody_answers_it_fails() throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        UrlCheck check = UrlCheck.of("http://127.0.0.1:" + port + "/");
        assertThatThrownBy(check::isWell).isInstanceOf(IOException.class);
    }

    @ParameterizedTest
    @CsvSource({"localhost:8080", "/health", "ftp://localhost/health", "http://a b/", "http:///health"})
    void what_is_no_url_of_http_is_refused(String text) {
        assertThatThrownBy(() -> UrlCheck.of(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("write it as http://127.0.0.1:8080/health");
    }
}
