package dev.coterie.workers.traffic;

import dev.coterie.workers.TestWorker;
import dev.coterie.workers.link.Json;
import dev.coterie.workers.monitor.Monitor;
import dev.coterie.workers.monitor.MonitorConfig;
import dev.coterie.workers.supervisor.Readiness;
import dev.coterie.workers.supervisor.Supervisor;
import dev.coterie.workers.supervisor.SupervisorConfig;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** A balancer with two workers and a monitor as a process of its own; events are lines of JSON. */
final class BalancerMain {

    private BalancerMain() {}

    /**
     * Runs it, and says first on which ports.
     *
     * @param arguments the protocol, and a command for the workers if they are not those for tests
     */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        Protocol protocol = Protocol.of(arguments[0]);
        List<String> command = List.of(arguments).subList(1, arguments.length);
        BalancerConfig config = BalancerConfig.of(protocol)
                .withHost("127.0.0.1")
                .withPort(0)
                .withFraming(Framing.LINES)
                .withStrategy(Strategy.LEAST_LOADED)
                .withIdle(Duration.ofMinutes(5));
        try (Supervisor supervisor = new Supervisor(SupervisorConfig.with()
                        .name("Test")
                        .workers(2)
                        .drain(Duration.ofSeconds(100))
                        .command(command.isEmpty() ? TestWorker.command() : command)
                        .readiness(protocol == Protocol.PROXY ? Readiness.PORT : Readiness.LINK)
                        .build());
                Monitor monitor = new Monitor(MonitorConfig.on(0), supervisor)) {
            supervisor.onEvent(event -> System.out.println(event.json(Instant.now())));
            LoadBalancer balancer = LoadBalancer.open(config, Distribution.USUAL, supervisor);
            System.out.println(
                    Json.text(Map.of("event", "ports", "traffic", balancer.port(), "monitor", monitor.port())));
            supervisor.handleSignals();
            supervisor.start();
            supervisor.awaitEnd();
        }
    }
}
