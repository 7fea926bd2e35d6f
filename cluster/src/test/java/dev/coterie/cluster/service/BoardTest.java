package dev.coterie.cluster.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coterie.cluster.concurrent.Backoff;
import dev.coterie.cluster.discovery.Member;
import dev.coterie.cluster.discovery.Service;
import dev.coterie.cluster.service.ServiceEvent.NotReady;
import dev.coterie.cluster.service.ServiceEvent.Ready;
import dev.coterie.cluster.service.ServiceEvent.ServiceAdded;
import dev.coterie.cluster.service.ServiceEvent.ServiceRemoved;
import dev.coterie.cluster.service.ServiceEvent.ServiceUpdated;
import dev.coterie.cluster.service.ServiceEvent.SetupFailed;
import dev.coterie.cluster.service.ServiceExplanation.Known;
import dev.coterie.cluster.service.ServiceExplanation.State;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The board on virtual time; each call of a hook is answered by the test. */
class BoardTest {

    private static final Duration DEADLINE = Duration.ofSeconds(10);
    private static final Service SHOP = Service.of("shop");
    private static final Hook FIRST = instance -> CompletableFuture.completedFuture(1);
    private static final Hook SECOND = instance -> CompletableFuture.completedFuture(2);

    private final ManualClock clock = new ManualClock();
    private final Recorder recorder = new Recorder();
    private final Board board = new Board(
            new ServiceConfig(
                    DEADLINE,
                    new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(4), 2, 0),
                    ServiceConfig.DEFAULT.down()),
            clock,
            new Random(1),
            recorder);

    @Test
    void an_instance_without_hooks_is_active_at_once_and_nothing_is_ready_where_nothing_is_needed() {
        see(node("a", SHOP), node("b", Service.of("other")));
        assertThat(recorder.told()).containsExactly("added shop@a", "added other@b");
        assertThat(board.ready()).isFalse();
        assertThat(board.active()).containsOnlyKeys("other", "shop");
    }

    @Test
    void ready_is_told_when_all_needs_are_met_and_not_ready_once_until_then() {
        board.need("shop");
        board.need("bank");
        see(node("a", SHOP));
        assertThat(recorder.told()).containsExactly("added shop@a");
        see(node("a", SHOP), node("b", Service.of("bank")), node("c", SHOP));
        assertThat(recorder.told()).containsExactly("added bank@b", "added shop@c", "ready [bank, shop]");
        see(node("b", Service.of("bank")), node("c", SHOP));
        assertThat(recorder.told()).containsExactly("removed shop@a");
        see(node("b", Service.of("bank")));
        assertThat(recorder.told()).containsExactly("removed shop@c", "not ready [shop]");
        see();
        assertThat(recorder.told()).containsExactly("removed bank@b");
        see(node("d", SHOP, Service.of("bank")));
        assertThat(recorder.told()).containsExactly("added shop@d", "added bank@d", "ready [bank, shop]");
    }

    @Test
    void a_need_that_comes_late_is_met_by_who_is_there_or_makes_it_not_ready() {
        see(node("a", SHOP));
        recorder.told();
        board.need("shop");
        assertThat(recorder.told()).containsExactly("ready [shop]");
        board.need("bank");
        assertThat(recorder.told()).containsExactly("not ready [bank]");
        assertThat(board.explanations().get("bank").unmetSince()).isEqualTo(ManualClock.ORIGIN);
    }

    @Test
    void hooks_are_called_one_after_the_other_for_each_instance() {
        board.setup("shop", FIRST);
        board.setup("shop", SECOND);
        see(node("a", SHOP), node("b", SHOP));
        assertThat(recorder.calls).extracting(Call::hook).containsExactly(FIRST, FIRST);
        Call first = recorder.calls.get(0);
        board.finished(first.ticket, null);
        assertThat(recorder.calls).extracting(Call::hook).containsExactly(FIRST, FIRST, SECOND);
        assertThat(recorder.last().instance.id()).isEqualTo("shop@a");
        assertThat(recorder.told()).isEmpty();
        board.finished(recorder.last().ticket, null);
        assertThat(recorder.told()).containsExactly("added shop@a", "ready [shop]");
        assertThat(state("shop", "b")).isEqualTo(State.SETTING_UP);
    }

    @Test
    void a_second_outcome_of_one_call_does_not_count() {
        board.setup("shop", FIRST);
        board.setup("shop", SECOND);
        see(node("a", SHOP));
        long ticket = recorder.last().ticket;
        board.finished(ticket, null);
        board.finished(ticket, null);
        board.finished(ticket, "too late");
        assertThat(recorder.told()).isEmpty();
        assertThat(known("shop", "a").hooksDone()).isOne();
        assertThat(known("shop", "a").lastFailure()).isNull();
    }

    @Test
    void a_hook_that_fails_is_called_again_after_longer_and_longer_and_those_done_are_not() {
        board.setup("shop", FIRST);
        board.setup("shop", SECOND);
        see(node("a", SHOP));
        board.finished(recorder.last().ticket, null);
        for (int seconds : List.of(1, 2, 4, 4)) {
            board.finished(recorder.last().ticket, "refused");
            assertThat(recorder.told())
                    .singleElement()
                    .asString()
                    .endsWith("failed shop@a hook 2 refused, again in PT" + seconds + "S");
            assertThat(state("shop", "a")).isEqualTo(State.RETRYING);
            int before = recorder.calls.size();
            pass(Duration.ofSeconds(seconds).minusMillis(1));
            assertThat(recorder.calls).hasSize(before);
            pass(Duration.ofMillis(1));
            assertThat(recorder.calls).hasSize(before + 1);
            assertThat(recorder.last().hook).isEqualTo(SECOND);
        }
        board.finished(recorder.last().ticket, null);
        assertThat(recorder.told()).containsExactly("added shop@a", "ready [shop]");
        assertThat(board.untilTick()).isEmpty();
        assertThat(known("shop", "a").lastFailure().attempt()).isEqualTo(4);
    }

    @Test
    void a_hook_that_hangs_is_given_up_at_its_deadline_and_called_again() {
        board.setup("shop", FIRST);
        see(node("a", SHOP));
        long hung = recorder.last().ticket;
        assertThat(board.untilTick()).contains(DEADLINE);
        pass(DEADLINE);
        assertThat(recorder.givenUp).containsExactly(hung);
        assertThat(recorder.told())
                .singleElement()
                .asString()
                .contains("not done within 10000 ms")
                .contains("PT1S");
        board.finished(hung, null);
        assertThat(state("shop", "a")).isEqualTo(State.RETRYING);
        pass(Duration.ofSeconds(1));
        board.finished(recorder.last().ticket, null);
        assertThat(recorder.told()).containsExactly("added shop@a", "ready [shop]");
    }

    @Test
    void an_instance_counts_only_while_it_says_it_is_ready_and_is_set_up_anew_each_time() {
        board.setup("shop", FIRST);
        see(node("a", SHOP.withReady(false)));
        assertThat(recorder.calls).isEmpty();
        assertThat(state("shop", "a")).isEqualTo(State.NOT_READY);
        see(node("a", SHOP));
        board.finished(recorder.last().ticket, null);
        assertThat(recorder.told()).containsExactly("added shop@a", "ready [shop]");
        see(node("a", SHOP.withReady(false)));
        assertThat(recorder.told()).containsExactly("removed shop@a", "not ready [shop]");
        see(node("a", SHOP));
        assertThat(recorder.calls).hasSize(2);
        see(node("a", SHOP.withReady(false)));
        assertThat(recorder.givenUp).containsExactly(recorder.last().ticket);
        board.finished(recorder.last().ticket, null);
        assertThat(recorder.told()).isEmpty();
        assertThat(board.untilTick()).isEmpty();
    }

    @Test
    void what_an_instance_says_of_itself_is_followed_without_setting_it_up_again() {
        board.setup("shop", FIRST);
        see(node("a", SHOP));
        Service moved = SHOP.withInfo(Map.of("port", 1));
        see(node("a", moved));
        board.finished(recorder.last().ticket, null);
        assertThat(board.active().get("shop").get(0).service()).isEqualTo(moved);
        recorder.told();
        see(node("a", SHOP));
        see(node("a", SHOP, Service.of("bank").withReady(false)));
        assertThat(recorder.told()).containsExactly("updated shop@a");
        assertThat(recorder.calls).hasSize(1);
    }

    @Test
    void a_hook_that_comes_late_is_called_for_those_already_there_which_stay_in_use() {
        see(node("a", SHOP), node("b", SHOP.withReady(false)));
        board.setup("shop", FIRST);
        assertThat(recorder.told()).containsExactly("added shop@a", "ready [shop]");
        assertThat(recorder.calls).hasSize(1);
        board.finished(recorder.last().ticket, "refused");
        assertThat(board.active()).containsKey("shop");
        assertThat(known("shop", "a").active()).isTrue();
        assertThat(known("shop", "a").state()).isEqualTo(State.RETRYING);
        pass(Duration.ofSeconds(1));
        board.finished(recorder.last().ticket, null);
        assertThat(state("shop", "a")).isEqualTo(State.ACTIVE);
        assertThat(recorder.told()).hasSize(1);
        see(node("a", SHOP), node("b", SHOP));
        assertThat(recorder.last().instance.id()).isEqualTo("shop@b");
    }

    @Test
    void a_hook_for_an_instance_that_goes_is_given_up_and_nothing_is_kept_of_what_is_gone() {
        board.setup("shop", FIRST);
        see(node("a", SHOP), node("b", Service.of("other")));
        see();
        assertThat(recorder.givenUp).containsExactly(recorder.last().ticket);
        board.finished(recorder.last().ticket, null);
        assertThat(recorder.told()).containsExactly("added other@b", "removed other@b");
        assertThat(board.explanations()).containsOnlyKeys("shop");
        assertThat(board.untilTick()).isEmpty();
    }

    @Test
    void a_node_that_comes_back_in_another_session_is_another_instance() {
        board.setup("shop", FIRST);
        see(node("a-1", SHOP));
        board.finished(recorder.last().ticket, null);
        recorder.told();
        see(node("a-2", SHOP));
        assertThat(recorder.told()).containsExactly("removed shop@a-1", "not ready [shop]");
        assertThat(recorder.last().instance.id()).isEqualTo("shop@a-2");
    }

    @Test
    void an_instance_replaced_within_one_look_leaves_a_need_met() {
        board.need("shop");
        see(node("a-1", SHOP));
        recorder.told();
        see(node("a-2", SHOP));
        assertThat(recorder.told()).containsExactly("removed shop@a-1", "added shop@a-2");
    }

    @Test
    void an_explanation_says_what_is_missed_since_when_and_what_the_last_failed_hook_said() {
        clock.pass(Duration.ofSeconds(5));
        board.setup("shop", FIRST);
        board.setup("shop", SECOND);
        clock.pass(Duration.ofSeconds(5));
        see(node("a", SHOP), node("b", SHOP.withReady(false)));
        board.finished(recorder.last().ticket, "java.net.ConnectException: refused");
        ServiceExplanation explanation = board.explanations().get("shop");
        assertThat(explanation.lines())
                .containsExactly(
                        "shop: needed, cannot be used since 2026-01-01T00:00:05Z",
                        "  a: hook 1 of 2 has failed once, is called again at 2026-01-01T00:00:11Z"
                                + " (since 2026-01-01T00:00:10Z)",
                        "  b: says it is not ready (since 2026-01-01T00:00:10Z)",
                        "  last failure: hook 1 for a failed at 2026-01-01T00:00:10Z, attempt 1:"
                                + " java.net.ConnectException: refused");
        see();
        assertThat(board.explanations().get("shop").lines()).element(1).isEqualTo("  no other node offers it");
        assertThat(board.explanations().get("shop").lastFailure()).isEqualTo(explanation.lastFailure());
    }

    @Test
    void an_explanation_can_become_json_and_be_read_again() {
        board.setup("shop", FIRST);
        see(node("a", SHOP.withInfo(Map.of("port", 1))));
        board.finished(recorder.last().ticket, "refused");
        ServiceExplanation explanation = board.explanations().get("shop").withDown(node -> Instant.EPOCH);
        JsonMapper json = JsonMapper.shared();
        JsonNode tree = json.readTree(json.writeValueAsString(explanation));
        assertThat(tree.at("/instances/0/state").asString()).isEqualTo("RETRYING");
        assertThat(tree.at("/unmetSince").asString()).isEqualTo("2026-01-01T00:00:00Z");
        assertThat(tree.at("/lastFailure/message").asString()).isEqualTo("refused");
        assertThat(json.treeToValue(tree, ServiceExplanation.class)).isEqualTo(explanation);
    }

    private void see(Member... members) {
        board.members(List.of(members));
    }

    private void pass(Duration time) {
        clock.pass(time);
        board.tick();
    }

    private Known known(String name, String node) {
        return board.explanations().get(name).instances().stream()
                .filter(known -> known.node().equals(node))
                .findFirst()
                .orElseThrow();
    }

    private State state(String name, String node) {
        return known(name, node).state();
    }

    static Member node(String id, Service... services) {
        return new Member(
                id, id, "host", "127.0.0.1", 1, 0, true, Map.of(), List.of(services), ManualClock.ORIGIN, "test");
    }

    private record Call(long ticket, Hook hook, Instance instance) {}

    /** Keeps what the board wants done. */
    private static final class Recorder implements Board.Actions {

        final List<Call> calls = new ArrayList<>();
        final List<Long> givenUp = new ArrayList<>();
        private final List<String> told = new ArrayList<>();

        Call last() {
            return calls.get(calls.size() - 1);
        }

        /** What was told since it was asked last. */
        List<String> told() {
            List<String> news = List.copyOf(told);
            told.clear();
            return news;
        }

        @Override
        public void call(long ticket, Hook hook, Instance instance) {
            calls.add(new Call(ticket, hook, instance));
        }

        @Override
        public void giveUp(long ticket) {
            givenUp.add(ticket);
        }

        @Override
        public void emit(ServiceEvent event) {
            told.add(words(event));
        }

        private static String words(ServiceEvent event) {
            if (event instanceof ServiceAdded added) {
                return "added " + added.instance().id();
            } else if (event instanceof ServiceUpdated updated) {
                return "updated " + updated.instance().id();
            } else if (event instanceof ServiceRemoved removed) {
                return "removed " + removed.instance().id();
            } else if (event instanceof SetupFailed failed) {
                return "failed " + failed.instance().id() + " hook " + failed.hook() + " " + failed.message()
                        + ", again in " + failed.retryIn();
            } else if (event instanceof Ready ready) {
                return "ready " + ready.services().keySet();
            }
            return "not ready " + ((NotReady) event).unmet();
        }
    }
}
