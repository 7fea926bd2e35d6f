package dev.coterie.node;

import dev.coterie.cluster.Cluster;
import dev.coterie.cluster.ClusterConfig;
import dev.coterie.cluster.discovery.Discovery;
import dev.coterie.cluster.link.LinkException;
import dev.coterie.cluster.store.StoreException;
import dev.coterie.etcd.EtcdException;
import dev.coterie.node.settings.Settings;
import dev.coterie.node.settings.UsageException;
import java.io.PrintWriter;
import java.util.Optional;
import java.util.function.Function;
import org.slf4j.Logger;
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
        footer = {"", "Exit status: 0 done, 2 a setting will not do, 3 etcd, 4 the port is taken, 1 anything else."})
public final class Coterie implements Runnable {

    private static final Logger log = LoggerFactory.getLogger(Coterie.class);

    @Spec
    private CommandSpec spec = CommandSpec.create();

    private Coterie() {}

    /** Runs a command and exits with its status. */
    public static void main(String[] args) {
        System.exit(commandLine(Cluster::join).execute(args));
    }

    static CommandLine commandLine(Function<ClusterConfig, Discovery> join) {
        CommandLine line = new CommandLine(new Coterie());
        CommandLine demo = new CommandLine(new DemoCommand());
        Flags.add(demo.getCommandSpec(), Settings.DEMO);
        line.addSubcommand(demo);
        CommandLine node = new CommandLine(new NodeCommand(join));
        Flags.add(node.getCommandSpec(), Settings.NODE);
        line.addSubcommand(node);
        line.addSubcommand(new EtcdCommand());
        line.addSubcommand(new BenchCommand());
        line.addSubcommand(new CommandLine.HelpCommand());
        line.setParameterExceptionHandler(Coterie::refuse);
        line.setExecutionExceptionHandler((failure, command, parsed) -> explain(failure, command));
        line.setUsageHelpAutoWidth(true);
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
        log.debug("The command failed", failure);
        say(command, failure.getMessage() == null ? failure.toString() : failure.getMessage());
        if (failure instanceof UsageException) {
            return ExitCode.USAGE;
        } else if (failure instanceof StoreException || failure instanceof EtcdException) {
            return ExitCode.ETCD;
        } else if (failure instanceof LinkException link) {
            return switch (link.kind()) {
                case PORT_TAKEN -> ExitCode.PORT;
                case NOT_LOCAL -> ExitCode.USAGE;
                default -> ExitCode.FAILED;
            };
        }
        // Nobody foresaw this one: whoever mends it needs to see where it came from.
        failure.printStackTrace(command.getErr());
        return ExitCode.FAILED;
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
            String version = Optional.ofNullable(Coterie.class.getPackage().getImplementationVersion())
                    .orElse("(not from a jar)");
            return new String[] {"coterie " + version + ", Java " + Runtime.version()};
        }
    }
}
