package dev.coterie.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coterie.cluster.ClusterConfig;
import dev.coterie.cluster.link.LinkException;
import dev.coterie.cluster.store.StoreException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
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
                "node --name a/b|name: 'a/b' will not do; use up to 64 of",
                "node --prefix a|prefix: 'a' will not do; leave it empty or end it with a slash",
                "node --interface nope0|interface: 'nope0' is not on this machine; choose one of",
                "node --interface lo --address ::1|interface: 'lo' cannot be followed since address is '::1'",
                "node --config /no/such|config: '/no/such' cannot be read",
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
