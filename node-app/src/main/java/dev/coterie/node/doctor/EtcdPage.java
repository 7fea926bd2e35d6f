package dev.coterie.node.doctor;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A page that etcd shows over HTTP, beside its API: what its quota is and what time it is there stands nowhere else.
 *
 * @param text what it says
 * @param date when it was made by etcd's clock, in whole seconds; empty if it does not say
 */
record EtcdPage(String text, Optional<Instant> date) {

    private static final int MOST = 4 << 20;

    /** Reads one; empty if there is none, as with an etcd that speaks its API alone. */
    static Optional<EtcdPage> read(URI endpoint, String path, Duration patience) {
        try {
            HttpURLConnection connection =
                    (HttpURLConnection) endpoint.resolve(path).toURL().openConnection();
            connection.setConnectTimeout((int) patience.toMillis());
            connection.setReadTimeout((int) patience.toMillis());
            connection.setInstanceFollowRedirects(false);
            try (InputStream body = connection.getInputStream()) {
                String text = new String(body.readNBytes(MOST), StandardCharsets.UTF_8);
                return Optional.of(new EtcdPage(text, date(connection.getHeaderField("Date"))));
            } finally {
                connection.disconnect();
            }
        } catch (IOException | IllegalArgumentException none) {
            return Optional.empty();
        }
    }

    private static Optional<Instant> date(@org.jspecify.annotations.Nullable String header) {
        try {
            return Optional.ofNullable(header)
                    .map(text -> ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME)
                            .toInstant());
        } catch (DateTimeParseException malformed) {
            return Optional.empty();
        }
    }

    /** A number on a page of metrics. */
    Optional<Double> number(String metric) {
        Matcher matcher = Pattern.compile("(?m)^" + metric + " ([0-9.eE+]+)$").matcher(text);
        return matcher.find() ? Optional.of(Double.parseDouble(matcher.group(1))) : Optional.empty();
    }
}
