package dev.coterie.cluster.lan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.coterie.cluster.Hosts;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Three hosts on one network, as network namespaces on a bridge: broadcast and multicast as they are. */
class NamespacesIT {

    private static final int HOSTS = 3;

    private final List<AgentProcess> agents = new ArrayList<>();
    private Hosts hosts;

    @BeforeEach
    void build() {
        hosts = new Hosts(HOSTS);
    }

    @AfterEach
    void tearDown() {
        agents.forEach(AgentProcess::close);
        if (hosts != null) {
            hosts.close();
        }
    }

    @Test
    void nodes_find_one_another_by_broadcast_and_survive_a_split() {
        start(Map.of());
        AgentProcess master = agree();
        int cutOff = agents.indexOf(master);
        hosts.unplug(cutOff);
        await().atMost(Duration.ofSeconds(10))
                .until(() -> agents.stream().filter(agent -> agent != master).anyMatch(AgentProcess::isMaster));
        assertThat(master.isMaster()).isTrue();
        // The heaviest of the two is the first of them in the list; who was master first, the start decides.
        AgentProcess heaviest =
                agents.stream().filter(AgentProcess::isMaster).findFirst().orElseThrow();
        hosts.plug(cutOff);
        assertThat(agree()).isSameAs(heaviest);
    }

    @Test
    void nodes_find_one_another_by_multicast() {
        start(Map.of("multicast", "239.1.2.3"));
        agree();
    }

    @Test
    void a_timer_set_on_one_host_is_cleared_from_another_by_multicast() {
        start(Map.of("multicast", "239.1.2.3"));
        agree();
        agents.get(0).tell(Map.of("cmd", "set", "timer", "long", "delay", 600_000));
        agents.get(1).tell(Map.of("cmd", "set", "timer", "short", "delay", 10));
        await().until(() -> agents.get(0).said("set").size() == 1);
        await().until(() -> agents.get(1).said("fired").size() == 1);
        AgentProcess other = agents.get(2);
        await().atMost(Duration.ofSeconds(10)).until(() -> {
            other.tell(Map.of("cmd", "clear", "timer", "long"));
            return !other.said("cleared").isEmpty();
        });
        other.tell(Map.of("cmd", "clear", "timer", "short"));
        await().atMost(Duration.ofSeconds(10))
                .until(() -> other.said("not cleared").stream()
                        .anyMatch(line -> line.path("timer").asString().equals("short")));
    }

    @Test
    void two_nodes_on_one_host_share_the_port() {
        start(Map.of());
        agents.add(AgentProcess.java("second", options(3, Map.of()), hosts.on(0).toArray(String[]::new)));
        AgentProcess master = agree();
        // A hand-over is for one node alone, also where two would get it.
        master.tell(Map.of("cmd", "demote"));
        await().atMost(Duration.ofSeconds(10)).until(() -> !master.isMaster());
        agree();
    }

    private void start(Map<String, Object> more) {
        for (int i = 0; i < HOSTS; i++) {
            agents.add(
                    AgentProcess.java("host-" + i, options(i, more), hosts.on(i).toArray(String[]::new)));
        }
    }

    private static Map<String, Object> options(int index, Map<String, Object> more) {
        Map<String, Object> options = new HashMap<>(more);
        options.put("helloInterval", 100);
        options.put("checkInterval", 100);
        options.put("nodeTimeout", 500);
        options.put("weight", 10 - index);
        return options;
    }

    /** All know all others and the same master, and hear what it sends. */
    private AgentProcess agree() {
        await().atMost(Duration.ofSeconds(20))
                .until(() -> agents.stream().filter(AgentProcess::isMaster).count() == 1
                        && agents.stream().allMatch(agent -> agent.knows().size() == agents.size() - 1));
        AgentProcess master =
                agents.stream().filter(AgentProcess::isMaster).findFirst().orElseThrow();
        await().atMost(Duration.ofSeconds(10))
                .until(() -> agents.stream().allMatch(agent -> agent.masters().equals(List.of(master.id()))));
        talk(master);
        return master;
    }

    private void talk(AgentProcess master) {
        agents.stream()
                .filter(agent -> agent.said("joined").isEmpty())
                .forEach(agent -> agent.tell(Map.of("cmd", "join", "channel", "news")));
        String text = "hello " + System.nanoTime();
        await().atMost(Duration.ofSeconds(10)).until(() -> {
            master.tell(Map.of("cmd", "send", "channel", "news", "value", text));
            return agents.stream().allMatch(agent -> agent == master || agent.heard("news", text));
        });
        // A packet that came both from the network and from the host itself would be heard twice.
        assertThat(master.heard("news", text)).isFalse();
    }
}
