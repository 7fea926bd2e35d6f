package dev.coterie.node;

import dev.coterie.cluster.ClusterConfig;
import dev.coterie.cluster.concurrent.Clock;
import dev.coterie.cluster.concurrent.ThreadEventLoop;
import dev.coterie.cluster.discovery.Discovery;
import dev.coterie.node.output.Event;
import dev.coterie.node.output.Output;
import dev.coterie.node.output.Palette;
import dev.coterie.node.settings.Configuration;
import dev.coterie.node.settings.Settings;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code coterie node}. */
@Command(
        name = "node",
        description =
                "Runs one node until it is ended: it joins the cluster, and as master sends tasks, else works on them.")
final class NodeCommand implements Callable<Integer> {

    private final Function<ClusterConfig, Discovery> join;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(names = "--show-config", description = "Show every setting and where it comes from, and do nothing else.")
    private boolean showConfig;

    /**
     * Creates it.
     *
     * @param join joins a cluster
     */
    NodeCommand(Function<ClusterConfig, Discovery> join) {
        this.join = join;
    }

    @Override
    public Integer call() {
        Configuration settings = Configuration.of(
                Settings.NODE, Flags.given(spec.commandLine().getParseResult(), Settings.NODE), System.getenv());
        if (settings.get(Settings.VERBOSE)) {
            Logging.verbose();
        }
        ClusterConfig config = NodeConfig.cluster(settings);
        if (showConfig) {
            spec.commandLine().getOut().print(settings.show());
            spec.commandLine().getOut().flush();
            return ExitCode.OK;
        }
        Palette palette = Palette.of(System.getenv());
        Output output = new Output(
                System.out, settings.get(Settings.JSON), palette, event -> palette.paint(0, Event.name(event.node())));
        run(config, settings, output);
        return ExitCode.OK;
    }

    /** Runs until the process is told to end. */
    private void run(ClusterConfig config, Configuration settings, Output output) {
        Discovery cluster = join.apply(config);
        ThreadEventLoop loop = new ThreadEventLoop("node");
        Node node = new Node(cluster, loop, NodeConfig.pipeline(settings), output::say);
        loop.execute(node::start);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> leave(cluster, loop, node, output), "leave"));
        try {
            Thread.currentThread().join();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static void leave(Discovery cluster, ThreadEventLoop loop, Node node, Output output) {
        String id = cluster.self().id();
        loop.execute(node::stop);
        loop.close();
        cluster.close();
        output.say(new Event("left", id, Clock.system().now(), Map.of()));
    }
}
