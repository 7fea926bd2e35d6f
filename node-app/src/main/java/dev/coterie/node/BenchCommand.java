package dev.coterie.node;

import dev.coterie.node.bench.ChannelBench;
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
}
