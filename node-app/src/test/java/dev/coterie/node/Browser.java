package dev.coterie.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import tools.jackson.databind.json.JsonMapper;

/** A real browser, driven by the protocol that its driver speaks. */
final class Browser implements AutoCloseable {

    private static final JsonMapper JSON = new JsonMapper();

    /** For things that take a second on an idle machine. */
    static final Duration PATIENCE = Duration.ofSeconds(60);

    private final HttpClient client = HttpClient.newHttpClient();
    private final Process driver;
    private final Path profile;
    private final String url;
    private final String session;

    private Browser(Process driver, Path profile, String url) {
        this.driver = driver;
        this.profile = profile;
        this.url = url;
        Awaitility.await("the browser's driver")
                .atMost(PATIENCE)
                .ignoreExceptions()
                .until(() -> call("GET", "/status", Map.of()) != null);
        List<String> flags = List.of(
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--disable-dev-shm-usage",
                "--hide-scrollbars",
                "--user-data-dir=" + profile,
                "--window-size=1360,900");
        Map<?, ?> begun = (Map<?, ?>) call(
                "POST",
                "/session",
                Map.of(
                        "capabilities",
                        Map.of(
                                "alwaysMatch",
                                Map.of(
                                        "goog:chromeOptions", Map.of("args", flags),
                                        "goog:loggingPrefs", Map.of("browser", "ALL", "performance", "ALL")))));
        this.session = "/session/" + begun.get("sessionId");
    }

    static Browser start() {
        try {
            int port = freePort();
            Path profile = Files.createTempDirectory("coterie-browser");
            Process driver = new ProcessBuilder("chromedriver", "--port=" + port, "--log-level=SEVERE")
                    .redirectErrorStream(true)
                    .redirectOutput(profile.resolve("driver.log").toFile())
                    .start();
            return new Browser(driver, profile, "http://127.0.0.1:" + port);
        } catch (IOException failure) {
            throw new UncheckedIOException("chromium-driver is needed, see .ci/run", failure);
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }

    /** Opens a page, anew also if only its fragment differs. */
    void open(String page) {
        call("POST", session + "/url", Map.of("url", "about:blank"));
        call("POST", session + "/url", Map.of("url", page));
    }

    /** Goes back to what was seen before. */
    void back() {
        call("POST", session + "/back", Map.of());
    }

    /** The tab that is in front. */
    String tab() {
        return String.valueOf(call("GET", session + "/window", Map.of()));
    }

    /** Opens another tab and brings it to the front. */
    void newTab() {
        Map<?, ?> opened = (Map<?, ?>) call("POST", session + "/window/new", Map.of("type", "tab"));
        toFront(String.valueOf(opened.get("handle")));
    }

    /** Brings a tab to the front. */
    void toFront(String tab) {
        call("POST", session + "/window", Map.of("handle", tab));
    }

    /** Closes the tab that is in front. */
    void closeTab() {
        call("DELETE", session + "/window", Map.of());
    }

    /** Makes the window so large. */
    void size(int width, int height) {
        command(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", width < 600));
    }

    /** Makes the page dark, or light. */
    void dark(boolean dark) {
        command(
                "Emulation.setEmulatedMedia",
                Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", dark ? "dark" : "light"))));
    }

    /** Where files go that the page gives. */
    void downloads(Path folder) {
        command("Browser.setDownloadBehavior", Map.of("behavior", "allow", "downloadPath", folder.toString()));
    }

    private void command(String name, Map<String, Object> parameters) {
        call("POST", session + "/goog/cdp/execute", Map.of("cmd", name, "params", parameters));
    }

    /** What a script returns; its arguments are {@code arguments[0]} and so on. */
    Object run(String script, Object... arguments) {
        return call("POST", session + "/execute/sync", Map.of("script", script, "args", List.of(arguments)));
    }

    /** What a script gives to the callback that is its last argument. */
    Object runAsync(String script, Object... arguments) {
        return call("POST", session + "/execute/async", Map.of("script", script, "args", List.of(arguments)));
    }

    /** The text of the page, as it is seen. */
    String text() {
        return text("body");
    }

    /** The text of the first element, as it is seen; empty if there is none. */
    String text(String selector) {
        return String.valueOf(run(
                "const one = document.querySelector(arguments[0]); return one?.innerText ?? one?.textContent ?? ''",
                selector));
    }

    /** Waits until a text is seen. */
    void awaitText(String selector, String wanted) {
        awaitSeen(() -> Awaitility.await("'" + wanted + "' in " + selector)
                .atMost(PATIENCE)
                .untilAsserted(() -> assertThat(text(selector)).contains(wanted)));
    }

    /** Waits until a script returns true. */
    void awaitTrue(String what, String script, Object... arguments) {
        awaitSeen(
                () -> Awaitility.await(what).atMost(PATIENCE).until(() -> Boolean.TRUE.equals(run(script, arguments))));
    }

    /** A wait that was in vain says what was seen instead. */
    private void awaitSeen(Runnable wait) {
        try {
            wait.run();
        } catch (ConditionTimeoutException inVain) {
            throw new AssertionError(inVain.getMessage() + "\nThe page:\n" + text(), inVain);
        }
    }

    /** Clicks as a person does: on what is seen, again if it was just being made anew. */
    void click(String selector) {
        Awaitility.await("a click on " + selector).atMost(PATIENCE).untilAsserted(() -> {
            String element = element(selector);
            run("document.querySelector(arguments[0]).scrollIntoView({ block: 'center' })", selector);
            call("POST", element + "/click", Map.of());
        });
    }

    /** Types as a person does. */
    void type(String selector, String text) {
        call("POST", element(selector) + "/value", Map.of("text", text));
    }

    /** Types in place of what is there. */
    void enter(String selector, String text) {
        call("POST", element(selector) + "/clear", Map.of());
        type(selector, text);
    }

    /** Presses keys, wherever the focus is. */
    void press(String keys) {
        List<Map<String, Object>> actions = keys.codePoints()
                .mapToObj(Character::toString)
                .flatMap(key -> java.util.stream.Stream.of(
                        Map.<String, Object>of("type", "keyDown", "value", key),
                        Map.<String, Object>of("type", "keyUp", "value", key)))
                .toList();
        call(
                "POST",
                session + "/actions",
                Map.of("actions", List.of(Map.of("type", "key", "id", "keyboard", "actions", actions))));
    }

    private String element(String selector) {
        awaitTrue(selector, "return !!document.querySelector(arguments[0])", selector);
        Map<?, ?> found =
                (Map<?, ?>) call("POST", session + "/element", Map.of("using", "css selector", "value", selector));
        return session + "/element/" + found.values().iterator().next();
    }

    /** Keeps what is seen, from the top, as a file where {@code coterie.screenshots} says, or in {@code target}. */
    void screenshot(String name) {
        run("scrollTo(0, 0); document.querySelectorAll('.scroll').forEach((one) => one.scrollTo(0, 0))");
        try {
            Path folder = Path.of(System.getProperty("coterie.screenshots", "target/screenshots"));
            Files.write(
                    Files.createDirectories(folder).resolve(name + ".png"),
                    Base64.getDecoder().decode(String.valueOf(call("GET", session + "/screenshot", Map.of()))));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** What the page has complained of, such as scripts that failed or what its policy forbids. */
    List<String> complaints() {
        return log("browser").stream()
                .map(entry -> String.valueOf(entry.get("message")))
                .toList();
    }

    /** Where requests went. */
    List<String> requests() {
        return log("performance").stream()
                .map(entry ->
                        JSON.readTree(String.valueOf(entry.get("message"))).get("message"))
                .filter(message -> message.get("method").asString().equals("Network.requestWillBeSent"))
                .map(message -> message.get("params").get("request").get("url").asString())
                .toList();
    }

    @SuppressWarnings("unchecked")
    private List<Map<String, Object>> log(String type) {
        return (List<Map<String, Object>>) call("POST", session + "/se/log", Map.of("type", type));
    }

    private Object call(String method, String path, Object body) {
        try {
            HttpRequest request = HttpRequest.newBuilder(URI.create(url + path))
                    .method(
                            method,
                            method.equals("POST")
                                    ? BodyPublishers.ofString(JSON.writeValueAsString(body))
                                    : BodyPublishers.noBody())
                    .timeout(PATIENCE)
                    .build();
            String answer = client.send(request, BodyHandlers.ofString()).body();
            Map<?, ?> read = JSON.readValue(answer, Map.class);
            Object value = read.get("value");
            if (value instanceof Map<?, ?> error && error.containsKey("error") && error.containsKey("stacktrace")) {
                throw new AssertionError(error.get("error") + ": " + error.get("message"));
            }
            return value;
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new AssertionError(interrupted);
        }
    }

    @Override
    public void close() {
        try {
            call("DELETE", session, Map.of());
        } finally {
            end();
        }
    }

    private void end() {
        driver.descendants().forEach(ProcessHandle::destroyForcibly);
        driver.destroy();
        try {
            driver.waitFor(20, TimeUnit.SECONDS);
            try (var files = Files.walk(profile)) {
                files.sorted(java.util.Comparator.reverseOrder())
                        .forEach(file -> file.toFile().delete());
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } catch (IOException leftBehind) {
            throw new UncheckedIOException(leftBehind);
        }
    }
}
