package dev.coterie.node;

import dev.coterie.cluster.Cluster;
import dev.coterie.cluster.concurrent.Clock;
import dev.coterie.cluster.discovery.Member;
import dev.coterie.node.output.Event;
import dev.coterie.node.output.Output;
import dev.coterie.node.output.Palette;
import dev.coterie.node.output.Table;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code coterie join}. */
@Command(
        name = "join",
        description =
                "Joins a channel and prints what is sent on it, as a member that never becomes master, until Ctrl-C.",
        footer = {"", "Example:", "  coterie join results", "  coterie join orders --json --count 10 --for 1m"})
final class JoinCommand implements Callable<Integer> {

    @Mixin
    private Guest guest = new Guest();

    @Mixin
    private Bound bound = new Bound();

    @Parameters(index = "0", paramLabel = "CHANNEL", description = "Its name.")
    private String channel = "";

    @Override
    public Integer call() {
        bound.check();
        Palette palette = Palette.of(System.getenv());
        Output output =
                new Output(System.out, guest.json(), palette, event -> palette.paint(0, Event.name(event.node())));
        guest.stay(bound, cluster -> listen(cluster, output));
        return ExitCode.OK;
    }

    private void listen(Cluster cluster, Output output) {
        try {
            Guest.checked(() -> cluster.channels()
                            .join(channel, byte[].class, (payload, from) -> tell(output, payload, from)))
                    .toCompletableFuture()
                    .join();
        } catch (CompletionException failure) {
            throw failure.getCause() instanceof RuntimeException known ? known : failure;
        }
        System.err.println("coterie join: has joined " + channel + "; Ctrl-C ends it");
    }

    private void tell(Output output, byte[] payload, Member from) {
        String text = new String(payload, StandardCharsets.UTF_8);
        Fields fields = Fields.NONE.and("channel", channel).and("message", TasksCommand.json(text));
        bound.tell(output, new Event("message", from.id(), Clock.system().now(), fields.map()), Table.printable(text));
    }
}
