package dev.coterie.node;

import dev.coterie.cluster.Observer;
import dev.coterie.cluster.concurrent.Clock;
import dev.coterie.cluster.discovery.Explanation;
import dev.coterie.cluster.lan.LanConfig;
import dev.coterie.cluster.lan.LanObserver;
import dev.coterie.node.output.Event;
import dev.coterie.node.settings.Configuration;
import dev.coterie.node.settings.Settings;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code coterie explain}: asks every node, and shows what those say that have something to say. */
@Command(
        name = "explain",
        description = "Asks the nodes why something is as it is.",
        footer = {
            "",
            "Example:",
            "  coterie explain master             who is master, since when, and who comes next",
            "  coterie explain member silent-river",
            "                                     its session, and who suspected it on what evidence",
            "  coterie explain service database   who needs it, which instances there are, and in what state",
            "  coterie explain task order-17      what it is doing, and why it waits",
            "  coterie explain timer order-17     when it fires, or what became of it",
            "  coterie explain --lan master       the same on a local network, where there are neither tasks nor timers"
        })
final class ExplainCommand implements Callable<Integer> {

    private static final Set<String> ABOUT_TASKS = Set.of("task", "timer");

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(index = "0", paramLabel = "SUBJECT", description = "master, member, service, task or timer.")
    private String subject = "";

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "NAME",
            defaultValue = "",
            description =
                    "Which one: a name or an id, of a task or timer its id; for a master also its slot, and none means all.")
    private String name = "";

    @Override
    public Integer call() {
        Configuration settings = Configuration.of(
                Settings.EXPLAIN, Flags.given(spec.commandLine().getParseResult(), Settings.EXPLAIN), System.getenv());
        List<Answer> answers = LanNode.isWanted(settings) ? onLan(settings) : onEtcd(settings);
        PrintWriter out = spec.commandLine().getOut();
        answers.forEach(answer -> out.print(settings.get(Settings.JSON) ? json(answer) : words(answer)));
        out.flush();
        boolean explained = answers.stream().anyMatch(ExplainCommand::says);
        if (!explained) {
            complain(answers, settings.get(Settings.LAN));
        }
        return explained ? ExitCode.OK : ExitCode.FAILED;
    }

    /** What a node says, or why it says nothing. */
    private record Answer(String id, String name, Optional<Explanation> explanation, String problem) {}

    private List<Answer> onEtcd(Configuration settings) {
        try (Observer observer = new Observer(NodeConfig.observer(settings))) {
            return observer.explain(subject, name).entrySet().stream()
                    .map(said -> new Answer(
                            said.getKey().id(),
                            said.getKey().name(),
                            said.getValue().explanation(),
                            said.getValue().problem()))
                    .toList();
        }
    }

    private List<Answer> onLan(Configuration settings) {
        LanConfig config = LanNode.observer(settings);
        try (LanObserver observer = new LanObserver(config, settings.get(Settings.REQUEST_TIMEOUT))) {
            return observer.explain(subject, name).stream()
                    .map(said -> new Answer(said.id(), said.name(), said.explanation(), said.problem()))
                    .toList();
        }
    }

    private static boolean says(Answer answer) {
        return answer.explanation()
                .filter(explanation -> !explanation.lines().isEmpty())
                .isPresent();
    }

    private static String words(Answer answer) {
        StringBuilder words = new StringBuilder();
        if (says(answer)) {
            words.append(answer.name()).append(" says:\n");
            answer.explanation()
                    .ifPresent(explanation -> explanation
                            .lines()
                            .forEach(line -> words.append("  ").append(line).append('\n')));
        } else if (answer.explanation().isEmpty()) {
            words.append(answer.name())
                    .append(" gave no answer: ")
                    .append(answer.problem())
                    .append('\n');
        }
        return words.toString();
    }

    private String json(Answer answer) {
        Explanation explanation = answer.explanation().orElse(Explanation.NONE);
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("subject", subject);
        fields.put("name", name);
        fields.put("lines", explanation.lines());
        fields.put("facts", explanation.facts());
        if (!answer.problem().isEmpty()) {
            fields.put("problem", answer.problem());
        }
        return new Event("explanation", answer.id(), Clock.system().now(), fields).json() + "\n";
    }

    private void complain(List<Answer> answers, boolean lan) {
        String members = answers.stream().map(Answer::name).collect(Collectors.joining(", "));
        String nobody = lan
                ? "nobody answers; start a node, or say which address, port and key the nodes use"
                : "there are no members to ask; start a node, or name the prefix they use";
        PrintWriter err = spec.commandLine().getErr();
        err.println("coterie explain: " + subject + ": "
                + (answers.isEmpty()
                        ? nobody
                        : "none of " + members + " knows anything about '" + name + "'; check "
                                + (ABOUT_TASKS.contains(subject)
                                        ? "the id: it was never accepted, was forgotten since it was finished, or there is no"
                                                + " master who would know"
                                        : "the name")));
        err.flush();
    }
}
