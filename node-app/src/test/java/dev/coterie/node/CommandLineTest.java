package dev.coterie.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coterie.cluster.ClusterConfig;
import dev.coterie.cluster.link.LinkException;
import dev.coterie.cluster.store.StoreException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** The command line up to where a node would join. */
class CommandLineTest {

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private final List<ClusterConfig> joined = new ArrayList<>();
    private RuntimeException failure = new StoreException(StoreException.Kind.UNAVAILABLE, "etcd: not there");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "node --tll 5s|flag: '--tll' is not known; see 'coterie node --help'",
                "node --connect-timout 5s|flag: '--connect-timout' is not known; did you mean --connect-timeout",
                "node more|argument: 'more' is not known; see 'coterie node --help'",
                "node --ttl|--ttl",
                "node --ttl 5x|ttl: '5x' will not do; write a whole number and a unit",
                "node --work 15s..1s|work: '15s..1s' will not do; write the shorter one first",
                "node --ttl 4s|ttl: '4s' will not do; choose 5s to 1d",
                "node --ttl 5500ms|ttl: '5500ms' will not do; choose whole seconds",
                "node --ttl 10s --refresh 10s|refresh: '10s' will not do; choose less than ttl, which is 10s",
                "node --masters-required 0|masters-required: '0' will not do; choose one of 1..100",
                "node --hello 10ms|hello: '10ms' will not do; choose at least 50ms",
                "node --node-timeout 1900ms|nodeTimeout: '1900ms' will not do; choose at least twice hello, which is 1s",
                "node --master-timeout 121s|masterTimeout: '121s' will not do; choose less than ttl, which is 120s",
                "node --name a/b|name: 'a/b' will not do; use up to 64 of",
                "node --prefix a|prefix: 'a' will not do; leave it empty or end it with a slash",
                "node --interface nope0|interface: 'nope0' is not on this machine; choose one of",
                "node --interface lo --address ::1|interface: 'lo' cannot be followed since address is '::1'",
                "node --config /no/such|config: '/no/such' cannot be read",
                "node --multicast 239.1.2.3|multicast: '239.1.2.3' has no effect without lan; add --lan",
                "node --lan --ttl 60s|ttl: '60s' has no effect with lan",
                "node --lan --multicast 10.1.2.3|multicast: '10.1.2.3' will not do; write one of 224.0.0.0",
                "node --lan --multicast 239.1.2.3 --unicast a|broadcast, multicast, unicast: '[multicast, unicast]' will not do; set one of",
                "node --lan --unicast a:b|unicast: 'a:b' will not do; write each node as host or host:port",
                "node --lan --node-timeout 500ms|node-timeout: '500ms' will not do; choose more than hello",
                "node --lan --key-file /no/such|key-file: '/no/such' is no file; make it with",
                "node --lan --unicast no.such.host.invalid|unicast: 'no.such.host.invalid' cannot be resolved",
                "balance -prot udp|flag: '-prot' is not known; choose of -p -i -protocol",
                "balance -p 5005|flag: '-protocol' is missing; give it and a value",
                "balance -protocol udp -host|flag: '-host' has no value; write one behind it",
                "balance -protocol proxy|command: there is none, and proxy needs a server",
                "workers run --ready soon -- true|ready: 'soon' will not do; choose one of link, port, start",
                "workers run --recycle-age 0s -- true|recycle-age: 'PT0S' will not do; choose more than zero",
                "workers run --recycle-age 9000h -- true|recycle-age: '9000h' will not do; choose at most 8760h",
                "workers run --recycle-connections 0 -- true|recycle-connections: '0' will not do; choose 1 or more",
                "workers run --crashes -1 -- true|crashes: '-1' will not do; choose zero or more",
                "workers run --crash-window 1 -- true|crash-window: '1' will not do; write a whole number and a unit",
                "workers run --check 8080 -- true|check: '8080' will not do; write it as http://",
                "workers stop|--pids",
                "events --from 0|from: '0' will not do; choose 1 for the oldest there is",
                "events --kind weather|kind: 'weather' will not do; choose of member, master",
                "events --for 5x|for: '5x' will not do; write a whole number and a unit",
                "watch --count 0|count: '0' will not do; choose at least 1",
                "keys get|Missing required parameter: 'KEY'",
                "keys list --limit 0|limit: '0' will not do; choose at least 1",
                "keys get a --at -1|at: '-1' will not do",
                "members --etcd :|etcd: ':' will not do",
                "members --prefix a|prefix: 'a' will not do; leave it empty or end it with a slash",
                "send news|Missing required parameter: 'MESSAGE'",
                "doctor --port 70000|port: '70000' will not do",
                "completion fish|shell: 'fish' will not do; choose one of bash, zsh",
                "noode|argument: 'noode' is not known; did you mean",
            })
    void bad_input_gets_a_sentence_and_status_2(String arguments, String sentence) {
        assertThat(run(arguments.split(" "))).isEqualTo(ExitCode.USAGE);

        assertThat(err.toString().lines())
                .hasSize(1)
                .first()
                .asString()
                .startsWith("coterie")
                .contains(sentence);
        assertThat(out.toString()).isEmpty();
        assertThat(joined).isEmpty();
    }

    @Test
    void a_benchmark_of_which_a_part_is_in_a_checkout_says_so_where_there_is_none() {
        assertThat(run("bench", "balance")).isEqualTo(ExitCode.FAILED);
        assertThat(err.toString().lines())
                .singleElement()
                .asString()
                .contains("there is no 'bench/originals'", "./coterie bench balance");
    }

    @Test
    void a_key_file_must_be_secret_and_full_and_is_never_shown(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("key");
        String secret = "a passphrase that nobody may see";
        Files.writeString(file, secret + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
        assertThat(run("node", "--lan", "--key-file", file.toString())).isEqualTo(ExitCode.USAGE);
        assertThat(err.toString()).contains("can be read by others; 'chmod 600' it");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        assertThat(run("node", "--lan", "--key-file", file.toString(), "--show-config"))
                .isEqualTo(ExitCode.OK);
        assertThat(out.toString()).contains(file.toString()).doesNotContain(secret);
        Files.writeString(file, " \n");
        assertThat(run("node", "--lan", "--key-file", file.toString())).isEqualTo(ExitCode.USAGE);
        assertThat(err.toString()).contains("is empty");
        Files.writeString(file, "short");
        assertThat(run("node", "--lan", "--key-file", file.toString())).isEqualTo(ExitCode.USAGE);
        assertThat(err.toString()).contains("5 bytes are too few");
    }

    @Test
    void no_command_at_all_is_answered_with_the_remedy() {
        assertThat(run()).isEqualTo(ExitCode.USAGE);
        assertThat(err.toString()).contains("command: none was given; choose one, such as demo");
    }

    @Test
    void the_exit_status_tells_etcd_from_the_port_from_the_rest() {
        assertThat(run("node")).isEqualTo(ExitCode.ETCD);
        assertThat(err.toString()).isEqualToIgnoringNewLines("coterie node: etcd: not there");

        failure = new LinkException(LinkException.Kind.PORT_TAKEN, "port: '1' is taken");
        assertThat(run("node")).isEqualTo(ExitCode.PORT);

        failure = new LinkException(LinkException.Kind.NOT_LOCAL, "address: '10.9.9.9' is not local");
        assertThat(run("node")).isEqualTo(ExitCode.USAGE);

        failure = new IllegalStateException("oops");
        assertThat(run("node")).isEqualTo(ExitCode.FAILED);
    }

    @Test
    void what_is_set_reaches_the_library() {
        run("node", "--etcd", "10.0.0.1:2379,10.0.0.2:2379", "--name", "river", "--port", "0", "--ttl", "10s");

        ClusterConfig config = joined.get(0);
        assertThat(config.etcd().toString()).isEqualTo("[http://10.0.0.1:2379, http://10.0.0.2:2379]");
        assertThat(config.name()).isEqualTo("river");
        assertThat(config.port()).isZero();
        assertThat(config.ttl()).hasSeconds(10);
        assertThat(config.refresh()).hasSeconds(5);
        assertThat(config.mastersRequired()).isEqualTo(1);
        assertThat(config.liveness()).isEqualTo(ClusterConfig.Liveness.DEFAULT);
    }

    @Test
    void how_many_masters_and_how_soon_they_are_missed_reaches_the_library() {
        run("node", "--masters-required", "3", "--hello=100ms", "--node-timeout=300ms", "--master-timeout=400ms");

        ClusterConfig config = joined.get(0);
        assertThat(config.mastersRequired()).isEqualTo(3);
        assertThat(config.liveness())
                .isEqualTo(new ClusterConfig.Liveness(
                        Duration.ofMillis(100), Duration.ofMillis(300), Duration.ofMillis(400)));
    }

    @Test
    void a_node_without_a_name_gets_a_moniker() {
        run("node");

        assertThat(joined.get(0).name()).matches("[a-z]{3,8}-[a-z]{3,8}");
    }

    @Test
    void the_address_may_be_that_of_an_interface() {
        run("node", "--interface", "lo");

        assertThat(joined.get(0).address()).isEqualTo("127.0.0.1");
    }

    @Test
    void the_configuration_is_shown_and_nothing_is_done() {
        assertThat(run("node", "--show-config", "--ttl", "10s")).isZero();

        assertThat(out.toString()).containsPattern("ttl +10s +flag --ttl").containsPattern("port +22222 +default");
        assertThat(joined).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"--help", "node --help", "help"})
    void there_is_help(String arguments) {
        assertThat(run(arguments.split(" "))).isZero();
        assertThat(out.toString()).contains("Usage: coterie");
    }

    @Test
    void every_command_s_help_has_an_example() {
        List<CommandLine> all = new ArrayList<>();
        collect(
                Coterie.commandLine(config -> {
                    throw failure;
                }),
                all);

        assertThat(all)
                .hasSizeGreaterThan(40)
                .allSatisfy(command -> assertThat(command.getUsageMessage())
                        .as(command.getCommandSpec().qualifiedName())
                        .containsPattern("(?m)^ *Example:\\R +.*coterie"));
    }

    private static void collect(CommandLine command, List<CommandLine> into) {
        into.add(command);
        command.getSubcommands().values().forEach(below -> collect(below, into));
    }

    @Test
    void there_is_a_version() {
        assertThat(run("--version")).isZero();
        assertThat(out.toString()).startsWith("coterie ");
    }

    private int run(String... arguments) {
        err.getBuffer().setLength(0);
        CommandLine line = Coterie.commandLine(config -> {
            joined.add(config);
            throw failure;
        });
        return line.setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments);
    }
}
