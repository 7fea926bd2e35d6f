package dev.coterie.node;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import dev.coterie.cluster.Cluster;
import dev.coterie.cluster.channel.LinkChannels;
import dev.coterie.cluster.discovery.Channels.Sent;
import dev.coterie.cluster.store.Range;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code coterie send}. */
@Command(
        name = "send",
        description = "Sends a message on a channel to all that have joined it, as a member for as long as it takes.",
        footer = {"", "Example:", "  coterie send greetings hello", "  coterie send orders '{\"id\":17}' --json"})
final class SendCommand implements Callable<Integer> {

    private static final Duration AGAIN = Duration.ofMillis(20);
    private static final Duration ROOM = Duration.ofSeconds(5);

    @Mixin
    private Guest guest = new Guest();

    @Parameters(index = "0", paramLabel = "CHANNEL", description = "Its name.")
    private String channel = "";

    @Parameters(index = "1", paramLabel = "MESSAGE", description = "JSON; anything else is taken as a text.")
    private String message = "";

    @Override
    public Integer call() {
        Sent sent = guest.ask(this::send);
        if (sent.queued() + sent.missed() == 0) {
            throw new Guest.CommandFailed("channel: nobody hears '" + channel + "'; the message went to no one");
        }
        guest.print(
                Fields.NONE
                        .and("channel", channel)
                        .and("sent", sent.queued())
                        .and("missed", sent.missed())
                        .map(),
                List.of("sent to " + sent.queued() + (sent.missed() == 0 ? "" : ", missed by " + sent.missed())));
        return sent.missed() == 0 ? ExitCode.OK : ExitCode.FAILED;
    }

    /** A member just now may not know yet who hears a channel; etcd does. */
    private CompletionStage<Sent> send(Cluster cluster) {
        Sent first = Guest.checked(() -> cluster.channels().send(channel, TasksCommand.json(message), ROOM));
        if (first.queued() + first.missed() > 0) {
            return CompletableFuture.completedFuture(first);
        }
        return cluster.store()
                .range(Range.prefix(guest.prefix() + LinkChannels.DIRECTORY + channel + "/")
                        .limit(1))
                .thenCompose(page -> page.entries().isEmpty()
                        ? CompletableFuture.completedFuture(first)
                        : CompletableFuture.supplyAsync(
                                        () -> cluster,
                                        CompletableFuture.delayedExecutor(AGAIN.toMillis(), MILLISECONDS))
                                .thenCompose(this::send));
    }
}
