package dev.coterie.node.demo;

import dev.coterie.cluster.concurrent.Clock;
import dev.coterie.cluster.concurrent.ThreadEventLoop;
import dev.coterie.etcd.EtcdBinary;
import dev.coterie.node.output.Event;
import dev.coterie.node.output.Output;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Starts an etcd and some nodes, passes on what they say, and ends them all. Everything but starting and ending happens
 * on an event loop of its own.
 */
public final class Demo {

    private static final Duration LOOK = Duration.ofMillis(250);

    /** How long all nodes together have for leaving; with etcd's end it stays under three seconds. */
    private static final Duration LEAVING = Duration.ofSeconds(2);

    /** How long to wait for a master to accept the last results; it may have died. */
    private static final Duration ACCEPTING = Duration.ofSeconds(5);

    private final DemoOptions options;
    private final Output output;
    private final Consumer<String> errors;
    private final Function<List<String>, ProcessBuilder> launch;
    private final Clock clock = Clock.system();
    private final ThreadEventLoop loop = new ThreadEventLoop("demo");
    private final CompletableFuture<String> over = new CompletableFuture<>();
    private final Tally tally = new Tally();
    private final List<DemoNode> nodes = new CopyOnWriteArrayList<>();
    private @Nullable OwnEtcd etcd;
    private volatile boolean stopped;
    private boolean summed;

    /** When something happened last that brings the end nearer; on the loop. */
    private long progress;

    /** The exit statuses of the nodes that ended too early; on the loop. */
    private final List<Integer> failures = new ArrayList<>();

    private int joined;
    private long lastJoined;

    /**
     * Creates it.
     *
     * @param errors gets what the nodes write to standard error
     * @param launch turns the arguments of the command line into a process to start
     */
    public Demo(
            DemoOptions options,
            Output output,
            Consumer<String> errors,
            Function<List<String>, ProcessBuilder> launch) {
        this.options = options;
        this.output = output;
        this.errors = errors;
        this.launch = launch;
    }

    /**
     * Runs until it is over by itself or the process is told to end.
     *
     * @return an exit status: 0 if every task was answered, and right; the nodes' own if they all failed alike without
     *     ever joining; else 1
     * @throws dev.coterie.etcd.EtcdException if there is no etcd
     */
    public int run() {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> end("it was interrupted"), "end of the demo"));
        String reason;
        try {
            List<String> endpoints = startEtcd();
            progress = clock.nanoTime();
            startNodes(endpoints);
            loop.schedule(LOOK, this::look);
            reason = over.join();
        } finally {
            stop();
        }
        end(reason);
        if (reason.isEmpty() && tally.allRight()) {
            return 0;
        }
        boolean alike = Set.copyOf(failures).size() == 1;
        return joined == 0 && alike ? failures.get(0) : 1;
    }

    private List<String> startEtcd() {
        List<String> endpoints = options.etcd()
                .map(given -> given.stream().map(URI::toString).toList())
                .orElseGet(() -> ownEtcd().endpoints());
        String urls = String.join(",", endpoints);
        OwnEtcd own = etcd;
        say(
                "etcd",
                Map.of("endpoints", endpoints),
                (own == null ? "uses the etcd at " : "started " + own.description() + " at ") + urls
                        + "; to look at its keys:\n         ETCDCTL_API=3 " + etcdctl() + " --endpoints=" + urls
                        + " get --prefix ''");
        return endpoints;
    }

    private OwnEtcd ownEtcd() {
        // Not under the lock, since it may take long: who ends the demo meanwhile need not wait.
        OwnEtcd started = OwnEtcd.start(options.embedded());
        synchronized (this) {
            if (!stopped) {
                etcd = started;
                return started;
            }
        }
        started.close();
        throw new IllegalStateException("the demo was ended while its etcd was starting");
    }

    /** The client beside the server, since it may be in a cache that is not on the PATH. */
    private static String etcdctl() {
        return EtcdBinary.onThisMachine()
                .installedEtcd()
                .map(server -> server.resolveSibling("etcdctl"))
                .filter(Files::isExecutable)
                .map(Path::toString)
                .orElse("etcdctl");
    }

    private synchronized void startNodes(List<String> endpoints) {
        List<String> names = options.names();
        for (int i = 0; i < names.size() && !stopped; i++) {
            nodes.add(startNode(label(i), names.get(i), endpoints));
        }
    }

    private DemoNode startNode(String label, String name, List<String> endpoints) {
        List<String> arguments = new ArrayList<>(
                List.of("node", "--json", "--name", name, "--port", "0", "--etcd", String.join(",", endpoints)));
        arguments.addAll(options.nodeArguments());
        if (nodes.isEmpty()) {
            arguments.addAll(options.firstArguments());
        } else {
            // The console of the first has the port that people know.
            arguments.addAll(List.of("--console-port", "0"));
        }
        try {
            DemoNode node = DemoNode.start(
                    name,
                    launch.apply(arguments),
                    loop,
                    this::heard,
                    line -> errors.accept(label + " " + name + ": " + line),
                    status -> ended(label, name, status));
            say(
                    "started",
                    fields("label", label, "name", name, "pid", node.pid()),
                    "started node " + label + ", " + name + ", as process " + node.pid());
            return node;
        } catch (IOException failure) {
            throw new UncheckedIOException("node " + label + " could not be started", failure);
        }
    }

    /** What stands before what a node says: A, B, C … Z, AA, AB … */
    public static String label(int number) {
        String last = String.valueOf((char) ('A' + number % 26));
        return number < 26 ? last : label(number / 26 - 1) + last;
    }

    private void heard(String line) {
        Event.parse(line).ifPresentOrElse(this::heard, () -> errors.accept(line));
    }

    private void heard(Event event) {
        long before = tally.results();
        tally.note(event);
        if (event.event().equals("init")) {
            joined++;
            lastJoined = clock.nanoTime();
        }
        if (tally.results() > before || event.event().equals("init")) {
            progress = clock.nanoTime();
        }
        output.say(event);
    }

    private void ended(String label, String name, int status) {
        if (stopped) {
            return;
        }
        failures.add(status);
        String how = status > 128 ? "signal " + (status - 128) : "itself, with status " + status;
        say(
                "ended",
                fields("label", label, "name", name, "status", status),
                "node " + label + ", " + name + ", was ended by " + how);
    }

    private void look() {
        loop.schedule(LOOK, this::look);
        int alive = nodes.size() - failures.size();
        if (output.isBroken()) {
            over.complete("nobody reads what it says any more");
        } else if (isDone()) {
            over.complete("");
        } else if (alive == 0 || (options.tasks().isPresent() && alive < 2)) {
            over.complete(alive == 0 ? "no node is left" : "only one node is left, and there is nobody to work");
        } else if (options.isLimited() && since(progress).compareTo(options.patience()) > 0) {
            over.complete("there was no result for " + options.patience().toSeconds() + " s");
        }
    }

    private boolean isDone() {
        boolean enough = options.tasks().filter(most -> tally.results() >= most).isPresent();
        // A little longer than the nodes' own clocks run, for what they said last.
        boolean longEnough = options.sending()
                .filter(time -> joined > 0 && since(lastJoined).compareTo(time.plusSeconds(1)) > 0)
                .isPresent();
        boolean accepted = tally.unaccepted() == 0 || since(progress).compareTo(ACCEPTING) > 0;
        return (enough || longEnough) && tally.unanswered() == 0 && accepted;
    }

    private Duration since(long nanos) {
        return Duration.ofNanos(clock.nanoTime() - nanos);
    }

    /** Ends everything and sums up. Any thread; once. */
    private synchronized void end(String reason) {
        stop();
        if (!summed) {
            summed = true;
            sumUp(reason);
        }
    }

    /** Ends the nodes, then etcd. Any thread; once. */
    private synchronized void stop() {
        if (stopped) {
            return;
        }
        stopped = true;
        long start = clock.nanoTime();
        nodes.forEach(DemoNode::terminate);
        for (DemoNode node : nodes) {
            Duration left = LEAVING.minus(since(start));
            node.close(left.isNegative() ? Duration.ZERO : left);
        }
        if (etcd != null) {
            etcd.close();
        }
        loop.close();
    }

    private void sumUp(String reason) {
        Map<String, Object> fields = fields(
                "nodes", options.names().size(),
                "master", tally.master(),
                "tasks", tally.tasks(),
                "results", tally.results(),
                "wrong", tally.wrong(),
                "resent", tally.resent());
        String counts = fields.entrySet().stream()
                .map(entry -> entry.getKey() + " " + entry.getValue())
                .collect(Collectors.joining(", "));
        String verdict = tally.allRight()
                ? "every task was answered, and right"
                : tally.unanswered() + " not answered, " + tally.wrong() + " wrong";
        say("summary", fields, counts + ": " + verdict + (reason.isEmpty() ? "" : "; it ended because " + reason));
    }

    private void say(String event, Map<String, Object> fields, String words) {
        output.say(new Event(event, "demo", clock.now(), fields), words);
    }

    private static Map<String, Object> fields(Object... namesAndValues) {
        Map<String, Object> fields = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            fields.put(String.valueOf(namesAndValues[i]), namesAndValues[i + 1]);
        }
        return fields;
    }
}
