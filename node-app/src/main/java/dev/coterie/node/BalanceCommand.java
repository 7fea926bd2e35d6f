package dev.coterie.node;

import dev.coterie.node.settings.UsageException;
import dev.coterie.workers.monitor.MonitorConfig;
import dev.coterie.workers.supervisor.SupervisorConfig;
import dev.coterie.workers.traffic.BalancerConfig;
import dev.coterie.workers.traffic.BalancerFlags;
import dev.coterie.workers.traffic.BalancerType;
import dev.coterie.workers.traffic.Distribution;
import dev.coterie.workers.traffic.Flag;
import dev.coterie.workers.traffic.Flags;
import dev.coterie.workers.traffic.LoadBalancer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Unmatched;

/** {@code coterie balance}. Its flags are those of the type of balancer, so they are read by the library. */
@Command(
        name = "balance",
        description = "Receives UDP or TCP traffic and spreads it over worker processes. Without a command behind --, a"
                + " worker is one that says what it gets.",
        customSynopsis = "coterie balance -protocol PROTOCOL [FLAGS] [-- COMMAND]")
final class BalanceCommand implements Callable<Integer> {

    private final List<BalancerType> types = BalancerType.all();

    @Unmatched
    private List<String> arguments = new ArrayList<>();

    private BalanceCommand() {}

    /** The command, which leaves what it does not know to the library. */
    static CommandLine commandLine() {
        BalanceCommand command = new BalanceCommand();
        CommandLine line = new CommandLine(command);
        // Else -host would be -h and three more flags.
        line.getCommandSpec().parser().posixClusteredShortOptionsAllowed(false).stopAtUnmatched(true);
        line.getCommandSpec().usageMessage().footer(command.help().toArray(String[]::new));
        return line;
    }

    private List<String> help() {
        List<String> lines = new ArrayList<>(List.of("", "Flags, with one hyphen or two:"));
        BalancerFlags.USUAL.forEach(flag -> lines.add(help(flag)));
        for (BalancerType type : types) {
            lines.addAll(List.of("", "-type " + type.name() + ": " + type.help()));
            type.flags(BalancerFlags.USUAL).stream()
                    .filter(flag -> !BalancerFlags.USUAL.contains(flag))
                    .forEach(flag -> lines.add(help(flag)));
        }
        // The lines are formats.
        return lines.stream().map(line -> line.replace("%", "%%")).toList();
    }

    private static String help(Flag flag) {
        return "  " + flag + ": " + flag.help() + (flag.fallback().isEmpty() ? "" : "; default " + flag.fallback());
    }

    @Override
    public Integer call() {
        Flags flags;
        BalancerConfig balancer;
        SupervisorConfig supervisor;
        MonitorConfig monitor;
        Distribution distribution;
        try {
            flags = BalancerFlags.parse(types, arguments);
            balancer = BalancerFlags.balancer(flags);
            supervisor = BalancerFlags.supervisor(flags, ownWorker());
            monitor = BalancerFlags.monitor(flags);
            distribution = BalancerFlags.type(types, arguments).distribution(flags);
        } catch (IllegalArgumentException refused) {
            throw new UsageException(String.valueOf(refused.getMessage()));
        }
        BalancerFlags.filledIn(flags)
                .forEach((name, value) -> System.err.println("-" + name + " was not given; it is " + value));
        return Supervision.run(
                supervisor, monitor, running -> LoadBalancer.open(balancer, distribution, running), flags.has("json"));
    }

    private static List<String> ownWorker() {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                PrintingWorker.class.getName());
    }
}
