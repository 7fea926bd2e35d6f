package dev.coterie.node;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;

/** An example in the help of each command that has none of its own yet. */
final class Examples {

    private static final Map<String, List<String>> BY_COMMAND = Map.ofEntries(
            of("coterie", "coterie demo"),
            of("coterie demo", "coterie demo --nodes 5 --interval 1s", "coterie demo --tasks 10 --json"),
            of(
                    "coterie node",
                    "coterie node --etcd http://10.0.0.1:2379 --interface eth1",
                    "coterie node --show-config"),
            of("coterie tasks", "coterie tasks submit multiply 14"),
            of("coterie tasks submit", "coterie tasks submit multiply 14 --delay 10m --attempts 3"),
            of("coterie tasks list", "coterie tasks list --state RUNNING"),
            of("coterie tasks dead", "coterie tasks dead --json"),
            of("coterie tasks show", "coterie tasks show order-17"),
            of("coterie tasks cancel", "coterie tasks cancel order-17"),
            of("coterie tasks retry", "coterie tasks retry order-17"),
            of("coterie tasks drop", "coterie tasks drop order-17"),
            of("coterie timers", "coterie timers set reminder 10m multiply 14"),
            of(
                    "coterie timers set",
                    "coterie timers set reminder 10m multiply 14",
                    "coterie timers set tick 1m multiply 1 --every"),
            of("coterie timers list", "coterie timers list --json"),
            of("coterie timers show", "coterie timers show reminder"),
            of("coterie timers clear", "coterie timers clear reminder"),
            of("coterie balance", "coterie balance -protocol udp -port 5005"),
            of("coterie workers", "coterie workers run --pids /run/shop -- ./serve.sh"),
            of("coterie workers run", "coterie workers run --workers 4 --pids /run/shop -- ./serve.sh"),
            of("coterie workers status", "coterie workers status --pids /run/shop"),
            of("coterie workers stop", "coterie workers stop --pids /run/shop"),
            of("coterie workers shutdown", "coterie workers shutdown --pids /run/shop --timeout 2m"),
            of("coterie workers restart", "coterie workers restart --pids /run/shop"),
            of("coterie bench", "coterie bench tasks"),
            of("coterie etcd", "coterie etcd --port 2379 --data-dir /var/lib/coterie-etcd"),
            of("coterie help", "coterie help tasks"));

    private Examples() {}

    private static Map.Entry<String, List<String>> of(String command, String... examples) {
        return Map.entry(command, List.of(examples));
    }

    /** Adds one to a command and to each below it. */
    static void add(CommandSpec command) {
        String name = command.qualifiedName();
        List<String> footer = new ArrayList<>(List.of(command.usageMessage().footer()));
        List<String> examples =
                BY_COMMAND.getOrDefault(name, name.startsWith("coterie bench ") ? List.of(name) : List.of());
        if (!examples.isEmpty()) {
            footer.addAll(List.of("", "Example:"));
            examples.forEach(example -> footer.add("  " + example));
            command.usageMessage().footer(footer.toArray(String[]::new));
        }
        command.subcommands().values().forEach(below -> add(below.getCommandSpec()));
    }
}
