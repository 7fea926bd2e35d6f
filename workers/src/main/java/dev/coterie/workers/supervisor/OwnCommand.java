package dev.coterie.workers.supervisor;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** How this JVM was started. */
final class OwnCommand {

    private OwnCommand() {}

    /** The same program once more, with the same flags and arguments. */
    static List<String> of() {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        String[] known = ProcessHandle.current().info().arguments().orElse(new String[0]);
        if (known.length > 0) {
            command.addAll(Arrays.asList(known));
            return command;
        }
        // The system does not tell, or not all of it, where the command line is long.
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        command.addAll(Arrays.asList(
                System.getProperty("sun.java.command", "no-main-class-known").split(" ", -1)));
        return command;
    }
}
