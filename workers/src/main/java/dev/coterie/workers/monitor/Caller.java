package dev.coterie.workers.monitor;

import com.sun.net.httpserver.HttpExchange;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Who asks for something over HTTP, and what exactly. */
final class Caller {

    private static final int LONGEST = 200;

    private final HttpExchange exchange;
    private final Map<String, String> query;

    Caller(HttpExchange exchange) {
        this.exchange = exchange;
        this.query = query(exchange.getRequestURI().getRawQuery());
    }

    private static Map<String, String> query(@Nullable String raw) {
        Map<String, String> fields = new HashMap<>();
        for (String part : (raw == null ? "" : raw).split("&", -1)) {
            String[] both = part.split("=", 2);
            String value = both.length < 2 ? "" : URLDecoder.decode(both[1], StandardCharsets.UTF_8);
            fields.put(both[0], value.substring(0, Math.min(LONGEST, value.length())));
        }
        return fields;
    }

    /** A field of the query, cut where it is too long; empty if it is not there. */
    Optional<String> field(String name) {
        return Optional.ofNullable(query.get(name));
    }

    /**
     * A field of the query as a whole number.
     *
     * @throws IllegalArgumentException if it is there and anything else
     */
    long number(String name, long otherwise, long least, long most) {
        String text = field(name).orElse(Long.toString(otherwise));
        if (!text.matches("[0-9]{1,18}") || Long.parseLong(text) < least || Long.parseLong(text) > most) {
            throw new IllegalArgumentException(
                    name + ": '" + text + "' will not do; choose one of " + least + ".." + most);
        }
        return Long.parseLong(text);
    }

    /** A header; empty if it is not there. */
    String header(String name) {
        return Optional.ofNullable(exchange.getRequestHeaders().getFirst(name)).orElse("");
    }

    /** Whether it wants an answer of this type. */
    boolean accepts(String type) {
        return header("Accept").contains(type);
    }

    /** The address that it has called. */
    String localAddress() {
        return exchange.getLocalAddress().getAddress().getHostAddress();
    }

    /** The port that it has called. */
    int localPort() {
        return exchange.getLocalAddress().getPort();
    }

    /** Where it asks from. */
    String address() {
        return exchange.getRemoteAddress().getAddress().getHostAddress();
    }

    /**
     * Whether it has shown the token; if there is none, whether it is on this machine. A browser that a page of another
     * site has sent here says so by its Origin, or calls this machine by that site's name.
     */
    boolean isTrusted(MonitorConfig config) {
        if (config.token().isPresent()) {
            return MessageDigest.isEqual(
                    bytes(header("Authorization")),
                    bytes("Bearer " + config.token().get()));
        }
        return exchange.getRemoteAddress().getAddress().isLoopbackAddress()
                && header("Origin").isEmpty()
                && header("Host").matches("(localhost|[0-9.]+|\\[[0-9a-f:.]+])(:[0-9]+)?");
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
