package dev.coterie.node.bench;

import dev.coterie.cluster.concurrent.Clock;
import dev.coterie.etcd.embedded.EmbeddedEtcd;
import dev.coterie.node.archive.Archive;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** How long short commands take, tuned as the launcher does it and as Java does by itself, alternately. */
public final class StartupBench {

    private static final String PROGRAM = "dev.coterie.node.Coterie";
    private static final int WARM_UP = 2;

    private final List<String> tuning;
    private final int rounds;
    private final PrintStream out;

    /**
     * Prepares it.
     *
     * @param tuning the launcher's flags
     * @param rounds how often each is started
     */
    public StartupBench(List<String> tuning, int rounds, PrintStream out) {
        this.tuning = tuning;
        this.rounds = rounds;
        this.out = out;
    }

    /** Runs it; the figures by command. */
    public Map<String, Object> run() throws IOException {
        Path folder = Files.createTempDirectory("coterie-startup");
        Path archive = folder.resolve("coterie.jsa");
        try (EmbeddedEtcd etcd = EmbeddedEtcd.with().start()) {
            Archive.make(archive, "dev.coterie.node.Rehearsal");
            List<String> tuned = new ArrayList<>(tuning);
            tuned.addAll(Archive.flags(archive));
            Map<String, Object> figures = new LinkedHashMap<>();
            figures.put("--version", compare(tuned, "--version"));
            figures.put("members --json", compare(tuned, "members", "--json", "--etcd", etcd.endpoint()));
            return figures;
        } finally {
            Files.deleteIfExists(archive);
            Files.deleteIfExists(folder);
        }
    }

    private Map<String, Object> compare(List<String> tuned, String... arguments) throws IOException {
        List<String> quick = BenchProcess.java(tuned, PROGRAM, arguments);
        List<String> plain = BenchProcess.java(List.of(), PROGRAM, arguments);
        List<Double> quickTimes = new ArrayList<>();
        List<Double> plainTimes = new ArrayList<>();
        for (int round = -WARM_UP; round < rounds; round++) {
            double quickTime = millis(quick);
            double plainTime = millis(plain);
            if (round >= 0) {
                quickTimes.add(quickTime);
                plainTimes.add(plainTime);
            }
        }
        double quickMedian = median(quickTimes);
        double plainMedian = median(plainTimes);
        out.printf(
                "%s %s: median of %d: %.0f ms tuned, %.0f ms untuned; ratio %.2f%n",
                "coterie", arguments[0], rounds, quickMedian, plainMedian, quickMedian / plainMedian);
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("tuned", quickMedian);
        figures.put("untuned", plainMedian);
        figures.put("ratio", quickMedian / plainMedian);
        return figures;
    }

    private static double millis(List<String> command) throws IOException {
        long begun = Clock.system().nanoTime();
        Process process = new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
                throw new IOException("startup: a command did not end as it should: " + String.join(" ", command));
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException("startup: interrupted", interrupted);
        } finally {
            process.destroyForcibly();
        }
        return (Clock.system().nanoTime() - begun) / 1e6;
    }

    private static double median(List<Double> times) {
        List<Double> sorted = new ArrayList<>(times);
        Collections.sort(sorted);
        return sorted.get(sorted.size() / 2);
    }
}
