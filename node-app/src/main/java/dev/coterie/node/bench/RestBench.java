package dev.coterie.node.bench;

import com.sun.management.OperatingSystemMXBean;
import dev.coterie.cluster.Cluster;
import dev.coterie.cluster.ClusterConfig;
import dev.coterie.cluster.concurrent.Clock;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Measures what a cluster costs in which nothing happens. All nodes are in this JVM, each with its own connection to etcd
 * and its own threads. What is counted on the loopback device is all of the machine's, headers, acknowledgements and etcd
 * included: run it alone, or in a network namespace. Linux.
 */
public final class RestBench {

    private static final Clock clock = Clock.system();
    private static final Path DEVICES = Path.of("/proc/net/dev");
    private static final List<Path> CONNECTIONS = List.of(Path.of("/proc/net/tcp"), Path.of("/proc/net/tcp6"));
    private static final String ESTABLISHED = "01";

    /** What nodes that have just met have to say to each other is over by then. */
    private static final Duration SETTLE = Duration.ofSeconds(15);

    private static final Duration MEASURED = Duration.ofSeconds(30);

    private RestBench() {}

    /** Measures a cluster of some size, and prints what it takes; the figures for each node. */
    public static Map<String, Object> run(List<String> etcd, int count, PrintStream out) throws IOException {
        OperatingSystemMXBean process = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        List<Cluster> nodes = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                nodes.add(Cluster.join(config(etcd, i)));
            }
            pass(SETTLE);
            long cpu = process.getProcessCpuTime();
            long bytes = loopbackBytes();
            long start = clock.nanoTime();
            pass(MEASURED);
            double nanos = clock.nanoTime() - start;
            double links = links(nodes) / (double) count;
            double rate = (loopbackBytes() - bytes) / (nanos / 1e9) / count;
            double core = 100.0 * (process.getProcessCpuTime() - cpu) / nanos / count;
            out.printf(
                    Locale.ROOT,
                    "%d nodes at rest: %.1f links opened by each, %.0f bytes/s for each, %.2f %% of a core for each%n",
                    count,
                    links,
                    rate,
                    core);
            return Map.of("links", links, "bytesPerSecond", rate, "percentOfCore", core);
        } finally {
            nodes.parallelStream().forEach(Cluster::close);
        }
    }

    private static ClusterConfig config(List<String> etcd, int number) {
        return ClusterConfig.of(etcd.toArray(new String[0]))
                .withPrefix("bench/")
                .withName("node" + number)
                .withAddress(BenchNode.LOOPBACK)
                .withPort(0);
    }

    /** What was sent through the loopback device since the machine started. */
    private static long loopbackBytes() throws IOException {
        try (Stream<String> lines = Files.lines(DEVICES)) {
            return lines.map(String::strip)
                    .filter(line -> line.startsWith("lo:"))
                    .mapToLong(line -> Long.parseLong(
                            line.substring("lo:".length()).strip().split("\\s+", -1)[0]))
                    .findFirst()
                    .orElseThrow();
        }
    }

    /** Connections that stand and end at one of the nodes. */
    private static long links(List<Cluster> nodes) throws IOException {
        Set<Integer> ports = nodes.stream().map(node -> node.self().port()).collect(Collectors.toSet());
        long found = 0;
        for (Path file : CONNECTIONS) {
            try (Stream<String> lines = Files.lines(file)) {
                found += lines.skip(1)
                        .map(line -> line.strip().split("\\s+", -1))
                        .filter(fields -> fields[3].equals(ESTABLISHED) && ports.contains(port(fields[1])))
                        .count();
            }
        }
        return found;
    }

    /** Of an address as the kernel shows it: both parts in hexadecimal, with a colon between them. */
    private static int port(String address) {
        return Integer.parseInt(address.substring(address.indexOf(':') + 1), 16);
    }

    private static void pass(Duration time) {
        long end = clock.nanoTime() + time.toNanos();
        while (clock.nanoTime() - end < 0) {
            LockSupport.parkNanos(end - clock.nanoTime());
        }
    }
}
