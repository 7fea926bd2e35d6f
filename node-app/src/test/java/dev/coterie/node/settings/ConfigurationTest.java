package dev.coterie.node.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coterie.cluster.balance.Strategy;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigurationTest {

    @TempDir
    private Path folder = Path.of("");

    @Test
    void a_flag_comes_before_the_environment_before_the_file_before_the_default() throws IOException {
        String file = file("ttl=10s\ninterval=20s\nwork=1s..2s\n");
        Map<String, String> flags = Map.of("config", file, "ttl", "30s");
        Map<String, String> environment = Map.of("COTERIE_TTL", "40s", "COTERIE_INTERVAL", "50s");

        Configuration configuration = Configuration.of(Settings.NODE, flags, environment);

        assertThat(configuration.get(Settings.TTL)).isEqualTo(Duration.ofSeconds(30));
        assertThat(configuration.get(Settings.INTERVAL)).isEqualTo(Duration.ofSeconds(50));
        assertThat(configuration.get(Settings.WORK)).hasToString("1s..2s");
        assertThat(configuration.get(Settings.NUMBERS)).hasToString("30..60");
        assertThat(configuration.show().lines())
                .anySatisfy(line -> assertThat(line).matches("ttl +30s +flag --ttl"))
                .anySatisfy(line -> assertThat(line).matches("interval +50s +environment COTERIE_INTERVAL"))
                .anySatisfy(line -> assertThat(line).matches("work +1s\\.\\.2s +file .*node\\.properties"))
                .anySatisfy(line -> assertThat(line).matches("numbers +30\\.\\.60 +default"))
                .anySatisfy(line -> assertThat(line).matches("refresh +\\(half of ttl\\) +default"));
    }

    @Test
    void the_file_may_be_named_in_the_environment() throws IOException {
        Configuration configuration =
                Configuration.of(Settings.DEMO, Map.of(), Map.of("COTERIE_CONFIG", file("nodes=5\nport=1\n")));

        assertThat(configuration.get(Settings.NODES)).isEqualTo(5);
    }

    @Test
    void everything_has_a_default_that_can_be_read() {
        Configuration node = Configuration.of(Settings.NODE, Map.of(), Map.of());
        Configuration demo = Configuration.of(Settings.DEMO, Map.of(), Map.of());

        assertThat(node.get(Settings.ETCD)).containsExactly(URI.create("http://127.0.0.1:2379"));
        assertThat(node.get(Settings.PORT)).isEqualTo(22222);
        assertThat(node.get(Settings.TTL)).isEqualTo(Duration.ofMinutes(2));
        assertThat(node.get(Settings.BALANCER)).isEqualTo(Strategy.RANDOM);
        assertThat(demo.get(Settings.NODES)).isEqualTo(3);
        assertThat(demo.get(Settings.TASKS)).isEmpty();
        assertThat(demo.isSet(Settings.TTL)).isFalse();
    }

    @Test
    void a_value_can_be_set_back_to_its_default() {
        Configuration configuration =
                Configuration.of(Settings.NODE, Map.of("tasks", "", "config", ""), Map.of("COTERIE_TASKS", "3"));

        assertThat(configuration.get(Settings.TASKS)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "ttl|soon|ttl: 'soon' will not do; write a whole number and a unit, such as 500ms, 120s, 10m or 2h",
                "ttl|0s|ttl: '0s' will not do; choose more than zero",
                "work|15s..1s|work: '15s..1s' will not do; write the shorter one first, such as 1s..15s",
                "numbers|a..b|numbers: 'a..b' will not do; write two whole numbers, such as 30..60",
                "port|70000|port: '70000' will not do; choose one of 0..65535",
                "port|http|port: 'http' will not do; choose one of 0..65535",
                "weight|NaN|weight: 'NaN' will not do; write a number, such as 2 or 0.5",
                "eligible|yes|eligible: 'yes' will not do; write true or false",
                "tasks|0|tasks: '0' will not do; choose one of 1..1000000000",
                "balancer|best|balancer: 'best' will not do; choose one of random, round-robin, least-loaded",
                "etcd|ftp://x:1|etcd: 'ftp://x:1' will not do; write http://host:port, and commas between several,"
                        + " such as http://127.0.0.1:2379",
                "etcd|http://x|etcd: 'http://x' will not do; write http://host:port, and commas between several,"
                        + " such as http://127.0.0.1:2379",
                "etcd|http://x:1/v3|etcd: 'http://x:1/v3' will not do; write http://host:port, and commas between"
                        + " several, such as http://127.0.0.1:2379",
                "etcd|a b:1|etcd: 'a b:1' will not do; write http://host:port, and commas between several,"
                        + " such as http://127.0.0.1:2379",
            })
    void what_will_not_do_is_refused_with_field_value_and_remedy(String name, String value, String sentence) {
        assertThatThrownBy(() -> Configuration.of(Settings.NODE, Map.of(name, value), Map.of()))
                .isInstanceOf(UsageException.class)
                .hasMessage(sentence);
    }

    @Test
    void a_refusal_says_where_the_value_came_from_if_it_is_not_on_the_command_line() throws IOException {
        String file = file("port=x\n");

        assertThatThrownBy(() -> Configuration.of(Settings.NODE, Map.of(), Map.of("COTERIE_TTL", "x")))
                .hasMessageEndingWith(" (it was set by environment COTERIE_TTL)");
        assertThatThrownBy(() -> Configuration.of(Settings.NODE, Map.of("config", file), new HashMap<>()))
                .hasMessageEndingWith(" (it was set by file " + file + ")");
    }

    @Test
    void several_addresses_of_etcd_are_read_with_or_without_scheme() {
        Configuration configuration =
                Configuration.of(Settings.NODE, Map.of("etcd", "10.0.0.1:4001, http://[::1]:2379/"), Map.of());

        assertThat(configuration.get(Settings.ETCD))
                .containsExactly(URI.create("http://10.0.0.1:4001"), URI.create("http://[::1]:2379"));
    }

    @Test
    void a_file_that_is_not_there_or_says_something_unknown_is_refused() throws IOException {
        String unknown = file("tll=5s\n");

        assertThatThrownBy(() -> Configuration.of(Settings.NODE, Map.of("config", "/no/such/file"), Map.of()))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("'/no/such/file' cannot be read")
                .hasMessageContaining("name a properties file");
        assertThatThrownBy(() -> Configuration.of(Settings.NODE, Map.of("config", unknown), Map.of()))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("'tll' in " + unknown + " is not a setting");
    }

    private String file(String text) throws IOException {
        return Files.writeString(folder.resolve("node.properties"), text).toString();
    }
}
