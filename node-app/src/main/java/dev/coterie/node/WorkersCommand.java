package dev.coterie.node;

import dev.coterie.node.settings.UsageException;
import dev.coterie.node.value.DurationText;
import dev.coterie.workers.monitor.MonitorConfig;
import dev.coterie.workers.monitor.UrlCheck;
import dev.coterie.workers.supervisor.LogPolicy;
import dev.coterie.workers.supervisor.Readiness;
import dev.coterie.workers.supervisor.RecyclePolicy;
import dev.coterie.workers.supervisor.RestartPolicy;
import dev.coterie.workers.supervisor.RunningSupervisor;
import dev.coterie.workers.supervisor.RunningSupervisor.Status;
import dev.coterie.workers.supervisor.SupervisorConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code coterie workers}. */
@Command(
        name = "workers",
        description = "Runs worker processes on this host, or sees to those that run.",
        synopsisSubcommandLabel = "COMMAND")
final class WorkersCommand {

    private static final String PIDS = "The supervisor's folder of pid files.";
    private static final Duration LONGEST = Duration.ofDays(365);
    private static final String TIMEOUT = "How long to wait for it. Default: 60s.";

    @Spec
    private CommandSpec spec = CommandSpec.create();

    /** {@code coterie workers run}. */
    @Command(
            name = "run",
            description =
                    "Runs as many processes of a program as this machine has CPUs, and keeps them running, until it"
                            + " is ended: SIGTERM and Ctrl-C let them finish, SIGHUP replaces one after the other.")
    int run(
            @Parameters(
                            paramLabel = "COMMAND",
                            arity = "1..*",
                            description = "The program and its arguments, behind --.")
                    List<String> command,
            @Option(names = "--workers", paramLabel = "N", description = "How many. Default: as many as CPUs.")
                    @Nullable
                    Integer workers,
            @Option(
                            names = "--name",
                            paramLabel = "NAME",
                            defaultValue = "Worker",
                            description = "What people call them. Default: Worker.")
                    String name,
            @Option(
                            names = "--ready",
                            paramLabel = "WAY",
                            defaultValue = "port",
                            description =
                                    "How one shows that it is ready: it says so over its link (link), it takes connections on PORT (port), or it runs (start). Default: port.")
                    String ready,
            @Option(
                            names = "--ready-within",
                            paramLabel = "DURATION",
                            defaultValue = "60s",
                            description = "How long one has to be ready. Default: 60s.")
                    String readyWithin,
            @Option(
                            names = "--drain",
                            paramLabel = "DURATION",
                            defaultValue = "30s",
                            description = "How long one has to end. Default: 30s.")
                    String drain,
            @Option(
                            names = "--crashes",
                            paramLabel = "N",
                            defaultValue = "10",
                            description =
                                    "How often one may crash within --crash-window, before all is ended. Default: 10.")
                    int crashes,
            @Option(
                            names = "--crash-window",
                            paramLabel = "DURATION",
                            defaultValue = "60s",
                            description = "How long a crash is remembered. Default: 60s.")
                    String crashWindow,
            @Option(
                            names = "--recycle-connections",
                            paramLabel = "N",
                            defaultValue = "10000",
                            description =
                                    "After how many connections one is replaced, or up to half as many again. Default: 10000.")
                    long recycleConnections,
            @Option(
                            names = "--recycle-age",
                            paramLabel = "DURATION",
                            defaultValue = "24h",
                            description = "After how long one is replaced, or up to half as long again. Default: 24h.")
                    String recycleAge,
            @Option(names = "--pids", paramLabel = "FOLDER", description = PIDS + " Default: none.") @Nullable
                    Path pids,
            @Option(
                            names = "--logs",
                            paramLabel = "FOLDER",
                            description = "Where what they say goes. Default: to standard error.")
                    @Nullable
                    Path logs,
            @Option(
                            names = "--monitor-port",
                            paramLabel = "PORT",
                            defaultValue = "3001",
                            description = "Where GET /workers and GET /ecv answer, on 127.0.0.1. Default: 3001.")
                    int monitorPort,
            @Option(
                            names = "--check",
                            paramLabel = "URL",
                            description =
                                    "What must answer well for GET /ecv to say AVAILABLE. Default: a worker must be ready.")
                    @Nullable
                    String check,
            @Option(
                            names = "--control",
                            description = "Let POST /ecv/disable and /ecv/enable take this host out and in.")
                    boolean control,
            @Option(names = "--json", description = "Say everything as JSON, one object to a line.") boolean json) {
        SupervisorConfig.Builder config = SupervisorConfig.with()
                .command(command)
                .name(name)
                .readiness(readiness(ready))
                .readyWithin(duration("ready-within", readyWithin))
                .drain(duration("drain", drain));
        Duration window = duration("crash-window", crashWindow);
        Duration age = duration("recycle-age", recycleAge);
        Optional.ofNullable(workers).ifPresent(config::workers);
        Optional.ofNullable(pids).ifPresent(config::pids);
        Optional.ofNullable(logs).map(LogPolicy::in).ifPresent(config::logs);
        return Supervision.run(
                checked(() -> config.restart(RestartPolicy.within(crashes, window))
                        .recycle(RecyclePolicy.after(recycleConnections, age))
                        .build()),
                monitor(monitorPort, control, check),
                supervisor -> {},
                json);
    }

    private static MonitorConfig monitor(int port, boolean control, @Nullable String check) {
        MonitorConfig config = MonitorConfig.on(port).withControl(control);
        try {
            return check == null ? config : config.withCheck(UrlCheck.of(check));
        } catch (IllegalArgumentException malformed) {
            throw new UsageException("check: '" + check + "' will not do; " + malformed.getMessage());
        }
    }

    private static <T> T checked(Supplier<T> maker) {
        try {
            return maker.get();
        } catch (IllegalArgumentException refused) {
            throw new UsageException(String.valueOf(refused.getMessage()));
        }
    }

    private static Readiness readiness(String text) {
        try {
            return Readiness.valueOf(text.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException unknown) {
            throw new UsageException("ready: '" + text + "' will not do; choose one of link, port, start");
        }
    }

    static Duration duration(String field, String text) {
        Duration duration;
        try {
            duration = DurationText.parse(text);
        } catch (IllegalArgumentException malformed) {
            throw new UsageException(field + ": '" + text + "' will not do; " + malformed.getMessage());
        }
        if (duration.compareTo(LONGEST) > 0) {
            throw new UsageException(field + ": '" + text + "' will not do; choose at most " + DurationText.of(LONGEST)
                    + ", which is a year");
        }
        return duration;
    }

    /** {@code coterie workers status}. */
    @Command(name = "status", description = "Says which processes of a supervisor there are.")
    int status(
            @Option(names = "--pids", paramLabel = "FOLDER", required = true, description = PIDS) Path pids,
            @Option(names = "--json", description = "As JSON.") boolean json) {
        return with(pids, running -> {
            List<Status> all = new ArrayList<>(List.of(running.supervisor()));
            all.addAll(running.workers());
            for (Status one : all) {
                System.out.println(json ? json(one) : text(one));
            }
        });
    }

    private static String text(Status one) {
        return "%-24s %8d  %s".formatted(one.name(), one.pid(), one.runs() ? "runs" : "has ended");
    }

    private static String json(Status one) {
        return dev.coterie.workers.link.Json.text(
                new TreeMap<>(Map.of("name", one.name(), "pid", one.pid(), "runs", one.runs())));
    }

    /** {@code coterie workers stop}. */
    @Command(name = "stop", description = "Kills a supervisor and its workers.")
    int stop(
            @Option(names = "--pids", paramLabel = "FOLDER", required = true, description = PIDS) Path pids,
            @Option(names = "--timeout", paramLabel = "DURATION", defaultValue = "60s", description = TIMEOUT)
                    String timeout,
            @Option(names = "--json", description = "Say as JSON that it is done.") boolean json) {
        return with(pids, running -> {
            running.stop(duration("timeout", timeout));
            if (json) {
                System.out.println("{\"stopped\":true}");
            }
        });
    }

    /** {@code coterie workers shutdown}. */
    @Command(name = "shutdown", description = "Lets the workers of a supervisor finish, and ends it.")
    int shutdown(
            @Option(names = "--pids", paramLabel = "FOLDER", required = true, description = PIDS) Path pids,
            @Option(names = "--timeout", paramLabel = "DURATION", defaultValue = "60s", description = TIMEOUT)
                    String timeout,
            @Option(names = "--json", description = "Say as JSON that it is done.") boolean json) {
        return with(pids, running -> {
            running.shutdown(duration("timeout", timeout));
            if (json) {
                System.out.println("{\"ended\":true}");
            }
        });
    }

    /** {@code coterie workers restart}. */
    @Command(
            name = "restart",
            description = "Replaces the workers of a supervisor one after the other, and waits until all are.")
    int restart(
            @Option(names = "--pids", paramLabel = "FOLDER", required = true, description = PIDS) Path pids,
            @Option(names = "--timeout", paramLabel = "DURATION", defaultValue = "60s", description = TIMEOUT)
                    String timeout,
            @Option(names = "--json", description = "Say as JSON that it is done.") boolean json) {
        return with(pids, running -> {
            running.restart(duration("timeout", timeout));
            if (json) {
                System.out.println("{\"restarted\":true}");
            }
        });
    }

    /** What is done with a supervisor. */
    private interface Deed {
        void on(RunningSupervisor supervisor) throws IOException;
    }

    private int with(Path pids, Deed deed) {
        try {
            deed.on(RunningSupervisor.of(pids));
            return ExitCode.OK;
        } catch (IOException failure) {
            spec.commandLine().getErr().println("coterie workers: " + failure.getMessage());
            spec.commandLine().getErr().flush();
            return ExitCode.FAILED;
        }
    }
}
