package dev.coterie.node;

import dev.coterie.node.archive.Archive;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;

/** {@code coterie archive}. */
@Command(
        name = "archive",
        description = "Makes the file with which commands start sooner. A checkout has it made when it is built; a"
                + " distribution wants it once, where it is unpacked, by somebody who may write there.",
        footer = {"", "Example:", "  coterie archive"})
final class ArchiveCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(names = "--json", description = "Say what was made as JSON.")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        String file = System.getProperty("coterie.archive", "");
        if (file.isEmpty()) {
            throw new Guest.CommandFailed("archive: nobody said where it belongs; run it by the launcher, coterie");
        }
        Path archive = Path.of(file);
        try {
            Archive.make(archive, Rehearsal.class.getName());
        } catch (IOException failure) {
            throw new Guest.CommandFailed(String.valueOf(
                    failure instanceof java.nio.file.FileSystemException denied
                            ? "archive: cannot be written at " + denied.getFile() + "; run it as somebody who may"
                            : failure.getMessage()));
        }
        PrintWriter out = spec.commandLine().getOut();
        Fields fields = Fields.NONE.and("archive", file).and("bytes", Files.size(archive));
        out.println(
                json
                        ? JsonMapper.builder().build().writeValueAsString(fields.map())
                        : "made " + file + ", " + (Files.size(archive) >> 20) + " MiB");
        out.flush();
        return ExitCode.OK;
    }
}
