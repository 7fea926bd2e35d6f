package dev.coterie.node;

import dev.coterie.cluster.Cluster;
import dev.coterie.etcd.embedded.EmbeddedEtcd;
import java.io.PrintWriter;
import java.io.Writer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import picocli.CommandLine;

/**
 * Goes through what commands do, on an etcd inside this JVM, so that whoever writes down the classes that are loaded has
 * those that commands need. Shows nothing.
 */
final class Rehearsal {

    private static final List<List<String>> COMMANDS = List.of(
            List.of("members"),
            List.of("members", "--json"),
            List.of("masters"),
            List.of("masters", "--json"),
            List.of("services"),
            List.of("keys", "list", "services/"),
            List.of("keys", "list", "--json"),
            List.of("explain", "master"),
            List.of("tasks", "list"),
            List.of("doctor"));

    private Rehearsal() {}

    /** Goes through them. */
    public static void main(String[] args) {
        try (EmbeddedEtcd etcd = EmbeddedEtcd.with().start()) {
            COMMANDS.forEach(command -> run(command, etcd.endpoint()));
            run(List.of("--version"), "");
            run(List.of("members", "--help"), "");
        }
        System.exit(0);
    }

    private static void run(List<String> command, String etcd) {
        List<String> all = new ArrayList<>(command);
        if (!etcd.isEmpty()) {
            all.addAll(Arrays.asList("--etcd", etcd));
        }
        CommandLine line = Coterie.commandLine(Cluster::join);
        PrintWriter nowhere = new PrintWriter(Writer.nullWriter(), false);
        int unused = line.setOut(nowhere).setErr(nowhere).execute(all.toArray(String[]::new));
    }
}
