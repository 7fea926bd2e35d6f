package dev.coterie.node.console;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;

/** The page: files that stand beside this class, served as they are. */
final class Page {

    private static final Map<String, String> TYPES = Map.of(
            "html", "text/html; charset=utf-8",
            "css", "text/css; charset=utf-8",
            "js", "text/javascript; charset=utf-8",
            "svg", "image/svg+xml",
            "json", "application/json");

    private Page() {}

    static void addTo(WebServer server) {
        // To everybody, since it asks for the token itself; nothing in it is about the cluster.
        server.open("/", request -> file(request.rest().isEmpty() ? "index.html" : request.rest()));
        server.open("/api/openapi.json", request -> file("openapi.json"));
    }

    /** A file; its name has no way up in it. */
    private static Answer file(String name) {
        String type = TYPES.get(name.substring(name.lastIndexOf('.') + 1));
        if (type == null || !name.matches("[a-z]+(-[a-z]+)*\\.[a-z]+")) {
            throw new Refused(404, "path: there is no '/" + name + "'");
        }
        try (InputStream file = Page.class.getResourceAsStream("page/" + name)) {
            if (file == null) {
                throw new Refused(404, "path: there is no '/" + name + "'");
            }
            return Answer.of(200, type, file.readAllBytes()).with("Cache-Control", "no-cache");
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }
}
