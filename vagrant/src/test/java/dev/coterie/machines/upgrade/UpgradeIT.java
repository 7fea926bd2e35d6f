package dev.coterie.machines.upgrade;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.coterie.machines.lab.Lab;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Three nodes are replaced one by one by another version while tasks come every 5 ms. None is lost or run again, and the
 * mastership is handed over; how long the pauses in results are is printed.
 */
class UpgradeIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Path BUILT =
            Path.of("..", "node-app", "target", "coterie").toAbsolutePath();
    private static final String NEW_VERSION = "99-upgrade";
    private static final String ETCD = "http://" + Lab.address("etcd") + ":2379";

    /** Twenty times what is wanted of a machine that has nothing else to do; this one may be busy. */
    private static final long PAUSE_MS = 2_000;

    private final Map<String, Process> nodes = new HashMap<>();
    private final List<Path> logs = new ArrayList<>();

    private record Window(long from, long to) {}

    @Test
    void no_task_is_lost_or_run_again_while_nodes_are_replaced() throws Exception {
        try (Lab lab = Lab.called("upgrade").empty().up()) {
            lab.start("etcd");
            Path other = lab.state().resolve("other");
            OtherVersion.make(BUILT, other, NEW_VERSION);
            for (String host : Lab.NODES) {
                start(lab, host, BUILT);
            }
            Path results = lab.state().resolve("load.log");
            Process load = run(lab, "etcd", BUILT, results, SteadyLoad.class, ETCD, Lab.address("etcd"));
            await().atMost(PATIENCE).until(() -> lines(results, "result").size() > 400);

            long pause = replaceAll(lab, other, results);
            was_handed_over(lab);
            load.getOutputStream().close();
            assertThat(load.waitFor(90, TimeUnit.SECONDS)).isTrue();
            all_was_done_once(results);
            assertThat(pause).as("longest pause while a node left, in ms").isLessThanOrEqualTo(PAUSE_MS);
        }
    }

    /** The longest pause in results while one of them left, in milliseconds. */
    private long replaceAll(Lab lab, Path distribution, Path results) throws Exception {
        List<String> order = new ArrayList<>(Lab.NODES);
        String master = master(lab);
        order.remove(master);
        order.add(master);
        List<Window> leavings = new ArrayList<>();
        for (String host : order) {
            leavings.add(replace(lab, host, distribution, results));
        }
        List<Long> pauses =
                leavings.stream().map(leaving -> pause(results, leaving)).toList();
        System.out.println("upgrade: longest pauses while " + order + " left (ms): " + pauses);
        return Collections.max(pauses);
    }

    private static String master(Lab lab) {
        Matcher node = Pattern.compile("\"node\":\"(\\w)-").matcher(lab.etcdctl("etcd", "get", "masters/0"));
        assertThat(node.find()).isTrue();
        return node.group(1);
    }

    /** A key that was handed over was written again; one that was given up and taken would be a new one. */
    private static void was_handed_over(Lab lab) {
        assertThat(lab.etcdctl("etcd", "get", "masters/0", "-w", "fields")).contains("\"Version\" : 2");
    }

    /** Replaces one; the time in which it left. */
    private Window replace(Lab lab, String host, Path distribution, Path results) throws Exception {
        Process old = nodes.get(host);
        long from = System.nanoTime();
        old.destroy();
        assertThat(old.waitFor(30, TimeUnit.SECONDS)).isTrue();
        awaitResults(results, 40);
        Window leaving = new Window(from, System.nanoTime());
        start(lab, host, distribution);
        awaitResults(results, 100);
        return leaving;
    }

    private static void awaitResults(Path results, int more) {
        int seen = lines(results, "result").size();
        await().atMost(PATIENCE).until(() -> lines(results, "result").size() > seen + more);
    }

    private void start(Lab lab, String host, Path distribution) throws IOException {
        Path log = lab.state().resolve(host + "-" + logs.size() + ".log");
        logs.add(log);
        String weight = host.equals("A") ? "2" : "1";
        nodes.put(host, run(lab, host, distribution, log, WorkingNode.class, ETCD, host, Lab.address(host), weight));
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(lines(log, "joined"))
                        .as(() -> host + " joins; it says:\n" + said(log))
                        .hasSize(1));
        assertThat(lines(log, "joined").get(0).contains(NEW_VERSION)).isEqualTo(distribution != BUILT);
    }

    /** One of the programs here on a distribution. */
    private static Process run(Lab lab, String host, Path distribution, Path log, Class<?> program, String... arguments)
            throws IOException {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        String classes =
                distribution + "/lib/*:" + Path.of("target", "test-classes").toAbsolutePath();
        String[] flags = {"nice", java, "-Xms64m", "-Xmx128m", "-XX:+UseSerialGC", "-cp", classes, program.getName()};
        String[] command = Stream.concat(Stream.of(flags), Stream.of(arguments)).toArray(String[]::new);
        return lab.builder(host, command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
    }

    private void all_was_done_once(Path results) {
        int submitted = Integer.parseInt(lines(results, "submitted").get(0).split(" ", -1)[1]);
        List<Integer> all = IntStream.range(0, submitted).boxed().toList();
        assertThat(numbers(lines(results, "result")))
                .as("each has one result")
                .containsExactlyInAnyOrderElementsOf(all);
        List<Integer> runs =
                numbers(logs.stream().flatMap(log -> lines(log, "ran").stream()).toList());
        System.out.println("upgrade: " + submitted + " tasks, run again: " + (runs.size() - submitted)
                + "; longest pause at any time (ms): " + pause(results, new Window(0, Long.MAX_VALUE)));
        assertThat(runs).as("each was run once").containsExactlyInAnyOrderElementsOf(all);
    }

    /** The longest time without a result that touches a window, in milliseconds. */
    private static long pause(Path results, Window window) {
        long[] times = lines(results, "result").stream()
                .mapToLong(line -> Long.parseLong(line.split(" ", -1)[2]))
                .sorted()
                .toArray();
        long longest = 0;
        for (int i = 1; i < times.length; i++) {
            if (times[i] >= window.from && times[i - 1] <= window.to) {
                longest = Math.max(longest, times[i] - times[i - 1]);
            }
        }
        return TimeUnit.NANOSECONDS.toMillis(longest);
    }

    private static List<Integer> numbers(List<String> lines) {
        return lines.stream()
                .map(line -> Integer.valueOf(line.split(" ", -1)[1]))
                .toList();
    }

    private static List<String> lines(Path file, String kind) {
        return said(file).lines().filter(line -> line.startsWith(kind + " ")).toList();
    }

    private static String said(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
