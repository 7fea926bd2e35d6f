package dev.coterie.cluster.lan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Three processes in Java and three in Node.js, one group: joins, clean stops, kill -9, promotions, messages. */
class NodeJsIT {

    private static final int ROUNDS = Integer.getInteger("lan.rounds", 20);

    private final Loopback ports = new Loopback(6);
    private final AgentProcess[] agents = new AgentProcess[6];
    private final Random random = new Random(5);
    private int born;

    @BeforeAll
    static void requireNode() {
        String objection = NodeDiscover.objection();
        assumeTrue(objection.isEmpty(), objection);
    }

    @AfterEach
    void end() {
        Stream.of(agents).forEach(AgentProcess::close);
    }

    @Test
    void java_and_node_js_form_one_group_through_joins_stops_kills_promotions_and_messages() {
        for (int i = 0; i < 6; i++) {
            start(i);
        }
        agree();
        for (int round = 0; round < ROUNDS; round++) {
            talk(round);
            disturb(round);
            agree();
        }
    }

    /** Each kind of trouble comes to each kind of process in turn. */
    private void disturb(int round) {
        boolean java = round % 2 == 0;
        AgentProcess master = master();
        switch (round % 6) {
            case 0, 1 -> replace(kind(java), AgentProcess::kill);
            case 2, 3 -> replace(kind(java), agent -> agent.tell(Map.of("cmd", "stop")));
            case 4 -> {
                // Whatever its weight: ours goes before all masters while it lasts.
                AgentProcess chosen = agents[slotOf(kind(true, master))];
                chosen.tell(Map.of("cmd", "promote"));
                await().atMost(Duration.ofSeconds(10)).until(() -> only(chosen));
            }
            default -> {
                // One that was promoted by itself stays master if it is the heaviest, so it is made that first.
                int slot = slotOf(kind(false, master));
                agents[slot].close();
                start(slot);
                AgentProcess chosen = agents[slot];
                await().until(() -> chosen.knows().size() == 5);
                chosen.tell(Map.of("cmd", "promote"));
                await().atMost(Duration.ofSeconds(10)).until(() -> only(chosen));
            }
        }
    }

    /** A process of either kind sends, and all others hear it. */
    private void talk(int round) {
        for (boolean java : List.of(true, false)) {
            AgentProcess sender = kind(java);
            String text = "round " + round + " from " + (java ? "Java" : "Node.js");
            await().atMost(Duration.ofSeconds(10)).until(() -> {
                sender.tell(Map.of("cmd", "send", "channel", "news", "value", text));
                return Stream.of(agents).allMatch(agent -> agent == sender || agent.heard("news", text));
            });
            assertThat(sender.heard("news", text)).isFalse();
        }
    }

    private void replace(AgentProcess agent, java.util.function.Consumer<AgentProcess> how) {
        int slot = slotOf(agent);
        String id = agent.id();
        how.accept(agent);
        await().atMost(Duration.ofSeconds(10))
                .until(() -> Stream.of(agents)
                        .allMatch(other -> other == agent || !other.knows().contains(id)));
        await().atMost(Duration.ofSeconds(10))
                .until(() -> Stream.of(agents)
                                .filter(other -> other != agent && other.isMaster())
                                .count()
                        == 1);
        agent.close();
        start(slot);
    }

    private void start(int slot) {
        Map<String, Object> options = new HashMap<>();
        options.put("address", "127.0.0.1");
        options.put("port", ports.port(slot));
        List<String> others = new ArrayList<>(ports.nodes());
        others.remove(slot);
        options.put("unicast", others);
        options.put("helloInterval", 100);
        options.put("checkInterval", 100);
        options.put("nodeTimeout", 500);
        options.put("masterTimeout", 500);
        options.put("weight", ++born);
        boolean java = slot % 2 == 0;
        agents[slot] = java ? AgentProcess.java("java-" + born, options) : AgentProcess.node("node-" + born, options);
        AgentProcess agent = agents[slot];
        await().atMost(Duration.ofSeconds(20)).until(() -> !agent.id().isEmpty());
        agent.tell(Map.of("cmd", "join", "channel", "news"));
    }

    /** All know all others, and the same one master. */
    private void agree() {
        await().atMost(Duration.ofSeconds(20)).until(() -> {
            List<AgentProcess> masters =
                    Stream.of(agents).filter(AgentProcess::isMaster).toList();
            return masters.size() == 1
                    && only(masters.get(0))
                    && Stream.of(agents).allMatch(agent -> agent.knows().size() == 5)
                    && Stream.of(agents)
                            .allMatch(agent -> agent.masters()
                                    .equals(List.of(masters.get(0).id())));
        });
    }

    private boolean only(AgentProcess master) {
        return Stream.of(agents).allMatch(agent -> agent.isMaster() == (agent == master));
    }

    private AgentProcess master() {
        return Stream.of(agents).filter(AgentProcess::isMaster).findFirst().orElseThrow();
    }

    /** The master if it is of this kind, else any. */
    private AgentProcess kind(boolean java) {
        AgentProcess master = master();
        return master.java == java ? master : kind(java, master);
    }

    private AgentProcess kind(boolean java, AgentProcess except) {
        List<AgentProcess> some = Stream.of(agents)
                .filter(agent -> agent.java == java && agent != except)
                .toList();
        return some.get(random.nextInt(some.size()));
    }

    private int slotOf(AgentProcess agent) {
        return List.of(agents).indexOf(agent);
    }
}
