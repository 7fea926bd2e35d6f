package dev.coterie.node;

import dev.coterie.cluster.Cluster;
import dev.coterie.cluster.ClusterConfig;
import dev.coterie.cluster.work.TaskFailed;
import dev.coterie.cluster.work.TaskInfo;
import dev.coterie.node.output.Event;
import dev.coterie.node.settings.UsageException;
import dev.coterie.node.value.DurationText;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;
import tools.jackson.databind.json.JsonMapper;

/** A command that joins the cluster for one question, as a member that never becomes master, and leaves again. */
final class Guest {

    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Duration CONNECT = Duration.ofSeconds(5);

    @Spec(Target.MIXEE)
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--etcd",
            paramLabel = "URL[,URL]",
            defaultValue = "${env:COTERIE_ETCD:-http://127.0.0.1:2379}",
            description = "Where etcd answers. Default: ${DEFAULT-VALUE}.")
    private String etcd = "";

    @Option(
            names = "--prefix",
            paramLabel = "PREFIX",
            defaultValue = "${env:COTERIE_PREFIX:-}",
            description = "What all keys in etcd begin with. Default: none.")
    private String prefix = "";

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            defaultValue = "30s",
            description = "How long to wait for the answer. Default: ${DEFAULT-VALUE}.")
    private String timeout = "";

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    /** Joins, asks, leaves. */
    <T> T ask(Function<Cluster, CompletionStage<T>> question) {
        Duration patience = duration("timeout", timeout);
        try (Cluster cluster = Cluster.join(config())) {
            return await(question.apply(cluster), patience);
        }
    }

    /** Joins, stays until something is told often enough, leaves. */
    void stay(Bound bound, Consumer<Cluster> listening) {
        try (Cluster cluster = Cluster.join(config())) {
            // So that Ctrl-C leaves as well: the others need not wait for the session to run out.
            Thread leave = new Thread(cluster::close, "leave");
            Runtime.getRuntime().addShutdownHook(leave);
            listening.accept(cluster);
            bound.await();
            Runtime.getRuntime().removeShutdownHook(leave);
        }
    }

    /** What all keys begin with. */
    String prefix() {
        return prefix;
    }

    boolean json() {
        return json;
    }

    private ClusterConfig config() {
        try {
            return ClusterConfig.of(etcd.split(",", -1))
                    .withPrefix(prefix)
                    .withName("guest")
                    .withPort(0)
                    .withEligible(false)
                    .withConnectTimeout(CONNECT)
                    .withTtl(Duration.ofSeconds(10))
                    .withRefresh(Duration.ofSeconds(4))
                    .validate();
        } catch (IllegalArgumentException refused) {
            throw new UsageException(String.valueOf(refused.getMessage()));
        }
    }

    private static <T> T await(CompletionStage<T> answer, Duration patience) {
        try {
            return answer.toCompletableFuture().get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException late) {
            throw new CommandFailed("there was no answer within " + patience.toSeconds()
                    + " s; see 'coterie explain task ID', or wait longer with --timeout");
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof TaskFailed known) {
                throw new CommandFailed(String.valueOf(known.getMessage()));
            }
            throw new IllegalStateException(failed.getCause());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new CommandFailed("interrupted");
        }
    }

    /** A duration that was given as a text. */
    static Duration duration(String field, String text) {
        return checked(() -> DurationText.parse(text), field + ": '" + text + "' will not do; ");
    }

    /** What the library refuses here was given on the command line. */
    static <T> T checked(Supplier<T> call) {
        return checked(call, "");
    }

    private static <T> T checked(Supplier<T> call, String before) {
        try {
            return call.get();
        } catch (IllegalArgumentException refused) {
            throw new UsageException(before + refused.getMessage());
        }
    }

    /** Prints an answer: as JSON if that was asked for, else as lines. */
    void print(Object answer, List<String> lines) {
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(JSON.writeValueAsString(answer));
        } else {
            lines.forEach(out::println);
        }
        out.flush();
    }

    /** A task or timer in a line. */
    static String line(TaskInfo task) {
        return String.format(
                        Locale.ROOT,
                        "%-24s %-16s %-10s %s  %s%s",
                        task.id(),
                        task.type(),
                        task.state(),
                        task.at(),
                        task.value().length() > 60 ? task.value().substring(0, 60) + "..." : task.value(),
                        task.member() == null ? "" : "  with " + Event.name(task.member()))
                .strip();
    }

    /** A task or timer in some lines. */
    static List<String> lines(TaskInfo task) {
        return Arrays.asList(
                "id       " + task.id(),
                "type     " + task.type(),
                "state    " + task.state(),
                "at       " + task.at(),
                "attempt  " + task.attempt(),
                "member   " + (task.member() == null ? "none" : Event.name(task.member())),
                "cause    " + (task.cause() == null ? "none" : task.cause()),
                "value    " + task.value());
    }

    /** Something that was asked for cannot be had; the message says what. */
    static final class CommandFailed extends RuntimeException {
        private static final long serialVersionUID = 1;

        CommandFailed(String message) {
            super(message);
        }
    }
}
