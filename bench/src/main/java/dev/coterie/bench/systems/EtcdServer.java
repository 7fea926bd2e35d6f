package dev.coterie.bench.systems;

import dev.coterie.bench.host.Ports;
import dev.coterie.bench.host.Processes;
import dev.coterie.bench.peer.MissingServer;
import dev.coterie.bench.peer.Server;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** One real etcd, its data on disk and synced. The same for all that are measured on it. */
final class EtcdServer {

    private EtcdServer() {}

    static Server start(Path dir) throws IOException, InterruptedException, MissingServer {
        int port = Ports.free();
        String clients = "http://127.0.0.1:" + port;
        String peers = "http://127.0.0.1:" + Ports.free();
        List<String> command = List.of(
                "etcd",
                "--data-dir=" + dir.resolve("etcd"),
                "--listen-client-urls=" + clients,
                "--advertise-client-urls=" + clients,
                "--listen-peer-urls=" + peers,
                "--initial-advertise-peer-urls=" + peers,
                "--initial-cluster=default=" + peers,
                "--logger=zap",
                "--log-outputs=stderr",
                "--log-level=warn");
        Process process = Processes.server(dir, "etcd", "etcd-server", Map.of(), command);
        Ports.await(port, process, 30);
        // It listens before it has elected itself.
        Thread.sleep(1000);
        return Server.of(clients, process);
    }
}
