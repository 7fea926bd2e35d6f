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
import org.junit.jupiter.api.Test;

/**
 * A group with two masters settles on the heaviest within one hello, on real UDP and at the defaults: hello 1 s, timeouts
 * 2 s. A node-discover looks every 2 s only.
 */
class SettlingIT {

    private static final double HELLO_MILLIS = 1000;

    /** What a busy machine may take to give every process its turn, and iptables to come to every host. */
    private static final double TURN_MILLIS = 500;

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final List<AgentProcess> agents = new ArrayList<>();
    private Hosts hosts;

    @AfterEach
    void end() {
        agents.forEach(AgentProcess::close);
        if (hosts != null) {
            hosts.close();
        }
    }

    @Test
    void a_thawed_master_that_is_the_heaviest_deposes_its_successor_within_a_hello() {
        startOnLoopback(3, 2, 1);
        AgentProcess heaviest = agents.get(0);
        AgentProcess second = freezeUntilFollowed(heaviest);
        double thawedAt = LanAgent.now();
        heaviest.thaw();
        settleOn(heaviest, thawedAt);
        assertThat(heaviest.said("demotion")).isEmpty();
        assertThat(second.said("demotion")).hasSize(1);
    }

    @Test
    void a_thawed_master_whose_successor_is_heavier_steps_down_within_a_hello() {
        startOnLoopback(1, 3, 2);
        AgentProcess first = agents.get(0);
        AgentProcess heaviest = freezeUntilFollowed(first);
        assertThat(heaviest).isSameAs(agents.get(1));
        double thawedAt = LanAgent.now();
        first.thaw();
        settleOn(heaviest, thawedAt);
        assertThat(first.said("demotion")).hasSize(1);
        assertThat(heaviest.said("demotion")).isEmpty();
    }

    @Test
    void a_healed_group_settles_on_the_heaviest_within_a_hello_also_of_equal_weights() {
        hosts = new Hosts(3);
        for (int i = 0; i < 3; i++) {
            start(i, Map.of("weight", 7), hosts.on(i));
        }
        for (int round = 0; round < 3; round++) {
            for (int i = 0; i < 3; i++) {
                hosts.split(List.of(i), List.of((i + 1) % 3));
            }
            await().atMost(PATIENCE).until(() -> agents.stream().allMatch(AgentProcess::isMaster));
            hosts.heal();
            // Of equal ones the oldest.
            settleOn(agents.get(0), LanAgent.now());
        }
    }

    private void startOnLoopback(double... weights) {
        Loopback ports = new Loopback(weights.length);
        for (int i = 0; i < weights.length; i++) {
            start(
                    i,
                    Map.of(
                            "address",
                            "127.0.0.1",
                            "port",
                            ports.port(i),
                            "unicast",
                            ports.nodes(),
                            "weight",
                            weights[i]),
                    List.of());
        }
    }

    /** The first is master before the others come. */
    private void start(int index, Map<String, ?> options, List<String> before) {
        AgentProcess agent = AgentProcess.java("agent-" + index, new HashMap<>(options), before.toArray(String[]::new));
        agents.add(agent);
        await().atMost(PATIENCE)
                .until(() -> agents.get(0).isMaster()
                        && agents.stream().allMatch(one -> one.knows().size() == agents.size() - 1));
    }

    private AgentProcess freezeUntilFollowed(AgentProcess master) {
        master.freeze();
        List<AgentProcess> others =
                agents.stream().filter(agent -> agent != master).toList();
        await().atMost(PATIENCE).until(() -> others.stream().anyMatch(AgentProcess::isMaster));
        assertThat(master.isMaster()).isTrue();
        return others.stream().filter(AgentProcess::isMaster).findFirst().orElseThrow();
    }

    private void settleOn(AgentProcess heaviest, double since) {
        await().atMost(PATIENCE)
                .until(() -> agents.stream()
                        .allMatch(agent -> agent.isMaster() == (agent == heaviest)
                                && agent.masters().equals(List.of(heaviest.id()))));
        double settledAt =
                agents.stream().mapToDouble(AgentProcess::changedAt).max().orElseThrow();
        assertThat(settledAt - since).isLessThan(HELLO_MILLIS + TURN_MILLIS);
    }
}
