package dev.coterie.cluster.lan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The defaults are those of node-discover, and what does not fit together is refused. */
class LanConfigTest {

    @Test
    void the_defaults_are_those_of_node_discover() {
        LanConfig config = LanConfig.builder().build();
        assertThat(config.helloInterval()).isEqualTo(Duration.ofSeconds(1));
        assertThat(config.checkInterval()).isEqualTo(Duration.ofSeconds(2));
        assertThat(config.nodeTimeout()).isEqualTo(Duration.ofSeconds(2));
        assertThat(config.masterTimeout()).isEqualTo(Duration.ofSeconds(2));
        assertThat(config.address()).isEqualTo("0.0.0.0");
        assertThat(config.port()).isEqualTo(12345);
        assertThat(config.multicastTtl()).isEqualTo(1);
        assertThat(config.mastersRequired()).isEqualTo(1);
        assertThat(config.reuseAddr()).isTrue();
        assertThat(config.exclusive()).isFalse();
        assertThat(config.ignoreProcess()).isTrue();
        assertThat(config.ignoreInstance()).isTrue();
        assertThat(config.client()).isFalse();
        assertThat(config.key()).isNull();
        assertThat(LanConfig.builder()
                        .nodeTimeout(Duration.ofSeconds(7))
                        .build()
                        .masterTimeout())
                .isEqualTo(Duration.ofSeconds(7));
    }

    @Test
    void what_does_not_fit_together_names_field_value_and_remedy() {
        refused("helloInterval", "0s", config -> config.helloInterval(Duration.ZERO));
        refused("nodeTimeout", "1500ms", config -> config.nodeTimeout(Duration.ofMillis(1500)));
        refused("nodeTimeout", "2s", config -> config.helloInterval(Duration.ofSeconds(2)));
        refused("masterTimeout", "1s", config -> config.masterTimeout(Duration.ofSeconds(1)));
        refused("multicast", "10.0.0.1", config -> config.multicast("10.0.0.1"));
        refused("multicast", "240.0.0.1", config -> config.multicast("240.0.0.1"));
        refused("broadcast", "10.0.0.256", config -> config.broadcast("10.0.0.256"));
        refused("broadcast", "everywhere", config -> config.broadcast("everywhere"));
        refused(
                "broadcast, multicast, unicast",
                "[multicast, unicast]",
                config -> config.multicast("239.1.2.3").unicast("a"));
        refused("unicast", "a:0", config -> config.unicast("a:0"));
        refused("unicast", "a:70000", config -> config.unicast("a:70000"));
        refused("unicast", "a b", config -> config.unicast("a b"));
        refused("address", "::1", config -> config.address("::1"));
        refused("port", "0", config -> config.port(0));
        refused("port", "65536", config -> config.port(65536));
        refused("multicastTtl", "256", config -> config.multicastTtl(256));
        refused("mastersRequired", "0", config -> config.mastersRequired(0));
        refused("weight", "NaN", config -> config.weight(Double.NaN));
        refused("name", "a/b", config -> config.name("a/b"));
        refused("maxPacket", "100", config -> config.maxPacket(100));
        refused("maxPacket", "65508", config -> config.maxPacket(65508));
    }

    @ParameterizedTest
    @ValueSource(strings = {"224.0.0.1", "239.255.255.255", "231.7.8.9"})
    void all_multicast_groups_are_taken(String group) {
        assertThat(LanConfig.builder().multicast(group).build().toGroup()).isTrue();
    }

    @Test
    void any_free_port_is_for_lists_only() {
        assertThat(LanConfig.builder().unicast("a", "b:12").port(0).build().unicast())
                .containsExactly("a", "b:12");
    }

    private static void refused(String field, String value, UnaryOperator<LanConfig.Builder> change) {
        assertThatThrownBy(() -> change.apply(LanConfig.builder()).build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(field + ": '" + value + "' will not do; ");
    }
}
