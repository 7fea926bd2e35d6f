package dev.coterie.workers.monitor;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;

/**
 * Asks a URL: an answer from 200 to 299 within three seconds is well.
 *
 * @param url such as the application's own front page
 */
public record UrlCheck(URI url) implements Ecv.Check {

    private static final Duration PATIENCE = Duration.ofSeconds(3);

    /** Checks that it is one of HTTP. */
    public UrlCheck {
        if (url.getHost() == null || !String.valueOf(url.getScheme()).matches("https?")) {
            throw new IllegalArgumentException("write it as http://127.0.0.1:8080/health");
        }
    }

    /**
     * Reads it.
     *
     * @throws IllegalArgumentException if it will not do; the message says how to write it
     */
    public static UrlCheck of(String url) {
        try {
            return new UrlCheck(new URI(url));
        } catch (URISyntaxException malformed) {
            throw new IllegalArgumentException("write it as http://127.0.0.1:8080/health", malformed);
        }
    }

    @Override
    public boolean isWell() throws IOException {
        HttpURLConnection connection = (HttpURLConnection) url.toURL().openConnection();
        try {
            connection.setConnectTimeout((int) PATIENCE.toMillis());
            connection.setReadTimeout((int) PATIENCE.toMillis());
            connection.setInstanceFollowRedirects(false);
            connection.setRequestProperty("Accept", "application/json");
            // -1 if what answers does not speak HTTP.
            int code = connection.getResponseCode();
            return code >= 200 && code < 300;
        } finally {
            connection.disconnect();
        }
    }
}
