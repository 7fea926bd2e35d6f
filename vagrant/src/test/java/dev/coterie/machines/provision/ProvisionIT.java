package dev.coterie.machines.provision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.coterie.machines.lab.Lab;
import dev.coterie.machines.lab.Script;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * What {@code vagrant up} runs on its machines, on fresh Debian machines in folders, which then are hosts on a network.
 * There is no systemd in them, so what it would start is started here as its units say.
 */
class ProvisionIT {

    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final String PROVISION = "/coterie/vagrant/provision";

    @Test
    void machines_become_hosts_of_etcd_and_of_a_node() throws Exception {
        try (DebianFolders machines = DebianFolders.create();
                Lab lab = Lab.called("debian").empty().up()) {
            prepare(machines);
            provision(machines);
            has_nothing_left_to_do(machines, "etcd");
            has_nothing_left_to_do(machines, "A");

            start(machines, lab, "etcd", "etcd", "/lib/systemd/system/etcd.service", environment(machines));
            start(machines, lab, "A", "coterie", "/etc/systemd/system/coterie.service", List.of());
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(inside(
                                    machines, lab, "etcd", "etcdctl", "get", "--prefix", "services/", "--keys-only"))
                            .contains("services/10.77.0.11"));
            shows_the_console_to_those_with_the_token(machines, lab);
            answers_the_command_line(machines, lab);
        }
    }

    private static void prepare(DebianFolders machines) {
        for (String host : List.of("etcd", "A")) {
            machines.add(host);
            machines.copy(
                    List.of(Path.of("provision"), Path.of("greet"), Path.of("etcd.conf"), Path.of("coterie.service")),
                    host,
                    "/coterie/vagrant");
        }
        machines.copy(List.of(Path.of("../node-app/target/coterie")), "A", "/coterie");
    }

    /** Side by side, as both wait for packages. */
    private static void provision(DebianFolders machines) {
        CompletableFuture<Script> etcd = CompletableFuture.supplyAsync(() -> machines.run("etcd", PROVISION, "etcd"));
        machines.run("A", PROVISION, "A", "/coterie/coterie").orFail();
        etcd.join().orFail();
    }

    private static void has_nothing_left_to_do(DebianFolders machines, String host) {
        machines.run(host, "touch", "/coterie/mark").orFail();
        Script again = machines.run(host, PROVISION, host, "/coterie/coterie");
        assertThat(again.orFail()).hasLineCount(1).contains("is set up and not started");
        assertThat(machines.run(host, "find", "/etc", "/opt", "/usr", "/var/lib", "-newer", "/coterie/mark")
                        .orFail())
                .isEmpty();
    }

    private static List<String> environment(DebianFolders machines) {
        return machines.run("etcd", "cat", "/etc/default/etcd")
                .orFail()
                .lines()
                .filter(line -> line.matches("ETCD_.*"))
                .toList();
    }

    /** Starts a service as the user, and with the words, that its unit names. */
    private static void start(
            DebianFolders machines, Lab lab, String host, String user, String unit, List<String> environment)
            throws IOException {
        String text = machines.run(host, "cat", unit).orFail();
        assertThat(setting(text, "User")).isEqualTo(user);
        List<String> words =
                new ArrayList<>(List.of("setpriv", "--reuid", user, "--regid", user, "--clear-groups", "env"));
        words.addAll(environment);
        Arrays.stream(setting(text, "ExecStart").split(" ", -1))
                .filter(word -> !word.startsWith("$"))
                .forEach(words::add);
        lab.builder(host, machines.inside(host, words.toArray(String[]::new)).toArray(String[]::new))
                .redirectErrorStream(true)
                .redirectOutput(lab.state().resolve(host + ".log").toFile())
                .start();
    }

    private static String setting(String unit, String name) {
        Matcher line = Pattern.compile("(?m)^" + name + "=(.*)$").matcher(unit);
        assertThat(line.find()).as(name).isTrue();
        return line.group(1);
    }

    private static void shows_the_console_to_those_with_the_token(DebianFolders machines, Lab lab) {
        String token = machines.run("A", "cat", "/etc/coterie/console-token").orFail();
        assertThat(token).hasSize(32);
        assertThat(machines.run("A", "/coterie/vagrant/greet", "A", "3001").orFail())
                .contains("http://127.0.0.1:3001/ with the token " + token);
        assertThat(console(lab, "")).contains(" 401 ");
        assertThat(console(lab, "Authorization: Bearer " + token + "\r\n")).doesNotContain(" 401 ");
    }

    /** The first line of the console's answer, asked from another machine, as through a forwarded port. */
    private static String console(Lab lab, String header) {
        String ask =
                "exec 3<>/dev/tcp/10.77.0.11/3001; printf 'GET /api/members HTTP/1.1\\r\\nHost: 127.0.0.1\\r\\n%b\\r\\n' \"$1\" >&3; head -n 1 <&3";
        return lab.run("C", "timeout", "20", "bash", "-c", ask, "ask", header).orFail();
    }

    private static void answers_the_command_line(DebianFolders machines, Lab lab) {
        assertThat(inside(machines, lab, "A", "coterie", "members")).contains("10.77.0.11");
    }

    private static String inside(DebianFolders machines, Lab lab, String host, String... command) {
        return lab.run(host, machines.inside(host, command).toArray(String[]::new))
                .orFail();
    }
}
