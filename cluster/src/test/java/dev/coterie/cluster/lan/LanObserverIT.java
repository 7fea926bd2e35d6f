package dev.coterie.cluster.lan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.coterie.cluster.discovery.Explanation;
import dev.coterie.cluster.discovery.Member;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Nodes that are asked by who is none. */
class LanObserverIT {

    private static final int NODES = 3;
    private static final Duration PATIENCE = Duration.ofSeconds(2);
    private static final SharedKey KEY = SharedKey.of("a key that all the nodes know");

    private final Loopback ports = new Loopback(NODES);
    private final List<LanDiscovery> nodes = new ArrayList<>();

    @AfterEach
    void close() {
        nodes.forEach(LanDiscovery::close);
    }

    @Test
    void every_node_says_what_it_knows_or_why_it_says_nothing_and_sees_nobody() {
        start(config -> config);
        nodes.get(0).explains("service", name -> new Explanation(List.of(name + " is well"), Map.of("met", true)));
        nodes.get(1).explains("service", name -> {
            throw new IllegalStateException("the explainer fails on purpose");
        });
        try (LanObserver observer = observer(ports.nodes(), config -> config)) {
            List<LanObserver.Answer> answers = observer.explain("service", "bank");
            assertThat(answers).hasSize(NODES);
            Explanation first = of(answers, 0).explanation().orElseThrow();
            assertThat(first.lines()).containsExactly("bank is well");
            assertThat(first.facts()).containsExactly(Map.entry("met", true));
            assertThat(of(answers, 1).problem()).contains("explaining failed");
            assertThat(of(answers, 2).problem()).contains("'service' cannot be explained here");
            nodes.get(0).explains("service", name -> new Explanation(List.of("x".repeat(100_000)), Map.of()));
            assertThat(of(observer.explain("service", "bank"), 0).problem()).contains("too large for a packet");
        }
        assertThat(nodes).allSatisfy(node -> assertThat(node.view().members()).hasSize(NODES));
    }

    @Test
    void a_node_that_others_know_and_that_does_not_answer_is_named() {
        start(config -> config);
        try (LanObserver observer = observer(ports.nodes().subList(0, 1), config -> config)) {
            List<LanObserver.Answer> answers = observer.explain("service", "bank");
            assertThat(answers)
                    .hasSize(NODES)
                    .allSatisfy(answer -> assertThat(answer.explanation()).isEmpty());
            assertThat(of(answers, 0).problem()).contains("cannot be explained here");
            assertThat(of(answers, 1).problem()).isEqualTo("nothing came within 2000 ms");
            assertThat(of(answers, 2).name()).isEqualTo("n2");
        }
    }

    @Test
    void a_sealed_group_answers_only_who_has_the_key() {
        start(config -> config.key(KEY));
        nodes.get(0).explains("service", name -> new Explanation(List.of("a secret"), Map.of()));
        try (LanObserver friend = observer(ports.nodes(), config -> config.key(KEY));
                LanObserver stranger = observer(ports.nodes(), config -> config);
                LanObserver spy =
                        observer(ports.nodes(), config -> config.key(SharedKey.of("another key, of somebody else")))) {
            assertThat(of(friend.explain("service", "bank"), 0).explanation()).isPresent();
            assertThat(stranger.explain("service", "bank")).isEmpty();
            assertThat(spy.explain("service", "bank")).isEmpty();
        }
        assertThat(nodes.get(0).dropped().get(DropReason.WRONG_KEY)).isGreaterThanOrEqualTo(2);
    }

    @Test
    void every_node_says_who_is_master_and_why_and_when_it_last_heard_of_a_member() {
        start(config -> config);
        LanDiscovery heaviest = nodes.get(1);
        heaviest.promote().toCompletableFuture().join();
        await().until(() -> nodes.stream()
                .allMatch(node ->
                        node.masters().stream().map(Member::name).toList().equals(List.of("n1"))));
        try (LanObserver observer = observer(ports.nodes(), config -> config)) {
            List<LanObserver.Answer> masters = observer.explain("master", "");
            assertThat(masters).hasSize(NODES);
            for (int i = 0; i < NODES; i++) {
                assertThat(of(masters, i).explanation().orElseThrow().lines())
                        .hasSize(NODES)
                        .anySatisfy(line -> assertThat(line).startsWith("1. in line: "))
                        .anySatisfy(line -> assertThat(line)
                                .startsWith("slot 0 is held by n1 with term ")
                                .contains(", by its weight of "));
            }
            assertThat(observer.explain("master", "0"))
                    .isNotEmpty()
                    .allSatisfy(answer -> assertThat(
                                    answer.explanation().orElseThrow().facts())
                            .containsEntry("mastersRequired", 1));
            assertThat(observer.explain("master", "n2"))
                    .allSatisfy(answer -> assertThat(answer.explanation()).contains(Explanation.NONE));

            List<LanObserver.Answer> member = observer.explain("member", "n2");
            assertThat(of(member, 0).explanation().orElseThrow().lines())
                    .anySatisfy(line -> assertThat(line)
                            .startsWith(nodes.get(2).self().id() + " at 127.0.0.1:" + ports.port(2))
                            .containsPattern("last heard \\d+ ms ago, gone after 500 ms of silence"))
                    .anySatisfy(line -> assertThat(line).startsWith("may become master, by its weight of "));
            assertThat(of(member, 2).explanation().orElseThrow().lines())
                    .anySatisfy(line -> assertThat(line).contains(", this node itself"));
            assertThat(observer.explain("member", "nobody"))
                    .allSatisfy(answer -> assertThat(answer.explanation()).contains(Explanation.NONE));
        }
        assertThatThrownBy(() -> nodes.get(0).explains("master", name -> Explanation.NONE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("explained by the group itself");
    }

    private void start(UnaryOperator<LanConfig.Builder> change) {
        for (int i = 0; i < NODES; i++) {
            nodes.add(LanDiscovery.join(change.apply(ports.next().name("n" + i)).build()));
        }
        await().until(() ->
                nodes.stream().allMatch(node -> node.view().members().size() == NODES));
    }

    private static LanObserver observer(List<String> at, UnaryOperator<LanConfig.Builder> change) {
        LanConfig.Builder config = LanConfig.builder().address("127.0.0.1").unicast(at.toArray(new String[0]));
        return new LanObserver(change.apply(config).build(), PATIENCE);
    }

    private LanObserver.Answer of(List<LanObserver.Answer> answers, int node) {
        String id = nodes.get(node).self().id();
        return answers.stream()
                .filter(answer -> answer.id().equals(id))
                .findFirst()
                .orElseThrow();
    }
}
