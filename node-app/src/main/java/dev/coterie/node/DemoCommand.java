package dev.coterie.node;

import dev.coterie.cluster.ClusterConfig;
import dev.coterie.cluster.concurrent.Clock;
import dev.coterie.node.demo.Demo;
import dev.coterie.node.demo.DemoOptions;
import dev.coterie.node.output.Event;
import dev.coterie.node.output.Output;
import dev.coterie.node.output.Palette;
import dev.coterie.node.settings.Configuration;
import dev.coterie.node.settings.Setting;
import dev.coterie.node.settings.Settings;
import dev.coterie.node.settings.UsageException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code coterie demo}. */
@Command(
        name = "demo",
        description =
                "Starts an etcd and three nodes that find each other, elect a master, and multiply numbers by three."
                        + " Ctrl-C ends all of it.",
        footer = "Exit status 0 only if every task was answered, and right.")
final class DemoCommand implements Callable<Integer> {

    /** What every node of the demo is told as the demo was told it. */
    private static final List<Setting<?>> PASSED_ON = List.of(
            Settings.PREFIX,
            Settings.INTERVAL,
            Settings.WORK,
            Settings.NUMBERS,
            Settings.BALANCER,
            Settings.TASKS,
            Settings.FOR,
            Settings.TTL,
            Settings.CONNECT_TIMEOUT,
            Settings.CONSOLE,
            Settings.CONSOLE_WRITE,
            Settings.LOG,
            Settings.VERBOSE);

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(names = "--show-config", description = "Show every setting and where it comes from, and do nothing else.")
    private boolean showConfig;

    @Override
    public Integer call() {
        Configuration settings = Configuration.of(
                Settings.DEMO, Flags.given(spec.commandLine().getParseResult(), Settings.DEMO), System.getenv());
        Logging.set(settings.get(Settings.LOG), settings.get(Settings.VERBOSE));
        validate(settings);
        if (showConfig) {
            spec.commandLine().getOut().print(settings.show());
            spec.commandLine().getOut().flush();
            return ExitCode.OK;
        }
        DemoOptions options = options(settings);
        Output output = output(options.names(), settings.get(Settings.JSON));
        introduce(output, settings);
        return new Demo(options, output, System.err::println, NodeProcess::recipe).run();
    }

    private static void validate(Configuration settings) {
        if (settings.get(Settings.EMBEDDED) && settings.get(Settings.DEMO_ETCD).isPresent()) {
            throw new UsageException(
                    "embedded: 'true' will not do with etcd, which names another; leave one of them out");
        }
        // What the nodes would refuse is refused before any of them starts.
        NodeConfig.validate(
                ClusterConfig.of("http://127.0.0.1:2379")
                        .withPrefix(settings.get(Settings.PREFIX))
                        .withTtl(settings.get(Settings.TTL))
                        .withRefresh(settings.get(Settings.TTL).dividedBy(2)),
                settings);
        if (settings.get(Settings.NODES) == 1 && settings.get(Settings.TASKS).isPresent()) {
            throw new UsageException("nodes: '1' will not do with tasks, since a master alone sends none; choose 2 or"
                    + " more, or leave tasks out");
        }
    }

    private static DemoOptions options(Configuration settings) {
        Monikers monikers = new Monikers(new Random());
        List<String> arguments = new ArrayList<>();
        for (Setting<?> setting : PASSED_ON) {
            if (setting.isSwitch()) {
                if (settings.get(setting).equals(true)) {
                    arguments.add(setting.flag());
                }
            } else {
                arguments.addAll(List.of(setting.flag(), settings.text(setting)));
            }
        }
        return new DemoOptions(
                Stream.generate(monikers::next)
                        .distinct()
                        .limit(settings.get(Settings.NODES))
                        .toList(),
                settings.get(Settings.DEMO_ETCD),
                settings.get(Settings.EMBEDDED),
                arguments,
                settings.isSet(Settings.CONSOLE_PORT)
                        ? List.of(Settings.CONSOLE_PORT.flag(), settings.text(Settings.CONSOLE_PORT))
                        : List.of(),
                settings.get(Settings.INTERVAL),
                settings.get(Settings.WORK),
                settings.get(Settings.TTL),
                settings.get(Settings.TASKS),
                settings.get(Settings.FOR));
    }

    /** Each node has its letter, its moniker and its colour. */
    private static Output output(List<String> names, boolean json) {
        Palette palette = Palette.of(System.getenv());
        int width = names.stream().mapToInt(String::length).max().orElse(0) + 3;
        Map<String, String> labels = new LinkedHashMap<>();
        for (int i = 0; i < names.size(); i++) {
            String label = Demo.label(i) + " " + names.get(i);
            labels.put(names.get(i), palette.paint(i, label + " ".repeat(Math.max(0, width - label.length())) + "|"));
        }
        String demo = palette.bold("demo") + " ".repeat(Math.max(0, width - 4)) + "|";
        return new Output(System.out, json, palette, event -> labels.getOrDefault(Event.name(event.node()), demo));
    }

    private static void introduce(Output output, Configuration settings) {
        Map<String, Object> fields = new LinkedHashMap<>();
        Settings.DEMO.forEach(setting -> fields.put(setting.name(), settings.text(setting)));
        String end = settings.get(Settings.TASKS)
                .map(tasks -> "until " + tasks + " results")
                .or(() -> settings.get(Settings.FOR).map(time -> "for " + settings.text(Settings.FOR)))
                .orElse("until Ctrl-C");
        output.say(
                new Event("demo", "demo", Clock.system().now(), fields),
                "%s nodes, a task every %s, work %s, numbers %s, balancer %s, ttl %s; %s"
                        .formatted(
                                settings.text(Settings.NODES),
                                settings.text(Settings.INTERVAL),
                                settings.text(Settings.WORK),
                                settings.text(Settings.NUMBERS),
                                settings.text(Settings.BALANCER),
                                settings.text(Settings.TTL),
                                end));
    }
}
