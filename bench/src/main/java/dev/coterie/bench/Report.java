package dev.coterie.bench;

import dev.coterie.bench.peer.MissingServer;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * One value for each round, system and metric; printed as they come, and at the end as the rows of a table in Markdown.
 */
final class Report {

    private final String bench;
    private final PrintStream out;
    private final double loadBefore = load();
    private final Map<String, List<Double>> values = new LinkedHashMap<>();

    Report(String bench, PrintStream out) {
        this.bench = bench;
        this.out = out;
    }

    void add(String peer, String metric, double value) {
        values.computeIfAbsent(peer + " | " + metric, key -> new ArrayList<>()).add(value);
        note(peer, metric + ": " + number(value));
    }

    void note(String peer, String text) {
        out.println("  " + peer + " " + text);
    }

    /** A system fails a part of the benchmark, or all of it; the others go on. */
    void leaveOut(String peer, String part, Exception failure) {
        String why = failure instanceof MissingServer ? failure.getMessage() : failure.toString();
        note(peer, (part.isEmpty() ? "" : part + " ") + "is left out: " + why);
    }

    /** How busy the machine was in the last minute, which others may share. */
    private static double load() {
        return ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
    }

    void print() {
        out.printf(
                Locale.ROOT,
                "%n%s %s UTC, load average before %.1f, after %.1f, %d cores%n",
                bench,
                LocalDateTime.now(ZoneOffset.UTC).withNano(0),
                loadBefore,
                load(),
                Runtime.getRuntime().availableProcessors());
        out.println("\n| bench | peer | metric | rounds | min | median | p99 | max |");
        out.println("|---|---|---|---|---|---|---|---|");
        values.forEach((key, all) -> {
            List<Double> sorted = all.stream().sorted().toList();
            out.printf(
                    Locale.ROOT,
                    "| %s | %s | %d | %s | %s | %s | %s |%n",
                    bench,
                    key,
                    sorted.size(),
                    number(sorted.get(0)),
                    number(at(sorted, 50)),
                    number(at(sorted, 99)),
                    number(sorted.get(sorted.size() - 1)));
        });
    }

    private static double at(List<Double> sorted, double percent) {
        if (percent == 50 && sorted.size() % 2 == 0) {
            return (sorted.get(sorted.size() / 2 - 1) + sorted.get(sorted.size() / 2)) / 2;
        }
        return sorted.get((int) Math.max(0, Math.ceil(sorted.size() * percent / 100) - 1));
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, Math.abs(value) >= 100 ? "%,.0f" : "%.2f", value);
    }
}
