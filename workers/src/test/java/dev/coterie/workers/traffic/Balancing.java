package dev.coterie.workers.traffic;

import static org.awaitility.Awaitility.await;

import dev.coterie.workers.TestWorker;
import dev.coterie.workers.supervisor.LogPolicy;
import dev.coterie.workers.supervisor.Supervisor;
import dev.coterie.workers.supervisor.SupervisorConfig;
import dev.coterie.workers.supervisor.SupervisorEvent;
import dev.coterie.workers.supervisor.SupervisorEvent.Listening;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** A supervisor with a balancer, for tests. */
final class Balancing implements AutoCloseable {

    static final Duration PATIENCE = Duration.ofSeconds(60);

    final List<SupervisorEvent> events = new CopyOnWriteArrayList<>();
    final Supervisor supervisor;
    final LoadBalancer balancer;
    private final Path logs;

    Balancing(Path logs, BalancerConfig config) throws IOException {
        this(logs, config, Distribution.USUAL, supervisor -> supervisor.workers(2));
    }

    Balancing(
            Path logs, BalancerConfig config, Distribution distribution, UnaryOperator<SupervisorConfig.Builder> change)
            throws IOException {
        this.logs = logs;
        supervisor = new Supervisor(change.apply(SupervisorConfig.with()
                        .name("Test")
                        .command(TestWorker.command())
                        .drain(Duration.ofSeconds(20))
                        .logs(LogPolicy.in(logs)))
                .build());
        supervisor.onEvent(events::add);
        balancer = open(config, distribution);
        supervisor.start();
    }

    private LoadBalancer open(BalancerConfig config, Distribution distribution) throws IOException {
        try {
            return LoadBalancer.open(config, distribution, supervisor);
        } catch (IOException refused) {
            supervisor.close();
            throw refused;
        }
    }

    Balancing ready(int times) {
        await().atMost(PATIENCE).until(() -> said(Listening.class).count() >= times);
        return this;
    }

    <E extends SupervisorEvent> Stream<E> said(Class<E> type) {
        return events.stream().filter(type::isInstance).map(type::cast);
    }

    String log(int worker) throws IOException {
        Path file = logs.resolve("Test-" + worker + ".log");
        return Files.exists(file) ? Files.readString(file) : "";
    }

    /** The lines that workers have written and that begin with "note ", in any order. */
    List<String> notes() throws IOException {
        return Stream.of(log(1), log(2))
                .flatMap(String::lines)
                .filter(line -> line.startsWith("note "))
                .toList();
    }

    long count(String name) {
        return supervisor.trafficCounts().getOrDefault(name, 0L);
    }

    /** A worker's process id. */
    long worker(int number) {
        return supervisor.workers().stream()
                .filter(worker -> worker.number() == number)
                .findFirst()
                .orElseThrow()
                .pid();
    }

    /** Kills a worker and waits for its end: until then its port takes connections that nobody will answer. */
    void killWorker(int number) {
        ProcessHandle process = ProcessHandle.of(worker(number)).orElseThrow();
        process.destroyForcibly();
        await().atMost(PATIENCE).until(() -> !process.isAlive());
    }

    /** Freezes a worker and waits until each of its threads has stopped, which on a busy machine takes a moment. */
    void freeze(int number) throws IOException {
        long pid = worker(number);
        signal(pid, "STOP");
        await().atMost(PATIENCE).until(() -> {
            try (Stream<Path> threads = Files.list(Path.of("/proc/" + pid + "/task"))) {
                return threads.allMatch(Balancing::isStopped);
            }
        });
    }

    private static boolean isStopped(Path thread) {
        try {
            // Its state follows its name, which stands in brackets.
            return Files.readString(thread.resolve("stat")).matches("(?s).*\\) T .*");
        } catch (IOException hasEnded) {
            return true;
        }
    }

    /** Lets it go on. */
    void thaw(int number) throws IOException {
        signal(worker(number), "CONT");
    }

    private static void signal(long pid, String signal) throws IOException {
        Process kill = new ProcessBuilder("sh", "-c", "kill -s " + signal + " " + pid).start();
        await().atMost(PATIENCE).until(() -> !kill.isAlive());
    }

    @Override
    public void close() {
        supervisor.close();
    }
}
