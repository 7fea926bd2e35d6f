package example;

import dev.coterie.workers.supervisor.Supervisor;
import dev.coterie.workers.supervisor.SupervisorConfig;
import dev.coterie.workers.traffic.BalancerConfig;
import dev.coterie.workers.traffic.Distribution;
import dev.coterie.workers.traffic.Framing;
import dev.coterie.workers.traffic.LoadBalancer;
import dev.coterie.workers.traffic.Protocol;
import dev.coterie.workers.worker.Worker;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** Takes TCP connections, and lets two workers answer their lines in turn. */
public final class EchoServer {

    public static void main(String[] args) throws IOException {
        if (Worker.isWorker()) {
            Worker worker = Worker.connect();
            worker.onData(line -> worker.reply(
                    line,
                    (worker.name() + " heard " + new String(line.bytes(), StandardCharsets.UTF_8) + "\n")
                            .getBytes(StandardCharsets.UTF_8)));
            worker.run();
            return;
        }
        BalancerConfig lines = BalancerConfig.of(Protocol.TCP_SERVER)
                .withHost("127.0.0.1")
                .withPort(Integer.parseInt(args[0]))
                .withFraming(Framing.LINES);
        try (Supervisor supervisor =
                new Supervisor(SupervisorConfig.with().name("Echo").workers(2).build())) {
            LoadBalancer.open(lines, Distribution.USUAL, supervisor);
            supervisor.handleSignals();
            supervisor.start();
            supervisor.awaitEnd();
        }
    }

    private EchoServer() {}
}
