package dev.coterie.node;

import dev.coterie.cluster.concurrent.Clock;
import dev.coterie.cluster.store.Change;
import dev.coterie.cluster.store.Entry;
import dev.coterie.cluster.store.KeyValueStore.Page;
import dev.coterie.cluster.store.KeyValueStore.TimeLeft;
import dev.coterie.cluster.store.Lease;
import dev.coterie.cluster.store.Range;
import dev.coterie.cluster.store.StoreException;
import dev.coterie.node.output.Event;
import dev.coterie.node.output.Output;
import dev.coterie.node.output.Table;
import dev.coterie.node.settings.UsageException;
import dev.coterie.node.value.DurationText;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code coterie keys}: what is in etcd, below the prefix. */
@Command(
        name = "keys",
        description = "Looks at keys in etcd, below the prefix; changes none.",
        synopsisSubcommandLabel = "WHAT",
        footer = {
            "",
            "Example:",
            "  coterie keys list services/         the members' keys",
            "  coterie keys get masters/0          a key's value",
            "  coterie keys history masters/0      what it was, as far back as etcd knows",
            "  coterie keys watch                  every change of every key"
        })
final class KeysCommand {

    private static final int PREVIEW = 200;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    /** {@code coterie keys list}. */
    @Command(
            name = "list",
            description = "Lists the keys that begin with something.",
            footer = {"", "Example:", "  coterie keys list channels/"})
    int list(
            @Parameters(paramLabel = "PREFIX", arity = "0..1", defaultValue = "", description = "What they begin with.")
                    String beginning,
            @Option(
                            names = "--limit",
                            paramLabel = "N",
                            defaultValue = "1000",
                            description = "How many at most. Default: ${DEFAULT-VALUE}.")
                    int limit) {
        if (limit < 1) {
            throw new UsageException("limit: '" + limit + "' will not do; choose at least 1");
        }
        try (Look look = look("list")) {
            Page page = read(look, Range.prefix(look.prefix() + beginning).limit(limit));
            Map<Long, TimeLeft> left = left(look, page.entries());
            Table table = new Table("KEY", "CREATED", "MODIFIED", "VERSION", "LEASE", "LEFT", "BYTES", "VALUE");
            page.entries()
                    .forEach(entry -> table.row(
                            entry.key(),
                            entry.createRevision(),
                            entry.modRevision(),
                            entry.version(),
                            lease(entry),
                            Optional.ofNullable(left.get(entry.lease()))
                                    .map(time -> DurationText.of(time.left()))
                                    .orElse(""),
                            entry.value().length,
                            preview(entry)));
            List<String> lines = new ArrayList<>(table.lines(Table.width(System.getenv())));
            if (page.more()) {
                lines.add("there are more: --limit");
            }
            look.print(
                    Fields.NONE
                            .and("revision", page.revision())
                            .and(
                                    "keys",
                                    page.entries().stream()
                                            .map(one -> json(one, left.get(one.lease()))
                                                    .map())
                                            .toList())
                            .and("more", page.more()),
                    lines);
            return ExitCode.OK;
        }
    }

    /** {@code coterie keys get}. */
    @Command(
            name = "get",
            description = "Prints a key's value as it is; with --json all there is to say of it.",
            footer = {"", "Example:", "  coterie keys get masters/0", "  coterie keys get masters/0 --at 42"})
    int get(
            @Parameters(paramLabel = "KEY", description = "Its name, below the prefix.") String key,
            @Option(
                            names = "--at",
                            paramLabel = "REVISION",
                            defaultValue = "0",
                            description = "As it was at a revision of etcd. Default: as it is now.")
                    long at) {
        if (at < 0) {
            throw new UsageException("at: '" + at + "' will not do; choose 1 or more, or leave it out");
        }
        try (Look look = look("get")) {
            Page page = read(look, Range.key(look.prefix() + key).at(at));
            if (page.entries().isEmpty()) {
                throw new Guest.CommandFailed(
                        "key: '" + look.prefix() + key + "' is not there; see 'coterie keys list'");
            }
            Entry entry = page.entries().get(0);
            TimeLeft left = look.json() ? left(look, List.of(entry)).get(entry.lease()) : null;
            look.print(json(entry, left), List.of(entry.text()));
            return ExitCode.OK;
        }
    }

    /** {@code coterie keys history}. */
    @Command(
            name = "history",
            description = "Shows what a key was and when it was deleted, as far back as etcd knows.",
            footer = {"", "Example:", "  coterie keys history masters/0"})
    int history(@Parameters(paramLabel = "KEY", description = "Its name, below the prefix.") String key) {
        try (Look look = look("history")) {
            String name = look.prefix() + key;
            List<Change> changes = new KeyHistory(look, name).read();
            Table table = new Table("REVISION", "WHAT", "VERSION", "LEASE", "VALUE");
            List<Object> json = new ArrayList<>();
            for (Change change : changes) {
                json.add(json(change).map());
                if (change instanceof Change.Written written) {
                    Entry entry = written.entry();
                    table.row(
                            change.revision(),
                            entry.version() == 1 ? "created" : "written",
                            entry.version(),
                            lease(entry),
                            preview(entry));
                } else {
                    table.row(change.revision(), "deleted", "", "", "");
                }
            }
            if (changes.isEmpty()) {
                throw new Guest.CommandFailed("key: etcd knows nothing of '" + name + "'; see 'coterie keys list'");
            }
            look.print(Fields.NONE.and("key", name).and("history", json), table);
            return ExitCode.OK;
        }
    }

    /** {@code coterie keys watch}. */
    @Command(
            name = "watch",
            description = "Tells every change of the keys that begin with something, until Ctrl-C.",
            footer = {"", "Example:", "  coterie keys watch masters/ --json", "  coterie keys watch --count 1 --for 10s"
            })
    int watch(
            @Mixin Bound bound,
            @Parameters(paramLabel = "PREFIX", arity = "0..1", defaultValue = "", description = "What they begin with.")
                    String beginning) {
        bound.check();
        try (Look look = look("watch")) {
            Output output = look.stream();
            String prefix = look.prefix() + beginning;
            long now = read(look, Range.prefix(prefix).limit(1)).revision();
            new Following(look.observer().store(), look.observer().loop(), prefix, now + 1, new Following.Listener() {
                        @Override
                        public void changed(long revision, List<Change> changes) {
                            changes.forEach(change -> tell(bound, output, json(change), words(change)));
                        }

                        @Override
                        public void forgotten(long before) {
                            Fields fields = Fields.NONE.and("what", "forgotten").and("revision", before);
                            tell(bound, output, fields, "etcd has forgotten what happened before");
                        }

                        @Override
                        public void failed(StoreException cause) {
                            bound.fail(cause);
                        }
                    })
                    .start();
            bound.await();
            return ExitCode.OK;
        }
    }

    private static void tell(Bound bound, Output output, Fields fields, String words) {
        bound.tell(output, new Event("key", "watch", Clock.system().now(), fields.map()), words);
    }

    private Look look(String name) {
        CommandLine command = Objects.requireNonNull(spec.subcommands().get(name), name);
        return new Look(command.getCommandSpec());
    }

    private static Page read(Look look, Range range) {
        try {
            return look.observer().store().range(range).join();
        } catch (CompletionException failure) {
            throw failure(failure);
        }
    }

    /** How long the leases on which keys hang have left; without those that are gone, as their keys will be. */
    private static Map<Long, TimeLeft> left(Look look, List<Entry> entries) {
        Map<Long, CompletableFuture<TimeLeft>> asked = new LinkedHashMap<>();
        entries.stream()
                .map(Entry::lease)
                .filter(lease -> lease != Lease.NONE)
                .forEach(lease -> asked.computeIfAbsent(lease, look.observer().store()::timeLeft));
        Map<Long, TimeLeft> left = new HashMap<>();
        asked.forEach((lease, answer) -> {
            try {
                left.put(lease, answer.join());
            } catch (CompletionException gone) {
                if (!(gone.getCause() instanceof StoreException known)
                        || known.kind() != StoreException.Kind.LEASE_NOT_FOUND) {
                    throw failure(gone);
                }
            }
        });
        return left;
    }

    private static RuntimeException failure(CompletionException failure) {
        return failure.getCause() instanceof StoreException known ? known : failure;
    }

    private static String words(Change change) {
        return change instanceof Change.Written written
                ? change.key() + " = " + preview(written.entry())
                : change.key() + " deleted";
    }

    private static Fields json(Change change) {
        Fields fields = Fields.NONE
                .and("what", change instanceof Change.Written ? "put" : "deleted")
                .and("revision", change.revision());
        return change instanceof Change.Written written
                ? fields.and(json(written.entry()))
                : fields.and("key", change.key());
    }

    private static Fields json(Entry entry, @Nullable TimeLeft left) {
        return left == null
                ? json(entry)
                : json(entry)
                        .and("left", left.left().toSeconds())
                        .and("granted", left.granted().toSeconds());
    }

    private static Fields json(Entry entry) {
        return Fields.NONE
                .and("key", entry.key())
                .and("value", entry.text())
                .and("created", entry.createRevision())
                .and("modified", entry.modRevision())
                .and("version", entry.version())
                .and("lease", lease(entry));
    }

    /** As etcdctl writes it. */
    private static String lease(Entry entry) {
        return entry.lease() == Lease.NONE ? "" : Long.toHexString(entry.lease());
    }

    private static String preview(Entry entry) {
        return Table.fit(Table.printable(entry.text().strip()), PREVIEW);
    }
}
