package dev.coterie.node;

import dev.coterie.cluster.Observer;
import dev.coterie.node.output.Output;
import dev.coterie.node.output.Palette;
import dev.coterie.node.output.Table;
import dev.coterie.node.settings.Configuration;
import dev.coterie.node.settings.Settings;
import dev.coterie.node.settings.UsageException;
import java.io.PrintWriter;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import tools.jackson.databind.json.JsonMapper;

/** A look at a cluster from outside, as commands take it that join nothing: where it is, and how it is shown. */
final class Look implements AutoCloseable {

    private final Configuration settings;
    private final PrintWriter out;
    private final Observer observer;

    /**
     * Prepares it.
     *
     * @throws UsageException if a setting will not do
     */
    Look(CommandSpec spec) {
        CommandLine command = spec.commandLine();
        settings = Configuration.of(
                Settings.OBSERVER, Flags.given(command.getParseResult(), Settings.OBSERVER), System.getenv());
        out = command.getOut();
        observer = new Observer(NodeConfig.observer(settings));
    }

    /** A command that looks, with the flags that say where. */
    static CommandLine command(Object command) {
        CommandLine line = new CommandLine(command);
        line.getSubcommands().values().forEach(sub -> Flags.add(sub.getCommandSpec(), Settings.OBSERVER));
        if (line.getSubcommands().isEmpty()) {
            Flags.add(line.getCommandSpec(), Settings.OBSERVER);
        }
        return line;
    }

    Observer observer() {
        return observer;
    }

    String prefix() {
        return settings.get(Settings.PREFIX);
    }

    boolean json() {
        return settings.get(Settings.JSON);
    }

    /** Shows something: as JSON in a line if that was asked for, else as a table. */
    void print(Fields json, Table table) {
        print(json, table.lines(Table.width(System.getenv())));
    }

    /** Shows something: as JSON in a line if that was asked for, else as lines. */
    void print(Fields json, List<String> lines) {
        if (json()) {
            out.println(JsonMapper.builder().build().writeValueAsString(json.map()));
        } else {
            lines.forEach(out::println);
        }
        out.flush();
    }

    /** Where what happens is told, as it happens. */
    Output stream() {
        return new Output(System.out, json(), Palette.of(System.getenv()), event -> "@" + event.number("revision"));
    }

    @Override
    public void close() {
        observer.close();
    }
}
