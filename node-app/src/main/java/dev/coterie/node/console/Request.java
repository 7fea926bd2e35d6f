package dev.coterie.node.console;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** What was asked. */
public final class Request {

    /** The largest body, in bytes: what etcd takes in one request, and a little. */
    static final int MAX_BODY = 2 << 20;

    private static final JsonMapper JSON = new JsonMapper();

    private final HttpExchange exchange;
    private final String rest;
    private final Map<String, String> query;

    /**
     * Creates it.
     *
     * @param path for which its handler was added
     */
    Request(HttpExchange exchange, String path) {
        this.exchange = exchange;
        // Split before it is decoded: a name may have a slash in it.
        this.rest = decoded(exchange.getRequestURI().getRawPath().substring(path.length()));
        this.query = query(exchange.getRequestURI().getRawQuery());
    }

    /** What follows the path for which the handler was added, decoded. */
    public String rest() {
        return rest;
    }

    /** A field of the query; empty if it is not there. */
    public Optional<String> field(String name) {
        return Optional.ofNullable(query.get(name));
    }

    /** A field of the query as text; empty text if it is not there. */
    public String text(String name) {
        return query.getOrDefault(name, "");
    }

    /**
     * A field of the query as a number.
     *
     * @throws Refused if it is none, or out of range
     */
    public long number(String name, long least, long most, long fallback) {
        String text = query.get(name);
        if (text == null || text.isEmpty()) {
            return fallback;
        }
        try {
            long number = Long.parseLong(text);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException malformed) {
            // Refused below, in the same words as a number out of range.
        }
        throw Refused.malformed(name + ": '" + text + "' will not do; choose one of " + least + ".." + most);
    }

    /** A header; empty if it is not there. */
    public Optional<String> header(String name) {
        return Optional.ofNullable(exchange.getRequestHeaders().getFirst(name));
    }

    /**
     * The body as JSON.
     *
     * @throws Refused if it is too large, or no such thing
     */
    public <T> T body(Class<T> type) throws IOException {
        byte[] body = exchange.getRequestBody().readNBytes(MAX_BODY + 1);
        if (body.length > MAX_BODY) {
            throw new Refused(413, "body: more than " + MAX_BODY + " bytes; send less");
        }
        try {
            T value = JSON.readValue(body, type);
            if (value != null) {
                return value;
            }
        } catch (JacksonException malformed) {
            throw Refused.malformed("body: is not what belongs here: " + malformed.getOriginalMessage());
        }
        throw Refused.malformed("body: there is none; send JSON");
    }

    private static Map<String, String> query(@org.jspecify.annotations.Nullable String raw) {
        Map<String, String> fields = new HashMap<>();
        for (String part : (raw == null ? "" : raw).split("&", -1)) {
            int equals = part.indexOf('=');
            if (equals > 0) {
                fields.put(decoded(part.substring(0, equals)), decoded(part.substring(equals + 1)));
            }
        }
        return fields;
    }

    private static String decoded(String raw) {
        try {
            return URLDecoder.decode(raw, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException malformed) {
            throw Refused.malformed("address: '" + raw + "' is not encoded as it should be");
        }
    }
}
