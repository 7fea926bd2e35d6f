package dev.coterie.node;

import dev.coterie.etcd.embedded.EmbeddedEtcd;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Goes through what commands do, on an etcd inside this JVM, so that whoever writes down the classes that are loaded has
 * those that commands need. Each goes the very way it goes when it is asked for by name: what is written down of lambdas
 * holds for the place in the code alone. What they print is of no interest.
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
        int unused = Coterie.execute(all.toArray(String[]::new));
    }
}
