package dev.coterie.node;

import dev.coterie.etcd.EtcdProcess;
import dev.coterie.node.bench.ChannelBench;
import dev.coterie.node.bench.MembershipBench;
import java.io.IOException;
import picocli.CommandLine.Command;

/** {@code coterie bench}. */
@Command(
        name = "bench",
        description = "Measures parts of the system on this machine.",
        synopsisSubcommandLabel = "PART")
final class BenchCommand {

    /** {@code coterie bench channels}. */
    @Command(
            name = "channels",
            description = "A link between two JVMs: messages of 100 bytes a second, and the way there and back at 500 a"
                    + " second.")
    int channels() throws IOException {
        ChannelBench.run(ChannelBench.Options.defaults(), System.out);
        return ExitCode.OK;
    }

    /** {@code coterie bench join}. */
    @Command(
            name = "join",
            description =
                    "From a node's start of joining to the callback of the last of 2 and of 20 watchers, on an etcd"
                            + " of its own with its data on disk.")
    int join() {
        try (EtcdProcess etcd = EtcdProcess.single()) {
            MembershipBench.join(etcd.endpoints(), 2, 100, System.out);
            MembershipBench.join(etcd.endpoints(), 20, 100, System.out);
        }
        return ExitCode.OK;
    }

    /** {@code coterie bench handover}. */
    @Command(
            name = "handover",
            description =
                    "From the start of the master's close() to the next one's promotion, among 3 nodes, on an etcd"
                            + " of its own with its data on disk.")
    int handover() {
        try (EtcdProcess etcd = EtcdProcess.single()) {
            MembershipBench.handover(etcd.endpoints(), 3, 100, System.out);
        }
        return ExitCode.OK;
    }
}
