package dev.coterie.node;

import dev.coterie.cluster.Cluster;
import dev.coterie.cluster.ClusterConfig;
import dev.coterie.cluster.concurrent.Clock;
import dev.coterie.cluster.concurrent.ThreadEventLoop;
import dev.coterie.cluster.discovery.Discovery;
import dev.coterie.cluster.discovery.DiscoveryEvent;
import dev.coterie.cluster.discovery.Mastership;
import dev.coterie.cluster.lan.LanConfig;
import dev.coterie.cluster.lan.LanDiscovery;
import dev.coterie.node.console.Console;
import dev.coterie.node.console.ConsoleConfig;
import dev.coterie.node.console.WebServer;
import dev.coterie.node.metrics.Metrics;
import dev.coterie.node.output.Event;
import dev.coterie.node.output.Output;
import dev.coterie.node.output.Palette;
import dev.coterie.node.settings.Configuration;
import dev.coterie.node.settings.Settings;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.function.Supplier;
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
        Logging.set(settings.get(Settings.LOG), settings.get(Settings.VERBOSE));
        Metrics metrics = new Metrics();
        Supplier<Discovery> start = start(settings, metrics);
        Optional<ConsoleConfig> console = NodeConfig.console(settings);
        if (showConfig) {
            spec.commandLine().getOut().print(settings.show());
            spec.commandLine().getOut().flush();
            return ExitCode.OK;
        }
        Palette palette = Palette.of(System.getenv());
        Output output = new Output(
                System.out, settings.get(Settings.JSON), palette, event -> palette.paint(0, Event.name(event.node())));
        // Before the node joins: a port that is taken should be told at once.
        Optional<WebServer> web = console.map(WebServer::new);
        run(start.get(), settings, output, web, metrics);
        return ExitCode.OK;
    }

    /** How it will join; what was set is checked now. */
    private Supplier<Discovery> start(Configuration settings, Metrics metrics) {
        if (LanNode.isWanted(settings)) {
            LanConfig config = LanNode.config(settings);
            return () -> LanDiscovery.join(config);
        }
        ClusterConfig config = NodeConfig.cluster(settings).withMeter(metrics);
        return () -> join.apply(config);
    }

    /** Runs until the process is told to end. */
    private static void run(
            Discovery cluster, Configuration settings, Output output, Optional<WebServer> web, Metrics metrics) {
        LogEncoder.of(() -> new LogEncoder.Whose(
                cluster.self().name(),
                cluster.mastership().map(Mastership::term).orElse(0L)));
        if (cluster instanceof Cluster durable) {
            // For 'coterie tasks submit multiply 14'.
            var unused = durable.tasks().handle("multiply", Long.class, number -> 3 * number);
        }
        ThreadEventLoop loop = new ThreadEventLoop("node");
        Node node = new Node(cluster, loop, NodeConfig.pipeline(settings), event -> {
            metrics.happened(event.event());
            output.say(event);
        });
        Optional<Console> console = web.map(server -> console(cluster, settings, server));
        console.ifPresent(node::show);
        loop.execute(node::start);
        cluster.on(DiscoveryEvent.Init.class, init -> Readiness.tell());
        NodeServices services = new NodeServices(
                cluster,
                settings.get(Settings.OFFERS),
                settings.get(Settings.NEEDS),
                event -> loop.execute(() -> node.tell(event)));
        if (cluster instanceof Cluster onEtcd) {
            onEtcd.explains("service", services::explain);
        } else if (cluster instanceof LanDiscovery onLan) {
            onLan.explains("service", services::explain);
        }
        web.ifPresent(server -> {
            Monitoring.add(server, metrics, cluster, loop);
            server.start();
            output.say(new Event("console", cluster.self().id(), Clock.system().now(), Map.of("url", server.url())));
        });
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            console.ifPresent(Console::close);
                            web.ifPresent(WebServer::close);
                            leave(cluster, services, loop, node, output);
                        },
                        "leave"));
        try {
            Thread.currentThread().join();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static Console console(Discovery cluster, Configuration settings, WebServer server) {
        return new Console(
                cluster,
                cluster instanceof Cluster ? Optional.of(NodeConfig.observer(settings)) : Optional.empty(),
                server);
    }

    private static void leave(
            Discovery cluster, NodeServices services, ThreadEventLoop loop, Node node, Output output) {
        String id = cluster.self().id();
        services.close();
        loop.execute(node::stop);
        loop.close();
        cluster.close();
        output.say(new Event("left", id, Clock.system().now(), Map.of()));
    }
}
