package dev.coterie.node.console;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Who may ask. Whoever has the token may, if there is one; it is shown as {@code Authorization: Bearer …}, or by the
 * cookie that logging in with it sets. A page of another site may not, neither by a name that it has pointed here nor
 * by a form.
 */
final class Gate {

    private static final String COOKIE = "coterie-console";

    private final Optional<String> token;

    Gate(Optional<String> token) {
        this.token = token;
    }

    /**
     * Checks a request.
     *
     * @throws Refused if it must not be answered
     */
    void check(HttpExchange exchange, boolean open) {
        Headers headers = exchange.getRequestHeaders();
        String host = String.valueOf(headers.getFirst("Host"));
        if (token.isEmpty() && !isOurs(host)) {
            throw new Refused(421, "host: '" + host + "' is not what this is called; use 127.0.0.1 or localhost");
        }
        if (!exchange.getRequestMethod().equals("GET")) {
            checkOrigin(headers, host);
        }
        if (!open && !isKnown(headers)) {
            throw new Refused(401, "token: it is missing or wrong; log in, or send Authorization: Bearer TOKEN");
        }
    }

    /** A name that its owner may point anywhere is not ours; an address is, and what every machine calls itself. */
    private static boolean isOurs(String host) {
        String name = host.replaceFirst(":\\d+$", "");
        return name.equals("localhost") || name.matches("[0-9.]+|\\[[0-9a-fA-F:.]+]");
    }

    /** What changes something is JSON, which no form sends, from our own page or from no page at all. */
    private static void checkOrigin(Headers headers, String host) {
        String origin = headers.getFirst("Origin");
        if (origin != null && !host.equals(authority(origin))) {
            throw new Refused(403, "origin: '" + origin + "' may not do this; use the console's own page");
        }
        String type = String.valueOf(headers.getFirst("Content-Type"));
        if (!type.matches("application/json(;.*)?")) {
            throw new Refused(415, "content-type: '" + type + "' will not do; send application/json");
        }
    }

    private static @Nullable String authority(String origin) {
        try {
            return URI.create(origin).getRawAuthority();
        } catch (IllegalArgumentException malformed) {
            return null;
        }
    }

    private boolean isKnown(Headers headers) {
        if (token.isEmpty()) {
            return true;
        }
        String shown = String.valueOf(headers.getFirst("Authorization"));
        return same(shown, "Bearer " + token.get())
                || Arrays.stream(String.valueOf(headers.getFirst("Cookie")).split("; *", -1))
                        .anyMatch(cookie -> same(cookie, COOKIE + "=" + pass(token.get())));
    }

    /** Whether this is the token. */
    boolean opensFor(String shown) {
        return token.isEmpty() || same(shown, token.get());
    }

    /** The cookie for whoever has shown the token; made of it, so that it outlives this process, and is not it. */
    String cookie() {
        return COOKIE + "=" + token.map(Gate::pass).orElse("") + "; HttpOnly; SameSite=Strict; Path=/";
    }

    private static String pass(String token) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(token.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            return HexFormat.of().formatHex(mac.doFinal(COOKIE.getBytes(StandardCharsets.US_ASCII)));
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("every Java has HmacSHA256", impossible);
        }
    }

    private static boolean same(String one, String other) {
        return MessageDigest.isEqual(one.getBytes(StandardCharsets.UTF_8), other.getBytes(StandardCharsets.UTF_8));
    }
}
