package dev.coterie.node;

import dev.coterie.node.settings.UsageException;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code coterie completion}. */
@Command(
        name = "completion",
        description = "Prints what lets a shell complete commands and flags.",
        footer = {
            "",
            "Example:",
            "  source <(coterie completion bash)    in ~/.bashrc",
            "  source <(coterie completion zsh)     in ~/.zshrc"
        })
final class CompletionCommand implements Callable<Integer> {

    private static final List<String> SHELLS = List.of("bash", "zsh");

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(
            index = "0",
            paramLabel = "SHELL",
            completionCandidates = Shells.class,
            description = "One of ${COMPLETION-CANDIDATES}.")
    private String shell = "";

    /** For completion and help. */
    static final class Shells implements Iterable<String> {
        @Override
        public java.util.Iterator<String> iterator() {
            return SHELLS.iterator();
        }
    }

    @Override
    public Integer call() {
        if (!SHELLS.contains(shell)) {
            throw new UsageException("shell: '" + shell + "' will not do; choose one of " + String.join(", ", SHELLS));
        }
        PrintWriter out = spec.commandLine().getOut();
        if (shell.equals("zsh")) {
            // zsh reads completions made for bash once it has been told to.
            out.println("autoload -U +X compinit && compinit -u");
            out.println("autoload -U +X bashcompinit && bashcompinit");
        }
        out.println(AutoComplete.bash("coterie", spec.root().commandLine()));
        out.flush();
        return ExitCode.OK;
    }
}
