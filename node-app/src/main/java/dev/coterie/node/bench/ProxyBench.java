package dev.coterie.node.bench;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/** HTTP requests on kept connections through the proxy and through nginx's, to the same two servers. */
final class ProxyBench {

    private static final String MODULE = "/usr/lib/nginx/modules/ngx_stream_module.so";
    private static final String CONNECTIONS = "32";
    private static final int ROUNDS = 3;
    private static final JsonMapper JSON = new JsonMapper();

    private final PrintStream out;
    private final List<String> flags;
    private final Map<String, Object> figures;

    /**
     * Creates it.
     *
     * @param flags for the JVM of the proxy
     * @param figures gets what is measured
     */
    ProxyBench(PrintStream out, List<String> flags, Map<String, Object> figures) {
        this.out = out;
        this.flags = flags;
        this.figures = figures;
    }

    void run() throws IOException {
        out.println("HTTP on " + CONNECTIONS
                + " kept connections to 2 servers; load, proxy and servers share this machine's "
                + Runtime.getRuntime().availableProcessors() + " CPUs");
        int port = UdpBench.freeTcpPort();
        int monitor = UdpBench.freeTcpPort();
        List<String> command = BenchProcess.java(
                flags,
                "dev.coterie.node.Coterie",
                "balance",
                "-p",
                "" + port,
                "-i",
                "2",
                "-protocol",
                "proxy",
                "-host",
                "127.0.0.1",
                "-ready",
                "link",
                "-monitor-port",
                "" + monitor,
                "-json",
                "--");
        command.addAll(BenchProcess.java(List.of("-Xmx64m", "-XX:+UseSerialGC"), TinyHttp.class.getName()));
        try (BenchProcess coterie = BenchProcess.start(command)) {
            coterie.lineWith("listening");
            coterie.lineWith("listening");
            List<Integer> servers = ports(monitor);
            if (!hasNginx()) {
                out.println("nginx was not measured: it or its stream module is missing; apt-get install nginx-light"
                        + " libnginx-mod-stream");
                compare(port, port, "coterie again");
                return;
            }
            Path folder = Files.createTempDirectory("bench-nginx-");
            int nginxPort = UdpBench.freeTcpPort();
            try (BenchProcess nginx = nginx(folder, nginxPort, servers)) {
                nginx.awaitPort(nginxPort);
                compare(port, nginxPort, "nginx");
            } finally {
                deleteAll(folder);
            }
        }
    }

    private void compare(int port, int otherPort, String other) throws IOException {
        // In turn, so that whatever else changes on this machine changes for both.
        List<double[]> ours = new ArrayList<>();
        List<double[]> theirs = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            ours.add(load(port, 0));
            theirs.add(load(otherPort, 0));
        }
        double most = median(ours, 0);
        double otherMost = median(theirs, 0);
        out.printf("coterie: %,.0f requests/s (median of %d)%n", most, ROUNDS);
        out.printf("%s: %,.0f requests/s; coterie has %.2f of that%n", other, otherMost, most / otherMost);
        int half = (int) (Math.min(most, otherMost) / 2);
        ours.clear();
        theirs.clear();
        for (int round = 0; round < ROUNDS; round++) {
            ours.add(load(port, half));
            theirs.add(load(otherPort, half));
        }
        out.printf("coterie: at %,d requests/s, p50 %.0f us, p99 %.0f us%n", half, median(ours, 1), median(ours, 2));
        out.printf(
                "%s: at %,d requests/s, p50 %.0f us, p99 %.0f us; coterie's p99 is %.2f of that%n",
                other, half, median(theirs, 1), median(theirs, 2), median(ours, 2) / median(theirs, 2));
        figures.put("proxy coterie requests per second", most);
        figures.put("proxy " + other + " requests per second", otherMost);
        figures.put("proxy coterie p99 us at half load", median(ours, 2));
        figures.put("proxy " + other + " p99 us at half load", median(theirs, 2));
    }

    private static double median(List<double[]> results, int column) {
        List<Double> values =
                new ArrayList<>(results.stream().map(result -> result[column]).toList());
        Collections.sort(values);
        return values.get(values.size() / 2);
    }

    private static double[] load(int port, int rate) throws IOException {
        return BenchProcess.numbers(BenchProcess.java(
                List.of("-Xmx64m", "-XX:+UseSerialGC"),
                HttpLoad.class.getName(),
                "" + port,
                CONNECTIONS,
                "" + rate,
                "2",
                "4"));
    }

    private static List<Integer> ports(int monitor) throws IOException {
        try (InputStream answer =
                URI.create("http://127.0.0.1:" + monitor + "/workers").toURL().openStream()) {
            Map<?, ?> all = JSON.readValue(answer.readAllBytes(), Map.class);
            List<Integer> ports = new ArrayList<>();
            for (Object worker : (List<?>) java.util.Objects.requireNonNull(all.get("workers"))) {
                if (worker instanceof Map<?, ?> map && map.get("port") instanceof Integer port) {
                    ports.add(port);
                }
            }
            return ports;
        }
    }

    private static boolean hasNginx() {
        return Files.exists(Path.of(MODULE)) && Files.isExecutable(Path.of("/usr/sbin/nginx"));
    }

    private static BenchProcess nginx(Path folder, int port, List<Integer> servers) throws IOException {
        StringBuilder upstream = new StringBuilder();
        servers.forEach(
                server -> upstream.append("server 127.0.0.1:").append(server).append("; "));
        Path configuration = folder.resolve("nginx.conf");
        Files.writeString(configuration, """
                load_module %s;
                daemon off;
                worker_processes auto;
                pid %s/nginx.pid;
                error_log stderr;
                events { worker_connections 1024; }
                stream {
                  upstream servers { %s }
                  server { listen 127.0.0.1:%d; proxy_pass servers; }
                }
                """.formatted(MODULE, folder, upstream, port));
        return BenchProcess.start(List.of("/usr/sbin/nginx", "-c", configuration.toString(), "-p", folder.toString()));
    }

    private static void deleteAll(Path folder) throws IOException {
        try (java.util.stream.Stream<Path> all = Files.walk(folder)) {
            for (Path one : all.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(one);
            }
        }
    }
}
