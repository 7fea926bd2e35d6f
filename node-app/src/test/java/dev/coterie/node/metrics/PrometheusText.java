package dev.coterie.node.metrics;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads Prometheus' text format, and refuses what it does not allow. */
public final class PrometheusText {

    private static final String NAME = "[a-zA-Z_:][a-zA-Z0-9_:]*";
    private static final Pattern COMMENT = Pattern.compile("# (HELP|TYPE) (" + NAME + ") (.*)");
    private static final Pattern SAMPLE = Pattern.compile("(" + NAME + ")(?:\\{(.*)})? (\\S+)(?: \\d+)?");
    private static final Pattern LABEL =
            Pattern.compile("([a-zA-Z_][a-zA-Z0-9_]*)=\"((?:[^\"\\\\]|\\\\[\\\\\"n])*)\",?");

    private final Map<String, String> types = new LinkedHashMap<>();
    private final List<Sample> samples = new ArrayList<>();

    /** A line with a number. */
    public record Sample(String name, Map<String, String> labels, double value) {}

    /** Reads a page. */
    public PrometheusText(String page) {
        if (!page.endsWith("\n")) {
            throw new AssertionError("the last line does not end");
        }
        page.lines().filter(line -> !line.isEmpty()).forEach(this::read);
        types.forEach((name, type) -> {
            if (type.equals("histogram")) {
                checkHistogram(name);
            }
        });
    }

    private void read(String line) {
        if (line.startsWith("#")) {
            Matcher comment = COMMENT.matcher(line);
            require(comment.matches(), line);
            if (comment.group(1).equals("TYPE")) {
                require(comment.group(3).matches("counter|gauge|histogram|summary|untyped"), line);
                require(types.put(comment.group(2), comment.group(3)) == null, "twice: " + line);
            }
            return;
        }
        Matcher sample = SAMPLE.matcher(line);
        require(sample.matches(), line);
        Map<String, String> labels = labels(sample.group(2) == null ? "" : sample.group(2), line);
        String number = sample.group(3).replace("+Inf", "Infinity").replace("-Inf", "-Infinity");
        Sample one = new Sample(sample.group(1), labels, Double.parseDouble(number));
        require(types.containsKey(family(one.name())), "of no type: " + line);
        require(
                samples.stream()
                        .noneMatch(other -> other.name().equals(one.name())
                                && other.labels().equals(labels)),
                "twice: " + line);
        samples.add(one);
    }

    private static Map<String, String> labels(String text, String line) {
        Map<String, String> labels = new TreeMap<>();
        Matcher label = LABEL.matcher(text);
        int end = 0;
        while (label.find()) {
            require(label.start() == end, line);
            end = label.end();
            labels.put(label.group(1), label.group(2));
        }
        require(end == text.length(), line);
        return labels;
    }

    private String family(String name) {
        String base = name.replaceFirst("_(bucket|sum|count)$", "");
        return types.containsKey(name) ? name : base;
    }

    private void checkHistogram(String name) {
        Map<Map<String, String>, List<Double>> buckets = new HashMap<>();
        for (Sample sample : named(name + "_bucket")) {
            Map<String, String> others = new TreeMap<>(sample.labels());
            require(others.remove("le") != null, name + " has a bucket without a bound");
            buckets.computeIfAbsent(others, none -> new ArrayList<>()).add(sample.value());
        }
        buckets.forEach((labels, counts) -> {
            for (int at = 1; at < counts.size(); at++) {
                require(counts.get(at) >= counts.get(at - 1), name + labels + " decreases: " + counts);
            }
            double count = named(name + "_count").stream()
                    .filter(sample -> sample.labels().equals(labels))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError(name + labels + " has no count"))
                    .value();
            require(counts.get(counts.size() - 1) == count, name + labels + ": +Inf is not the count");
        });
    }

    /** All samples of a name. */
    public List<Sample> named(String name) {
        return samples.stream().filter(sample -> sample.name().equals(name)).toList();
    }

    /** The sum of all samples of a name with a label, which may be empty. */
    public double sum(String name, String label, String value) {
        return named(name).stream()
                .filter(sample ->
                        label.isEmpty() || value.equals(sample.labels().get(label)))
                .mapToDouble(Sample::value)
                .sum();
    }

    /** What every name is. */
    public Map<String, String> types() {
        return types;
    }

    private static void require(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }
}
