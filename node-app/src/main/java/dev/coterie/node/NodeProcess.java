package dev.coterie.node;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A node as a process of its own, on the same Java and the same classes as this one. */
final class NodeProcess {

    private NodeProcess() {}

    /** How to start one with these arguments of the command line; only they and its defaults decide. */
    static ProcessBuilder recipe(List<String> arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                // A node has little to do: a small heap, the simple collector and the quick compiler suit it best.
                "-Xms16m",
                "-Xmx128m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Coterie.class.getName()));
        command.addAll(arguments);
        ProcessBuilder recipe = new ProcessBuilder(command);
        recipe.environment().keySet().removeIf(name -> name.startsWith("COTERIE_"));
        return recipe;
    }
}
