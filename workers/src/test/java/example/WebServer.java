package example;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.coterie.workers.supervisor.Supervisor;
import dev.coterie.workers.supervisor.SupervisorConfig;
import dev.coterie.workers.traffic.BalancerConfig;
import dev.coterie.workers.traffic.Distribution;
import dev.coterie.workers.traffic.LoadBalancer;
import dev.coterie.workers.traffic.Protocol;
import dev.coterie.workers.worker.Worker;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;

/** The HTTP server of the JDK, twice, behind one port. SIGHUP replaces one after the other, and no request fails. */
public final class WebServer {

    private static volatile boolean draining;

    public static void main(String[] args) throws IOException {
        if (Worker.isWorker()) {
            serve(Worker.connect());
            return;
        }
        BalancerConfig proxy =
                BalancerConfig.of(Protocol.PROXY).withHost("127.0.0.1").withPort(Integer.parseInt(args[0]));
        try (Supervisor supervisor =
                new Supervisor(SupervisorConfig.with().name("Web").workers(2).build())) {
            LoadBalancer.open(proxy, Distribution.USUAL, supervisor);
            supervisor.handleSignals();
            supervisor.start();
            supervisor.awaitEnd();
        }
    }

    private static void serve(Worker worker) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 100);
        server.createContext("/", exchange -> answer(worker, exchange));
        server.start();
        worker.onDrain(() -> {
            draining = true;
            // Connections that are kept alive end with their next request; those of which none comes, after a second.
            server.stop(1);
        });
        worker.listening(server.getAddress().getPort());
        worker.awaitEnd();
        worker.close();
    }

    private static void answer(Worker worker, HttpExchange exchange) throws IOException {
        byte[] body = ("I am " + worker.name() + "\n").getBytes(StandardCharsets.UTF_8);
        if (draining) {
            exchange.getResponseHeaders().set("Connection", "close");
        }
        exchange.sendResponseHeaders(200, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    private WebServer() {}
}
