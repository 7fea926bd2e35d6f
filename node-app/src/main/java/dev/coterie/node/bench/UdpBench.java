package dev.coterie.node.bench;

import dev.coterie.cluster.concurrent.Clock;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.DatagramSocket;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import tools.jackson.databind.json.JsonMapper;

/** Datagrams through a balancer to two workers: Coterie's, and the one in Node.js that it replaces. */
final class UdpBench {

    private static final int BYTES = 200;
    private static final int ROUNDS = 3;
    private static final String WORKERS = "2";
    private static final long LOOK_NANOS = 10_000_000;
    private static final JsonMapper JSON = new JsonMapper();

    private final Clock clock = Clock.system();
    private final PrintStream out;
    private final List<String> flags;
    private final Sender sender;
    private final Map<String, Object> figures;

    /**
     * Creates it.
     *
     * @param flags for the JVM of the balancer
     * @param figures gets what is measured
     */
    UdpBench(PrintStream out, List<String> flags, Sender sender, Map<String, Object> figures) {
        this.out = out;
        this.flags = flags;
        this.sender = sender;
        this.figures = figures;
    }

    /** What one volley brought. */
    private record Volley(double offered, double arrived, double loss) {}

    /** How many datagrams a balancer's workers have had. */
    private interface Subject extends AutoCloseable {
        long count() throws IOException;

        int port();

        @Override
        void close() throws IOException;
    }

    /**
     * Runs it.
     *
     * @param script the original
     */
    void run(Path script) throws IOException {
        out.println("UDP, " + BYTES + " bytes, 2 workers, " + sender
                + "; sender, balancer and workers share this machine's "
                + Runtime.getRuntime().availableProcessors() + " CPUs");
        double peak = measure("coterie", this::coterie, List.of(80));
        try {
            double original = measure("original (Node.js)", () -> original(script), List.of());
            out.printf("coterie: %.1f times as many as the original%n", peak / original);
        } catch (IOException missing) {
            out.println("The original was not measured: " + missing.getMessage()
                    + "; install Node.js: apt-get install nodejs");
        }
    }

    /** Starts a fresh one. */
    private interface Start {
        Subject start() throws IOException;
    }

    private double measure(String name, Start start, List<Integer> percents) throws IOException {
        List<Volley> floods = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            floods.add(volley(start, 0, 4));
        }
        double peak = median(floods.stream().map(Volley::arrived).toList());
        out.printf(
                "%s: in a flood of %,.0f/s, %,.0f/s reach the workers (median of %d)%n",
                name, median(floods.stream().map(Volley::offered).toList()), peak, ROUNDS);
        figures.put("udp " + name + " per second", peak);
        for (int percent : percents) {
            List<Volley> volleys = new ArrayList<>();
            for (int round = 0; round < ROUNDS; round++) {
                volleys.add(volley(start, (int) (peak * percent / 100), 4));
            }
            out.printf(
                    "%s: at %,.0f/s, which is %d %% of that, %.3f %% are lost (median of %d; worst %.3f %%)%n",
                    name,
                    median(volleys.stream().map(Volley::offered).toList()),
                    percent,
                    median(volleys.stream().map(Volley::loss).toList()),
                    ROUNDS,
                    volleys.stream().mapToDouble(Volley::loss).max().orElse(0));
            figures.put(
                    "udp " + name + " lost % at " + percent + " %",
                    median(volleys.stream().map(Volley::loss).toList()));
        }
        return peak;
    }

    private static double median(List<Double> values) {
        List<Double> sorted = new ArrayList<>(values);
        Collections.sort(sorted);
        return sorted.get(sorted.size() / 2);
    }

    private Volley volley(Start start, int rate, double seconds) throws IOException {
        try (Subject subject = start.start()) {
            sender.send(subject.port(), BYTES, 0, 2);
            settle(subject);
            long before = subject.count();
            double[] sent = sender.send(subject.port(), BYTES, rate, seconds);
            // One clock for all processes of a machine: from the first datagram sent to the last one that arrived.
            double took = Math.max(sent[1], (settle(subject) - sent[2]) / 1e9);
            long arrived = subject.count() - before;
            return new Volley(sent[0] / sent[1], arrived / took, 100 * (1 - arrived / sent[0]));
        }
    }

    /** Waits until nothing more arrives, and says when the last did. */
    private long settle(Subject subject) throws IOException {
        long last = subject.count();
        long since = clock.nanoTime();
        while (clock.nanoTime() - since < 300_000_000L) {
            LockSupport.parkNanos(LOOK_NANOS);
            long now = subject.count();
            if (now != last) {
                last = now;
                since = clock.nanoTime();
            }
        }
        return since;
    }

    private Subject coterie() throws IOException {
        int port = freeUdpPort();
        int monitor = freeTcpPort();
        List<String> command = BenchProcess.java(
                flags,
                "dev.coterie.node.Coterie",
                "balance",
                "-p",
                "" + port,
                "-i",
                WORKERS,
                "-protocol",
                "udp",
                "-host",
                "127.0.0.1",
                "-monitor-port",
                "" + monitor,
                "-json",
                "--");
        command.addAll(BenchProcess.java(List.of("-Xmx64m", "-XX:+UseSerialGC"), CountingWorker.class.getName()));
        BenchProcess process = BenchProcess.start(command);
        process.lineWith("listening");
        process.lineWith("listening");
        return new Subject() {
            @Override
            public long count() throws IOException {
                return done(monitor);
            }

            @Override
            public int port() {
                return port;
            }

            @Override
            public void close() {
                process.close();
            }
        };
    }

    /** How many its workers say they have worked on. */
    private static long done(int monitor) throws IOException {
        try (InputStream answer =
                URI.create("http://127.0.0.1:" + monitor + "/workers").toURL().openStream()) {
            Map<?, ?> all = JSON.readValue(answer.readAllBytes(), Map.class);
            return all.get("traffic") instanceof Map<?, ?> traffic && traffic.get("done") instanceof Number done
                    ? done.longValue()
                    : 0;
        }
    }

    private static Subject original(Path script) throws IOException {
        int port = freeUdpPort();
        Process process = new ProcessBuilder("node", script.toString(), "" + port, WORKERS)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        process.inputReader().readLine();
        return new Subject() {
            @Override
            public long count() throws IOException {
                process.outputWriter().write("count\n");
                process.outputWriter().flush();
                return Long.parseLong(process.inputReader().readLine());
            }

            @Override
            public int port() {
                return port;
            }

            @Override
            public void close() throws IOException {
                // It ends with its standard input, also should this process be killed.
                process.outputWriter().close();
                process.onExit()
                        .orTimeout(10, java.util.concurrent.TimeUnit.SECONDS)
                        .join();
            }
        };
    }

    private static int freeUdpPort() throws IOException {
        try (DatagramSocket free = new DatagramSocket(0)) {
            return free.getLocalPort();
        }
    }

    static int freeTcpPort() throws IOException {
        try (ServerSocket free = new ServerSocket(0)) {
            return free.getLocalPort();
        }
    }
}
