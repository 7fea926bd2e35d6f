package dev.coterie.cluster.lan;

import dev.coterie.cluster.concurrent.ThreadEventLoop;
import dev.coterie.cluster.discovery.DiscoveryEvent;
import dev.coterie.cluster.discovery.DiscoveryEvent.Demoted;
import dev.coterie.cluster.discovery.DiscoveryEvent.Init;
import dev.coterie.cluster.discovery.DiscoveryEvent.MasterChanged;
import dev.coterie.cluster.discovery.DiscoveryEvent.MemberAdded;
import dev.coterie.cluster.discovery.DiscoveryEvent.MemberRemoved;
import dev.coterie.cluster.discovery.DiscoveryEvent.Promoted;
import dev.coterie.cluster.discovery.Member;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * One node of a LAN in a process of its own, driven by lines of JSON on its standard input; what happens goes to its
 * standard output, with the monotonic time in ms. The twin of {@code agent.js}. It ends when its input does.
 */
public final class LanAgent {

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final PrintStream OUT = new PrintStream(System.out, false, StandardCharsets.UTF_8);

    private final double startedAt;
    private final LanDiscovery node;
    private final LanLoad load;
    private final SharedTimers timers;

    private LanAgent(LanConfig config) {
        startedAt = now();
        node = LanDiscovery.join(config);
        load = new LanLoad(node.channels());
        timers = new SharedTimers(node, new ThreadEventLoop("timers"));
        tell("ready", Map.of("moduleLoadedAt", startedAt, "id", node.self().id()));
        node.on(DiscoveryEvent.class, this::tell);
    }

    /** Runs one; its argument has the options of node-discover, as JSON. */
    public static void main(String[] args) throws IOException {
        JsonNode options = JSON.readTree(args[0]);
        if (options.path("warm").asBoolean(false)) {
            warm();
        }
        LanAgent agent = new LanAgent(config(options));
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                agent.obey(JSON.readTree(line));
            }
        }
        Runtime.getRuntime().halt(0);
    }

    /** Loads and compiles what a JVM does when it is first needed: nodes meet, hand over to one another, and part. */
    private static void warm() {
        for (int i = 0; i < 6; i++) {
            Loopback ports = new Loopback(2);
            try (LanDiscovery one = LanDiscovery.join(ports.at(0).build());
                    LanDiscovery other = LanDiscovery.join(ports.at(1).build())) {
                until(() -> one.view().members().size() + other.view().members().size() == 4);
                var unused = one.promote();
                until(() -> one.mastership().isPresent() && other.masters().size() == 1);
                for (int j = 0; j < 20; j++) {
                    handOver(one, other);
                    handOver(other, one);
                }
            }
        }
    }

    private static void handOver(LanDiscovery one, LanDiscovery other) {
        var unused = one.demote();
        until(() -> other.mastership().isPresent() && one.mastership().isEmpty());
    }

    private static void until(BooleanSupplier holds) {
        long end = System.nanoTime() + 1_000_000_000;
        while (!holds.getAsBoolean() && System.nanoTime() < end) {
            LockSupport.parkNanos(50_000);
        }
    }

    private static LanConfig config(JsonNode options) {
        LanConfig.Builder config = LanConfig.builder()
                .address(options.path("address").asString("0.0.0.0"))
                .port(options.path("port").asInt(12345));
        if (options.has("unicast")) {
            config.unicast(JSON.treeToValue(options.path("unicast"), String[].class));
        }
        if (options.has("multicast")) {
            config.multicast(options.path("multicast").asString());
        }
        if (options.has("weight")) {
            config.weight(options.path("weight").asDouble());
        }
        Duration nodeTimeout = millis(options, "nodeTimeout", 2000);
        return config.helloInterval(millis(options, "helloInterval", 1000))
                .checkInterval(millis(options, "checkInterval", 2000))
                .nodeTimeout(nodeTimeout)
                .masterTimeout(millis(options, "masterTimeout", (int) nodeTimeout.toMillis()))
                .name("java")
                .build();
    }

    private static Duration millis(JsonNode options, String name, int otherwise) {
        return Duration.ofMillis(options.path(name).asInt(otherwise));
    }

    // --- What happens
    // -------------------------------------------------------------------------------------------------

    private void tell(DiscoveryEvent event) {
        if (event instanceof Promoted promoted) {
            tell("promotion", promoted.member());
        } else if (event instanceof Demoted demoted) {
            tell("demotion", demoted.member());
        } else if (event instanceof MemberAdded added) {
            tell("added", added.member());
        } else if (event instanceof MemberRemoved removed) {
            tell("removed", removed.member());
        } else if (event instanceof MasterChanged changed
                && !changed.member().id().equals(node.self().id())) {
            tell("master", changed.member());
        } else if (event instanceof Init init) {
            init.view().members().stream()
                    .filter(member -> !member.id().equals(node.self().id()))
                    .forEach(member -> tell("added", member));
        }
    }

    private static void tell(String event, Member member) {
        tell(event, Map.of("id", member.id(), "port", member.port(), "address", member.address()));
    }

    private static void tell(String event, Map<String, ?> more) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("ev", event);
        line.put("t", now());
        line.putAll(more);
        String text = JSON.writeValueAsString(line);
        synchronized (OUT) {
            OUT.println(text);
            OUT.flush();
        }
    }

    static double now() {
        return System.nanoTime() / 1e6;
    }

    // --- What it is told
    // ----------------------------------------------------------------------------------------------

    private void obey(JsonNode command) {
        switch (command.path("cmd").asString("")) {
            case "stop" -> {
                tell("stopping", Map.of());
                node.close();
                tell("stopped", Map.of());
            }
            case "promote" -> {
                tell("promoting", Map.of());
                node.promote();
            }
            case "demote" -> {
                tell("demoting", Map.of());
                node.demote(command.path("permanent").asBoolean(false));
            }
            case "state" ->
                tell(
                        "state",
                        Map.of(
                                "isMaster", node.mastership().isPresent(),
                                "knows", node.view().members().size() - 1,
                                "masters",
                                        node.masters().stream().map(Member::id).toList()));
            case "cpu" -> tell("cpu", Map.of("us", cpuMicros()));
            case "send" ->
                node.channels()
                        .send(
                                command.path("channel").asString(),
                                JSON.treeToValue(command.path("value"), Object.class));
            case "join" -> join(command.path("channel").asString());
            case "set" -> set(command.path("timer").asString(), millis(command, "delay", 0));
            case "clear" -> clear(command.path("timer").asString());
            case "receive" -> {
                load.receive();
                tell("receiving", Map.of());
            }
            case "count" -> tell("count", load.count());
            case "flood" -> new Thread(() -> tell("flooded", load.flood(command)), "flood").start();
            case "pings" -> new Thread(() -> tell("pinged", load.pings(command)), "pings").start();
            default -> throw new IllegalArgumentException("cmd: " + command);
        }
    }

    private void join(String channel) {
        node.channels()
                .join(
                        channel,
                        Object.class,
                        (value, from) ->
                                tell("message", Map.of("channel", channel, "value", value, "from", from.id())));
        tell("joined", Map.of("channel", channel));
    }

    private void set(String timer, Duration delay) {
        timers.set(timer, delay, () -> tell("fired", Map.of("timer", timer)));
        tell("set", Map.of("timer", timer));
    }

    private void clear(String timer) {
        timers.clear(timer, Duration.ofSeconds(1))
                .thenAccept(cleared -> tell(cleared ? "cleared" : "not cleared", Map.of("timer", timer)));
    }

    static long cpuMicros() {
        return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                        .getProcessCpuTime()
                / 1000;
    }
}
