package dev.coterie.workers.traffic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coterie.workers.monitor.UrlCheck;
import dev.coterie.workers.supervisor.Readiness;
import dev.coterie.workers.supervisor.RecyclePolicy;
import dev.coterie.workers.supervisor.RestartPolicy;
import dev.coterie.workers.supervisor.SupervisorConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BalancerFlagsTest {

    private static final List<String> NONE = List.of("none");

    @Test
    void the_command_line_of_the_original_is_understood() {
        Flags flags = parse("-p 5005 -i 4 -protocol udp -name RTCP -workername Decoder -retry -logdir logs/");

        BalancerConfig balancer = BalancerFlags.balancer(flags);
        SupervisorConfig supervisor = BalancerFlags.supervisor(flags, NONE);
        assertThat(balancer).isEqualTo(BalancerConfig.of(Protocol.UDP).withPort(5005));
        assertThat(balancer.reopen()).hasValue(BalancerConfig.REOPEN);
        assertThat(supervisor.workers()).isEqualTo(4);
        assertThat(supervisor.name()).isEqualTo("RTCP");
        assertThat(supervisor.workerName()).isEqualTo("Decoder");
        assertThat(supervisor.logs())
                .hasValueSatisfying(logs -> assertThat(logs.folder()).isEqualTo(Path.of("logs/")));
        assertThat(supervisor.command()).isEqualTo(NONE);
    }

    @Test
    void long_forms_two_hyphens_and_a_command_are_understood() {
        Flags flags = parse("--port 6000 --instances 2 --protocol proxy --idle 500ms -- python3 server.py -p 1");

        assertThat(BalancerFlags.balancer(flags).port()).isEqualTo(6000);
        assertThat(BalancerFlags.balancer(flags).idle()).isEqualTo(Duration.ofMillis(500));
        assertThat(BalancerFlags.balancer(flags).reopen()).as("no -retry").isEmpty();
        SupervisorConfig supervisor = BalancerFlags.supervisor(flags, NONE);
        assertThat(supervisor.command()).containsExactly("python3", "server.py", "-p", "1");
        assertThat(supervisor.readiness()).isEqualTo(Readiness.PORT);
    }

    @Test
    void recycling_crashes_and_the_check_of_health_can_be_chosen() {
        Flags flags = parse("-protocol udp -recycle-connections 500 -recycle-age 2h -crashes 3 -crash-window 5m"
                + " -check http://127.0.0.1:8080/health");
        SupervisorConfig chosen = BalancerFlags.supervisor(flags, NONE);
        assertThat(chosen.recycle()).isEqualTo(RecyclePolicy.after(500, Duration.ofHours(2)));
        assertThat(chosen.restart()).isEqualTo(RestartPolicy.within(3, Duration.ofMinutes(5)));
        assertThat(BalancerFlags.monitor(flags).check()).hasValue(UrlCheck.of("http://127.0.0.1:8080/health"));

        Flags none = parse("-protocol udp");
        SupervisorConfig usual = BalancerFlags.supervisor(none, NONE);
        assertThat(usual.recycle()).isEqualTo(RecyclePolicy.DEFAULT);
        assertThat(usual.restart()).isEqualTo(RestartPolicy.DEFAULT);
        assertThat(BalancerFlags.monitor(none).check()).isEmpty();
    }

    @Test
    void a_socket_that_fails_is_opened_again_after_5_s_and_half_as_long_again_each_time() {
        assertThat(IntStream.rangeClosed(1, 4)
                        .mapToObj(failure -> BalancerConfig.REOPEN
                                .delay(failure, new Random(1))
                                .toMillis()))
                .containsExactly(5000L, 7500L, 11_250L, 16_875L);
    }

    @Test
    void each_default_that_was_filled_in_is_known() {
        assertThat(BalancerFlags.filledIn(parse("-protocol udp -p 1 -name X")))
                .containsEntry("i", "1")
                .containsEntry("workername", "Worker")
                .containsEntry("host", "0.0.0.0")
                .containsEntry("ready", "link")
                .containsEntry("logdir", "standard error")
                .containsEntry("recycle-connections", "10000")
                .containsEntry("recycle-age", "24h")
                .containsEntry("crashes", "10")
                .containsEntry("crash-window", "60s")
                .containsEntry("check", "that a worker is ready")
                .doesNotContainKeys("p", "name", "protocol");
        assertThat(BalancerFlags.filledIn(parse("-protocol proxy -logdir x -host ::1 -type rtcp")))
                .containsEntry("ready", "port")
                .containsEntry("workername", "Decoder")
                .containsEntry("source-at", "4")
                .doesNotContainKeys("logdir", "host");
    }

    @Test
    void a_type_has_flags_and_defaults_of_its_own_and_leaves_the_usual_ones_alone() {
        Flags flags = parse("-type notifying -protocol udp -prefix %");
        assertThat(flags.text("prefix")).isEqualTo("%");
        assertThat(flags.text("workername")).isEqualTo("Listener");

        assertThat(parse("-protocol udp").text("workername")).isEqualTo("Worker");
        assertThatThrownBy(() -> parse("-protocol udp -prefix %")).hasMessageContaining("'-prefix' is not known");
    }

    @Test
    void a_type_of_somebody_else_is_found() {
        Flags flags = parse("-type rtcp -protocol udp -source-at 8");
        assertThat(flags.text("workername")).isEqualTo("Decoder");
        assertThat(flags.number("source-at", 0, 100)).isEqualTo(8);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "-prot udp|flag: '-prot' is not known",
                "-protocol udp extra|flag: 'extra' is not known",
                "-protocol udp -p|flag: '-p' has no value",
                "-p -i 4 -protocol udp|flag: '-p' has no value",
                "-p 1 -p 2|flag: '-p' was given twice",
                "-p 5005|flag: '-protocol' is missing",
                "-protocol tcp|protocol: 'tcp' will not do; choose one of udp, tcp_server, tcp_client, proxy",
                "-protocol udp -p 0|p: '0' will not do; choose one of 1..65535",
                "-protocol udp -i 0|i: '0' will not do; choose one of 1..1000",
                "-protocol udp -i four|i: 'four' will not do; choose one of 1..1000",
                "-protocol udp -idle 5|idle: '5' will not do; write a whole number and a unit",
                "-protocol udp -idle 9000h|idle: '9000h' will not do; choose at most 8760h",
                "-protocol udp -recycle-connections 0|recycle-connections: '0' will not do; choose one of 1..",
                "-protocol udp -recycle-age 0s|recycle-age: 'PT0S' will not do; choose more than zero",
                "-protocol udp -crashes -1|crashes: '-1' will not do; choose one of 0..1000",
                "-protocol udp -crash-window 1|crash-window: '1' will not do; write a whole number and a unit",
                "-protocol udp -check 8080|check: '8080' will not do; write it as http://",
                "-protocol udp -balancer luck|balancer: 'luck' will not do; choose one of round-robin",
                "-protocol udp -framing xml|framing: 'xml' will not do; choose one of raw, lines, length",
                "-protocol udp -type none|type: 'none' will not do; choose one of plain, notifying",
                "-protocol udp -name a/b|name: 'a/b' will not do",
                "-protocol udp -p 3001|monitor-port: '3001' is the application's port",
                "-protocol proxy|command: there is none, and proxy needs a server",
            })
    void what_is_wrong_is_named(String arguments, String sentence) {
        assertThatThrownBy(() -> {
                    Flags flags = parse(arguments);
                    BalancerFlags.balancer(flags);
                    BalancerFlags.supervisor(flags, NONE);
                    BalancerFlags.monitor(flags);
                })
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(sentence);
    }

    private static Flags parse(String line) {
        return BalancerFlags.parse(BalancerType.all(), List.of(line.split(" ", -1)));
    }
}
