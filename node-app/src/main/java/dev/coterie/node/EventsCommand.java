package dev.coterie.node;

import dev.coterie.cluster.Observer.Sight;
import dev.coterie.cluster.concurrent.Clock;
import dev.coterie.cluster.store.Change;
import dev.coterie.cluster.store.StoreException;
import dev.coterie.node.output.Event;
import dev.coterie.node.output.Output;
import dev.coterie.node.settings.UsageException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code coterie events}: everything that happened, by etcd's revisions. */
@Command(
        name = "events",
        description =
                "Tells what happens in the cluster, as etcd has it, until Ctrl-C: members, masters, channels, tasks,"
                        + " timers and other keys.",
        footer = {
            "",
            "Example:",
            "  coterie events                              what happens from now on",
            "  coterie events --from 1 --past              all that etcd still knows",
            "  coterie events --kind master,member --json  for programs"
        })
final class EventsCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private Bound bound = new Bound();

    @Option(
            names = "--from",
            paramLabel = "REVISION",
            description = "Begin at this revision of etcd, or the oldest after it that it still has. Default: now.")
    private @Nullable Long from;

    @Option(names = "--past", description = "End when all is told that has happened already.")
    private boolean past;

    @Option(
            names = "--kind",
            split = ",",
            paramLabel = "KIND",
            completionCandidates = Kinds.class,
            description = "Only those: ${COMPLETION-CANDIDATES}, with commas between them. Default: all.")
    private List<String> kinds = KeyStory.KINDS;

    /** For completion and help. */
    static final class Kinds implements Iterable<String> {
        @Override
        public java.util.Iterator<String> iterator() {
            return KeyStory.KINDS.iterator();
        }
    }

    @Override
    public Integer call() {
        bound.check();
        check();
        try (Look look = new Look(spec)) {
            Sight sight = look.observer().look();
            long now = sight.members().revision();
            long begin = from == null ? now + 1 : from;
            if (!past || begin <= now) {
                // Of a prefix alone, nobody would say that nothing more of the past is to come.
                String prefix = past ? "" : look.prefix();
                Telling telling = new Telling(look, past ? now : Long.MAX_VALUE);
                if (begin > now) {
                    var unused = telling.story.present(sight);
                }
                new Following(look.observer().store(), look.observer().loop(), prefix, begin, telling).start();
                bound.await();
            }
            return ExitCode.OK;
        }
    }

    private void check() {
        if (from != null && from < 1) {
            throw new UsageException("from: '" + from + "' will not do; choose 1 for the oldest there is, or more");
        }
        for (String kind : kinds) {
            if (!KeyStory.KINDS.contains(kind)) {
                throw new UsageException(
                        "kind: '" + kind + "' will not do; choose of " + String.join(", ", KeyStory.KINDS));
            }
        }
    }

    private final class Telling implements Following.Listener {

        private final Output output;
        private final KeyStory story;
        private final long until;

        Telling(Look look, long until) {
            this.output = look.stream();
            this.story = new KeyStory(look.prefix());
            this.until = until;
        }

        @Override
        public void changed(long revision, List<Change> changes) {
            for (Change change : changes) {
                story.of(change).stream()
                        .filter(told -> kinds.contains(told.kind()) && change.revision() <= until)
                        .forEach(told ->
                                tell(told.event(), told.fields().and("revision", change.revision()), told.words()));
            }
            if (revision >= until) {
                bound.enough();
            }
        }

        @Override
        public void forgotten(long before) {
            tell(
                    "forgotten",
                    Fields.NONE.and("revision", before),
                    "etcd has forgotten what happened before revision " + before);
        }

        @Override
        public void failed(StoreException cause) {
            bound.fail(cause);
        }

        private void tell(String event, Fields fields, String words) {
            Map<String, Object> all = fields.map();
            bound.tell(output, new Event(event, "events", Clock.system().now(), all), words);
        }
    }
}
