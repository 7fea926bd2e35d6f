package dev.coterie.workers.traffic;

import dev.coterie.cluster.concurrent.Backoff;
import dev.coterie.workers.monitor.MonitorConfig;
import dev.coterie.workers.monitor.UrlCheck;
import dev.coterie.workers.supervisor.LogPolicy;
import dev.coterie.workers.supervisor.Readiness;
import dev.coterie.workers.supervisor.RecyclePolicy;
import dev.coterie.workers.supervisor.RestartPolicy;
import dev.coterie.workers.supervisor.SupervisorConfig;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The flags that all balancers have, and what they mean. */
public final class BalancerFlags {

    /** The usual flags, with their defaults. */
    public static final List<Flag> USUAL = List.of(
            Flag.of("p", "port", "PORT", "5005", "the port to listen on; with tcp_client, the server's"),
            Flag.of("i", "instances", "N", "1", "how many workers"),
            Flag.of("protocol", "PROTOCOL", "", "udp, tcp_server, tcp_client or proxy; required"),
            Flag.of("name", "NAME", "Load_Balancer", "what this balancer is called"),
            Flag.of("workername", "NAME", "Worker", "what a worker is called, before its number"),
            Flag.toggle("retry", "open the socket again when it fails: after 5 s, and half as long again each time"),
            Flag.of("logdir", "FOLDER", "", "where what workers say goes; else to standard error"),
            Flag.of("type", "TYPE", "plain", "the type of balancer"),
            Flag.of(
                    "host",
                    "ADDRESS",
                    "",
                    "the address to listen on, else all; with tcp_client, the server, else this machine"),
            Flag.of(
                    "balancer",
                    "WAY",
                    "round-robin",
                    "who is next: round-robin, least-loaded, random or sticky (by address)"),
            Flag.of(
                    "framing",
                    "WAY",
                    "raw",
                    "how TCP data are cut: raw (as they arrive), lines or length (4 bytes before each)"),
            Flag.of("idle", "DURATION", "30s", "how long a TCP connection may be silent"),
            Flag.of("drain", "DURATION", "30s", "how long a worker has to end, before it is killed"),
            Flag.of("crashes", "N", "10", "how often a worker may crash within -crash-window, before all is ended"),
            Flag.of("crash-window", "DURATION", "60s", "how long a crash is remembered"),
            Flag.of("recycle-connections", "N", "10000", "after how many connections a worker is replaced"),
            Flag.of("recycle-age", "DURATION", "24h", "after how long a worker is replaced; both up to half later"),
            Flag.of(
                    "ready",
                    "WAY",
                    "",
                    "how a worker shows that it is ready: link, port or start; port with proxy, else link"),
            Flag.of("pids", "FOLDER", "", "the folder of pid files, for coterie workers"),
            Flag.of("monitor-port", "PORT", "3001", "where GET /workers and GET /ecv answer, on this machine only"),
            Flag.of(
                    "check",
                    "URL",
                    "",
                    "what must answer well for GET /ecv to say AVAILABLE; else a worker must be ready"),
            Flag.toggle("control", "let POST /ecv/disable and /ecv/enable take this host out and in"),
            Flag.toggle("json", "say everything as JSON, one object to a line"));

    private BalancerFlags() {}

    /**
     * Reads a command line with the flags of the type that it names.
     *
     * @throws IllegalArgumentException if something will not do; the message names it
     */
    public static Flags parse(List<BalancerType> types, List<String> arguments) {
        return Flags.parse(type(types, arguments).flags(USUAL), arguments);
    }

    /** The type that a command line names; which flags there are depends on it. */
    public static BalancerType type(List<BalancerType> types, List<String> arguments) {
        int at = Math.max(arguments.indexOf("-type"), arguments.indexOf("--type"));
        int end = arguments.contains("--") ? arguments.indexOf("--") : arguments.size();
        String name =
                at >= 0 && at + 1 < end ? arguments.get(at + 1) : types.get(0).name();
        return types.stream()
                .filter(type -> type.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("type: '" + name + "' will not do; choose one of "
                        + types.stream().map(BalancerType::name).collect(Collectors.joining(", "))));
    }

    /** Where traffic comes from and how it is spread. */
    public static BalancerConfig balancer(Flags flags) {
        Protocol protocol = flags.read("protocol", Protocol::of);
        BalancerConfig config = BalancerConfig.of(protocol)
                .withPort(flags.number("p", 1, 65_535))
                .withFraming(flags.read("framing", Framing::of))
                .withStrategy(flags.read("balancer", Strategy::of))
                .withIdle(flags.duration("idle"))
                .withReopen(flags.has("retry") ? Optional.<Backoff>of(BalancerConfig.REOPEN) : Optional.empty());
        return flags.find("host").map(config::withHost).orElse(config);
    }

    /**
     * What is run.
     *
     * @param otherwise the workers' command if the command line has none
     */
    public static SupervisorConfig supervisor(Flags flags, List<String> otherwise) {
        boolean proxy = flags.read("protocol", Protocol::of) == Protocol.PROXY;
        if (proxy && flags.command().isEmpty()) {
            throw new IllegalArgumentException(
                    "command: there is none, and proxy needs a server; write behind -- one that serves on $PORT");
        }
        SupervisorConfig.Builder config = SupervisorConfig.with()
                .command(flags.command().isEmpty() ? otherwise : flags.command())
                .workers(flags.number("i", 1, 1000))
                .name(flags.text("name"))
                .workerName(flags.text("workername"))
                .drain(flags.duration("drain"))
                .restart(RestartPolicy.within(flags.number("crashes", 0, 1000), flags.duration("crash-window")))
                .recycle(RecyclePolicy.after(
                        flags.number("recycle-connections", 1, 999_999_999), flags.duration("recycle-age")))
                .readiness(readiness(flags));
        flags.find("pids").map(Path::of).ifPresent(config::pids);
        flags.find("logdir").map(Path::of).map(LogPolicy::in).ifPresent(config::logs);
        return config.build();
    }

    private static Readiness readiness(Flags flags) {
        if (flags.find("ready").isPresent()) {
            return flags.read("ready", BalancerFlags::readiness);
        }
        return flags.read("protocol", Protocol::of) == Protocol.PROXY ? Readiness.PORT : Readiness.LINK;
    }

    /** The flags that were not given, and what stands for each: its default, or what follows from the others. */
    public static Map<String, String> filledIn(Flags flags) {
        Map<String, String> all = new LinkedHashMap<>();
        flags.defaulted().forEach(flag -> all.put(flag.name(), flag.fallback()));
        Map<String, String> following = Map.of(
                "host",
                balancer(flags).host(),
                "check",
                "that a worker is ready",
                "logdir",
                "standard error",
                "ready",
                readiness(flags).name().toLowerCase(Locale.ROOT));
        new TreeMap<>(following).forEach((name, value) -> {
            if (flags.find(name).isEmpty()) {
                all.put(name, value);
            }
        });
        return all;
    }

    private static Readiness readiness(String text) {
        return List.of(Readiness.values()).stream()
                .filter(one -> one.name().toLowerCase(Locale.ROOT).equals(text))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("choose one of link, port, start"));
    }

    /** Where its state is told. */
    public static MonitorConfig monitor(Flags flags) {
        MonitorConfig config = MonitorConfig.on(flags.number("monitor-port", 0, 65_535))
                .withApplicationPort(flags.number("p", 1, 65_535))
                .withControl(flags.has("control"));
        return flags.find("check").isEmpty() ? config : config.withCheck(flags.read("check", UrlCheck::of));
    }
}
