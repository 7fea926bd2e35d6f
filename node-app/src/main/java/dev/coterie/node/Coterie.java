package dev.coterie.node;

import dev.coterie.cluster.Cluster;
import dev.coterie.cluster.ClusterConfig;
import dev.coterie.cluster.discovery.Discovery;
import dev.coterie.node.settings.Setting;
import dev.coterie.node.settings.Settings;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** The command line. */
@Command(
        name = "coterie",
        description = "Lets a group of JVM processes act as one, with etcd as the only server they need.",
        mixinStandardHelpOptions = true,
        scope = ScopeType.INHERIT,
        versionProvider = Coterie.Version.class,
        synopsisSubcommandLabel = "COMMAND",
        footer = {
            "",
            "Exit status: 0 done, 2 a setting will not do, 3 etcd, 4 the port is taken, 5 workers crash, 1 anything"
                    + " else."
        })
public final class Coterie implements Runnable {

    /** Need no command line at all, which takes longer to make than Java to start. */
    private static final Set<String> ALONE = Set.of("-V", "--version");

    /** Say something of every other command. */
    private static final Set<String> NEEDS_ALL = Set.of("help", "completion");

    @Spec
    private CommandSpec spec = CommandSpec.create();

    private Coterie() {}

    /** Runs a command and exits with its status. */
    public static void main(String[] args) {
        System.exit(execute(args));
    }

    /** Runs a command; the status to exit with. */
    static int execute(String... args) {
        if (args.length == 1 && ALONE.contains(args[0])) {
            System.out.println(Version.text());
            return ExitCode.OK;
        }
        return commandLine(Cluster::join, args.length == 0 ? "" : args[0]).execute(args);
    }

    /** With all commands. */
    static CommandLine commandLine(Function<ClusterConfig, Discovery> join) {
        return commandLine(join, "");
    }

    /**
     * With the command that is asked for alone, since making one takes its time; with all of them if something else is
     * asked for, such as help.
     */
    private static CommandLine commandLine(Function<ClusterConfig, Discovery> join, String first) {
        CommandLine line = new CommandLine(new Coterie());
        Map<String, Supplier<CommandLine>> commands = commands(join);
        boolean one = commands.containsKey(first) && !NEEDS_ALL.contains(first);
        commands.forEach((name, command) -> {
            if (!one || name.equals(first)) {
                line.addSubcommand(command.get());
            }
        });
        Examples.add(line.getCommandSpec());
        line.setParameterExceptionHandler(Coterie::refuse);
        line.setExecutionExceptionHandler((failure, command, parsed) -> explain(failure, command));
        line.setUsageHelpAutoWidth(true);
        return line;
    }

    /** In the order in which help shows them. */
    private static Map<String, Supplier<CommandLine>> commands(Function<ClusterConfig, Discovery> join) {
        Map<String, Supplier<CommandLine>> commands = new LinkedHashMap<>();
        commands.put("demo", () -> with(new DemoCommand(), Settings.DEMO));
        commands.put("node", () -> with(new NodeCommand(join), Settings.NODE));
        commands.put("members", () -> Look.command(new MembersCommand()));
        commands.put("masters", () -> Look.command(new MastersCommand()));
        commands.put("services", () -> Look.command(new ServicesCommand()));
        commands.put("watch", () -> Look.command(new WatchCommand()));
        commands.put("send", () -> new CommandLine(new SendCommand()));
        commands.put("join", () -> new CommandLine(new JoinCommand()));
        commands.put("tasks", () -> new CommandLine(new TasksCommand()));
        commands.put("timers", () -> new CommandLine(new TimersCommand()));
        commands.put("balance", BalanceCommand::commandLine);
        commands.put("workers", () -> new CommandLine(new WorkersCommand()));
        commands.put("keys", () -> Look.command(new KeysCommand()));
        commands.put("explain", () -> with(new ExplainCommand(), Settings.EXPLAIN));
        commands.put("events", () -> Look.command(new EventsCommand()));
        commands.put("bench", () -> new CommandLine(new BenchCommand()));
        commands.put("doctor", () -> with(new DoctorCommand(), Settings.DOCTOR));
        commands.put("completion", () -> new CommandLine(new CompletionCommand()));
        commands.put("archive", () -> new CommandLine(new ArchiveCommand()));
        commands.put("etcd", () -> new CommandLine(new EtcdCommand()));
        commands.put("help", () -> new CommandLine(new CommandLine.HelpCommand()));
        return commands;
    }

    private static CommandLine with(Object command, List<Setting<?>> settings) {
        CommandLine line = new CommandLine(command);
        Flags.add(line.getCommandSpec(), settings);
        return line;
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "command: none was given; choose one, such as demo");
    }

    /** The command line itself makes no sense. */
    private static int refuse(ParameterException refused, String[] args) {
        CommandLine command = refused.getCommandLine();
        String message = refused.getMessage();
        if (refused instanceof UnmatchedArgumentException unmatched) {
            String argument = unmatched.getUnmatched().get(0);
            String kind = argument.startsWith("-") ? "flag" : "argument";
            message = kind + ": '" + argument + "' is not known"
                    + Optional.of(unmatched.getSuggestions())
                            .filter(suggestions -> !suggestions.isEmpty())
                            .map(suggestions -> "; did you mean " + String.join(" or ", suggestions) + "?")
                            .orElse("");
        }
        say(command, message + "; see '" + command.getCommandSpec().qualifiedName() + " --help'");
        return ExitCode.USAGE;
    }

    /** A command has failed: says why in a sentence, and what kind of failure it is by the exit status. */
    private static int explain(Exception failure, CommandLine command) {
        // Not before it is needed: a log takes its time to be made.
        LoggerFactory.getLogger(Coterie.class).debug("The command failed", failure);
        say(command, failure.getMessage() == null ? failure.toString() : failure.getMessage());
        if (!ExitCode.isForeseen(failure)) {
            // Whoever mends it needs to see where it came from.
            failure.printStackTrace(command.getErr());
        }
        return ExitCode.of(failure);
    }

    private static void say(CommandLine command, String sentence) {
        PrintWriter err = command.getErr();
        err.println(command.getCommandSpec().qualifiedName() + ": " + sentence);
        err.flush();
    }

    /** The version in the jar's manifest. */
    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {text()};
        }

        static String text() {
            String version = Optional.ofNullable(Coterie.class.getPackage().getImplementationVersion())
                    .orElse("(not from a jar)");
            return "coterie " + version + ", Java " + Runtime.version();
        }
    }
}
