package dev.coterie.node;

import dev.coterie.cluster.Observer.Sight;
import dev.coterie.cluster.concurrent.Clock;
import dev.coterie.cluster.store.Change;
import dev.coterie.cluster.store.StoreException;
import dev.coterie.node.output.Event;
import dev.coterie.node.output.Output;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code coterie watch}: who is there, then who comes, who goes and who becomes master. */
@Command(
        name = "watch",
        description = "Shows who is there, then tells who comes, goes and becomes master, until Ctrl-C.",
        footer = {"", "Example:", "  coterie watch", "  coterie watch --json --count 1 --for 1m"})
final class WatchCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private Bound bound = new Bound();

    @Override
    public Integer call() {
        bound.check();
        try (Look look = new Look(spec)) {
            new Telling(look).start();
            bound.await();
            return ExitCode.OK;
        }
    }

    private final class Telling implements Following.Listener {

        private final Look look;
        private final Output output;
        private final KeyStory story;

        Telling(Look look) {
            this.look = look;
            this.output = look.stream();
            this.story = new KeyStory(look.prefix());
        }

        void start() {
            Sight sight = look.observer().look();
            Instant now = Clock.system().now();
            if (look.json()) {
                output.say(new Event(
                        "view", "watch", now, MembersCommand.json(sight).map()));
            } else {
                look.print(Fields.NONE, MembersCommand.table(sight, now));
            }
            var unused = story.present(sight);
            new Following(
                            look.observer().store(),
                            look.observer().loop(),
                            look.prefix(),
                            sight.members().revision() + 1,
                            this)
                    .start();
        }

        @Override
        public void changed(long revision, List<Change> changes) {
            for (Change change : changes) {
                story.of(change).forEach(told -> tell(change.revision(), told));
            }
        }

        /** Reading again shows what the changes that are lost have led to. */
        @Override
        public void forgotten(long before) {
            look.observer()
                    .loop()
                    .then(
                            look.observer().sight(),
                            sight -> story.present(sight)
                                    .forEach(told -> tell(sight.members().revision(), told)),
                            failure -> {});
        }

        @Override
        public void failed(StoreException cause) {
            bound.fail(cause);
        }

        private void tell(long revision, KeyStory.Told told) {
            if (told.kind().equals("member") || told.kind().equals("master")) {
                Fields fields = told.fields().and("revision", revision);
                bound.tell(
                        output, new Event(told.event(), "watch", Clock.system().now(), fields.map()), told.words());
            }
        }
    }
}
