package dev.coterie.node;

import dev.coterie.etcd.EtcdProcess;
import dev.coterie.node.bench.BalanceBench;
import dev.coterie.node.bench.ChannelBench;
import dev.coterie.node.bench.FailoverBench;
import dev.coterie.node.bench.MembershipBench;
import dev.coterie.node.bench.RestBench;
import dev.coterie.node.bench.StartupBench;
import dev.coterie.node.bench.TasksBench;
import dev.coterie.node.bench.TimersBench;
import dev.coterie.node.settings.UsageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.json.JsonMapper;

/** {@code coterie bench}. */
@Command(
        name = "bench",
        description = "Measures parts of the system on this machine.",
        synopsisSubcommandLabel = "PART")
final class BenchCommand {

    private static final String JSON = "Print the figures as JSON in the last line.";

    /** {@code coterie bench channels}. */
    @Command(
            name = "channels",
            description = "A link between two JVMs: messages of 100 bytes a second, and the way there and back at 500 a"
                    + " second.")
    int channels(@Option(names = "--json", description = JSON) boolean json) throws IOException {
        figures(ChannelBench.run(ChannelBench.Options.defaults(), System.out).figures(), json);
        return ExitCode.OK;
    }

    /** {@code coterie bench balance}. */
    @Command(
            name = "balance",
            description =
                    "A supervisor's memory and how soon it restarts a worker; datagrams through the balancer, beside"
                            + " the original in Node.js; HTTP through the proxy, beside nginx.")
    int balance(@Option(names = "--json", description = JSON) boolean json) throws IOException {
        figures(BalanceBench.run(originals(), System.out), json);
        return ExitCode.OK;
    }

    /** Where the systems are that are measured beside this one: in a checkout, not in a distribution. */
    private static Path originals() {
        Path folder = Path.of(System.getProperty("coterie.home", ""), "bench", "originals");
        if (!Files.isRegularFile(folder.resolve("balancer.js"))) {
            throw new Guest.CommandFailed("balance: what it measures with is in a checkout, and there is no '" + folder
                    + "'; run it by the launcher of a checkout, ./coterie bench balance");
        }
        return folder;
    }

    /** {@code coterie bench join}. */
    @Command(
            name = "join",
            description =
                    "From a node's start of joining to the callback of the last of 2 and of 20 watchers, on an etcd"
                            + " of its own with its data on disk.")
    int join(@Option(names = "--json", description = JSON) boolean json) {
        Map<String, Object> figures = new LinkedHashMap<>();
        try (EtcdProcess etcd = EtcdProcess.single()) {
            figures.putAll(MembershipBench.join(etcd.endpoints(), 2, 100, System.out));
            figures.putAll(MembershipBench.join(etcd.endpoints(), 20, 100, System.out));
        }
        figures(figures, json);
        return ExitCode.OK;
    }

    /** {@code coterie bench tasks}. */
    @Command(
            name = "tasks",
            description = "Tasks of 100 bytes from one process, done by two others, on an etcd of its own with its data"
                    + " on disk: how many a second, how long one takes, and the same with a key for each task.")
    int tasks(@Option(names = "--json", description = JSON) boolean json) throws IOException {
        try (EtcdProcess etcd = EtcdProcess.single()) {
            figures(TasksBench.run(etcd.endpoints(), TasksBench.Options.defaults(), System.out), json);
        }
        return ExitCode.OK;
    }

    /** {@code coterie bench timers}. */
    @Command(
            name = "timers",
            description = "A million timers pending, on an etcd of its own with its data on disk: how many are set a"
                    + " second, what they take, how soon a new master has them, and how late they fire.")
    int timers(@Option(names = "--json", description = JSON) boolean json) {
        try (EtcdProcess etcd = EtcdProcess.single()) {
            figures(TimersBench.run(etcd.endpoints(), TimersBench.Options.defaults(), System.out), json);
        }
        return ExitCode.OK;
    }

    private static void figures(Map<String, Object> figures, boolean json) {
        if (json) {
            System.out.println(JsonMapper.builder().build().writeValueAsString(figures));
        }
    }

    /** {@code coterie bench startup}. */
    @Command(
            name = "startup",
            description = "How long short commands take, tuned as the launcher does it and as Java does by itself.")
    int startup(
            @Option(names = "--rounds", paramLabel = "N", defaultValue = "15", description = "How often each is run.")
                    int rounds,
            @Option(names = "--json", description = JSON) boolean json)
            throws IOException {
        String tuning = System.getProperty("coterie.tuning", "");
        if (tuning.isEmpty()) {
            throw new Guest.CommandFailed("startup: nobody said what the launcher's flags are; run it by the launcher");
        }
        if (rounds < 1) {
            throw new UsageException("rounds: '" + rounds + "' will not do; choose at least 1");
        }
        figures(new StartupBench(List.of(tuning.split(" ", -1)), rounds, System.out).run(), json);
        return ExitCode.OK;
    }

    /** {@code coterie bench handover}. */
    @Command(
            name = "handover",
            description =
                    "From the start of the master's close() to the next one's promotion, among 3 nodes, on an etcd"
                            + " of its own with its data on disk.")
    int handover(@Option(names = "--json", description = JSON) boolean json) {
        try (EtcdProcess etcd = EtcdProcess.single()) {
            figures(MembershipBench.handover(etcd.endpoints(), 3, 50, System.out), json);
        }
        return ExitCode.OK;
    }

    /** {@code coterie bench rest}. */
    @Command(
            name = "rest",
            description =
                    "What a cluster of 3, 30 and 300 nodes takes while nothing happens: links, bytes, processor time;"
                            + " on an etcd of its own with its data on disk.")
    int rest(@Option(names = "--json", description = JSON) boolean json) throws IOException {
        Map<String, Object> figures = new LinkedHashMap<>();
        try (EtcdProcess etcd = EtcdProcess.single()) {
            for (int nodes : new int[] {3, 30, 300}) {
                figures.put(nodes + " nodes", RestBench.run(etcd.endpoints(), nodes, System.out));
            }
        }
        figures(figures, json);
        return ExitCode.OK;
    }

    /** {@code coterie bench failover}. */
    @Command(
            name = "failover",
            description =
                    "From the signal that kills or freezes one of 3 node processes to the line in which another says"
                            + " that it goes on without it, on an etcd of its own with its data on disk.")
    int failover(
            @Option(names = "--rounds", paramLabel = "N", description = "How many of each; 50 unless said otherwise.")
                    @Nullable
                    Integer rounds,
            @Option(
                            names = "--mode",
                            paramLabel = "MODE",
                            description = "One of ${COMPLETION-CANDIDATES}; all unless said.")
                    FailoverBench.@Nullable Mode only,
            @Option(names = "--json", description = JSON) boolean json)
            throws IOException {
        Map<String, Object> figures = new LinkedHashMap<>();
        try (EtcdProcess etcd = EtcdProcess.single()) {
            List<FailoverBench.Mode> modes = only == null ? List.of(FailoverBench.Mode.values()) : List.of(only);
            for (FailoverBench.Mode mode : modes) {
                figures.put(
                        mode.name(),
                        FailoverBench.run(etcd.endpoints(), mode, rounds == null ? 50 : rounds, System.out));
            }
        }
        figures(figures, json);
        return ExitCode.OK;
    }
}
