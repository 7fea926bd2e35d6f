package dev.coterie.etcd;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** One member of an {@link EtcdProcess}: its place, and the process while there is one. Guarded by its owner. */
final class EtcdMember {

    private static final Duration LOOK_AGAIN = Duration.ofMillis(20);

    private final String name;
    private final int clientPort;
    private final int peerPort;
    private final Path data;
    private @Nullable GuardedProcess process;
    private @Nullable LogTail output;

    EtcdMember(String name, int clientPort, int peerPort, Path data) {
        this.name = name;
        this.clientPort = clientPort;
        this.peerPort = peerPort;
        this.data = data;
    }

    String endpoint() {
        return "http://127.0.0.1:" + clientPort;
    }

    /** How this member appears in {@code --initial-cluster}. */
    String initial() {
        return name + "=" + peerUrl();
    }

    int clientPort() {
        return clientPort;
    }

    @Nullable
    GuardedProcess process() {
        return process;
    }

    boolean isRunning() {
        return process != null && process.isAlive();
    }

    /** Starts the process; it is not yet ready for anything. */
    void launch(Path binary, String initialCluster, List<String> extraArguments, @Nullable Path doomed) {
        List<String> command = new ArrayList<>(List.of(
                binary.toString(),
                "--name=" + name,
                "--data-dir=" + data,
                "--listen-client-urls=" + endpoint(),
                "--advertise-client-urls=" + endpoint(),
                "--listen-peer-urls=" + peerUrl(),
                "--initial-advertise-peer-urls=" + peerUrl(),
                "--initial-cluster=" + initialCluster));
        command.addAll(extraArguments);
        try {
            GuardedProcess started =
                    GuardedProcess.start(EtcdProcess.recipe(command).redirectErrorStream(true), doomed);
            process = started;
            output = new LogTail("etcd " + name, started.output());
        } catch (IOException failure) {
            throw new EtcdException(
                    EtcdException.Kind.FAILED, "etcd could not be started: " + failure.getMessage(), failure);
        }
    }

    /** Waits until it says that it is healthy. */
    void awaitHealthy(Deadline deadline, Duration allowed) {
        while (!saysHealthy()) {
            if (process == null || process.endsWithin(LOOK_AGAIN)) {
                throw endedEarly();
            }
            if (deadline.isOver()) {
                throw new EtcdException(
                        EtcdException.Kind.FAILED,
                        "etcd " + name + " at " + endpoint() + " was not healthy within " + allowed.toSeconds()
                                + " s; the last it said:\n" + said(false));
            }
        }
    }

    private EtcdException endedEarly() {
        String said = said(true);
        if (said.contains("address already in use")) {
            return new EtcdException(
                    EtcdException.Kind.PORT_TAKEN,
                    "port " + clientPort + " (clients) or " + peerPort
                            + " (peers) on 127.0.0.1 is taken by another process; end that one or choose another port");
        }
        return new EtcdException(
                EtcdException.Kind.FAILED, "etcd " + name + " ended instead of starting; the last it said:\n" + said);
    }

    private String said(boolean ended) {
        return output == null ? "nothing" : output.lines(ended);
    }

    private boolean saysHealthy() {
        try {
            HttpURLConnection connection = (HttpURLConnection)
                    URI.create(endpoint() + "/health").toURL().openConnection(Proxy.NO_PROXY);
            connection.setConnectTimeout(1000);
            connection.setReadTimeout(1000);
            try (InputStream body = connection.getInputStream()) {
                String answer = new String(body.readNBytes(1000), StandardCharsets.UTF_8);
                return answer.toLowerCase(Locale.ROOT).contains("\"health\":\"true\"");
            }
        } catch (IOException notYet) {
            return false;
        }
    }

    private String peerUrl() {
        return "http://127.0.0.1:" + peerPort;
    }
}
