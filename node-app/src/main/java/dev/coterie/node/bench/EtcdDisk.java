package dev.coterie.node.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How long etcd waits for its disk, by its own metrics, since this was made. They come in powers of two only. */
final class EtcdDisk {

    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final String LOG = "etcd_disk_wal_fsync_duration_seconds";
    private static final String DATABASE = "etcd_disk_backend_commit_duration_seconds";
    private static final Pattern BUCKET = Pattern.compile("(\\w+)_bucket\\{le=\"([^\"]+)\"\\} (\\S+)");

    private final URI metrics;
    private final Map<String, NavigableMap<Double, Long>> before;

    EtcdDisk(String endpoint) {
        metrics = URI.create(endpoint + "/metrics");
        before = read();
    }

    /** In words. */
    String describe() {
        Map<String, NavigableMap<Double, Long>> now = read();
        return "etcd's log is on disk after " + percentiles(now, LOG) + ", its database, ten times a second, after "
                + percentiles(now, DATABASE);
    }

    private String percentiles(Map<String, NavigableMap<Double, Long>> now, String name) {
        return String.format(
                Locale.ROOT,
                "p50 < %.0f, p99 < %.0f, p99.9 < %.0f ms",
                percentile(now, name, 0.5),
                percentile(now, name, 0.99),
                percentile(now, name, 0.999));
    }

    /** In ms. */
    private double percentile(Map<String, NavigableMap<Double, Long>> now, String name, double part) {
        NavigableMap<Double, Long> counts = new TreeMap<>(now.getOrDefault(name, new TreeMap<>()));
        before.getOrDefault(name, new TreeMap<>()).forEach((bound, count) -> counts.merge(bound, -count, Long::sum));
        long all = counts.isEmpty() ? 0 : counts.lastEntry().getValue();
        return counts.entrySet().stream()
                .filter(entry -> entry.getValue() >= part * all)
                .findFirst()
                .map(entry -> entry.getKey() * 1000)
                .orElse(Double.NaN);
    }

    private Map<String, NavigableMap<Double, Long>> read() {
        Map<String, NavigableMap<Double, Long>> found = new TreeMap<>();
        Matcher line = BUCKET.matcher(text());
        while (line.find()) {
            String bound = line.group(2);
            found.computeIfAbsent(line.group(1), none -> new TreeMap<>())
                    .put(bound.equals("+Inf") ? Double.POSITIVE_INFINITY : Double.parseDouble(bound), (long)
                            Double.parseDouble(line.group(3)));
        }
        return found;
    }

    private String text() {
        try {
            return HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(metrics).timeout(PATIENCE).build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
        } catch (IOException unreachable) {
            throw new UncheckedIOException(unreachable);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", interrupted);
        }
    }
}
