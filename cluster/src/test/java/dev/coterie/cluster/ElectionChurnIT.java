package dev.coterie.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.coterie.cluster.concurrent.Clock;
import dev.coterie.cluster.discovery.DiscoveryEvent;
import dev.coterie.cluster.discovery.DiscoveryEvent.Demoted;
import dev.coterie.cluster.discovery.DiscoveryEvent.MasterChanged;
import dev.coterie.cluster.discovery.DiscoveryEvent.Promoted;
import dev.coterie.cluster.discovery.Member;
import dev.coterie.cluster.store.Range;
import dev.coterie.etcd.EtcdProcess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Three masters among nodes that come, go, lose their sessions, and promote and demote each other, on a real etcd. */
class ElectionChurnIT {

    private static final int MASTERS = 3;
    private static final int PLACES = 8;
    private static final Duration CHURN = Duration.ofSeconds(8);

    private final List<TestNode> all = new CopyOnWriteArrayList<>();

    @Test
    void there_are_never_more_masters_than_required_and_no_node_is_one_twice() throws Exception {
        try (EtcdProcess etcd = EtcdProcess.with().fastStorage().start();
                SlotWitness witness = new SlotWitness(etcd.endpoints(), MASTERS, 1)) {
            List<TestNode> left = churn(etcd);
            await().atMost(Duration.ofSeconds(15))
                    .until(() -> left.stream().filter(TestNode::isMaster).count() == MASTERS
                            && left.stream()
                                    .allMatch(node -> node.cluster.masters().size() == MASTERS));
            assertThat(left.stream()
                            .map(node -> node.cluster.masters().stream()
                                    .map(Member::id)
                                    .toList())
                            .distinct())
                    .hasSize(1);
            left.forEach(TestNode::close);

            assertThat(witness.violations()).isEmpty();
            assertThat(witness.writes()).isGreaterThan(50);
            assertThat(all).allSatisfy(ElectionChurnIT::assertOneStory);
            System.out.printf(
                    "churn: %d masterships, %d times a slot was emptied, %d nodes%n",
                    witness.writes(), witness.deletions(), all.size());
        }
    }

    /** Lets each place have its troubles until the time is up; the nodes that are there then. */
    private List<TestNode> churn(EtcdProcess etcd) throws Exception {
        long end = Clock.system().nanoTime() + CHURN.toNanos();
        ExecutorService threads = Executors.newFixedThreadPool(PLACES);
        try {
            List<CompletableFuture<TestNode>> places = IntStream.range(0, PLACES)
                    .mapToObj(place -> CompletableFuture.supplyAsync(() -> live(etcd, place, end), threads))
                    .toList();
            List<TestNode> left = new ArrayList<>();
            for (CompletableFuture<TestNode> place : places) {
                left.add(place.get(60, TimeUnit.SECONDS));
            }
            return left;
        } finally {
            threads.shutdownNow();
        }
    }

    private TestNode live(EtcdProcess etcd, int place, long end) {
        SplittableRandom random = new SplittableRandom(place);
        TestNode node = join(etcd, place);
        while (Clock.system().nanoTime() < end) {
            switch (random.nextInt(8)) {
                case 0 -> {
                    node.close();
                    node = join(etcd, place);
                }
                case 1 -> revoke(node);
                case 2 -> outcome(node.cluster.promote().toCompletableFuture());
                case 3, 4 -> outcome(node.cluster.demote().toCompletableFuture());
                case 5 ->
                    outcome(node.cluster
                            .advertise(Map.of("n", random.nextInt()))
                            .toCompletableFuture());
                default -> {
                    List<Member> members = node.cluster.view().members();
                    Member member = members.get(random.nextInt(members.size()));
                    outcome(node.cluster.promote(member).toCompletableFuture());
                }
            }
        }
        // Whoever stands aside would wait for another to come.
        outcome(node.cluster.promote().toCompletableFuture());
        return node;
    }

    private TestNode join(EtcdProcess etcd, int place) {
        TestNode node = TestNode.join(etcd.endpoints(), "n" + place, config -> config.withMastersRequired(MASTERS));
        all.add(node);
        return node;
    }

    /** As if others had given it up for dead. */
    private static void revoke(TestNode node) {
        String key = "services/127.0.0.1:" + node.cluster.self().port();
        outcome(node.cluster
                .store()
                .range(Range.key(key))
                .thenCompose(page -> page.entries().isEmpty()
                        ? CompletableFuture.completedFuture(null)
                        : node.cluster.store().revoke(page.entries().get(0).lease())));
    }

    /** Waits for it; whether it could be done is not the question here. */
    private static void outcome(CompletableFuture<?> future) {
        future.handle((done, failure) -> failure)
                .orTimeout(10, TimeUnit.SECONDS)
                .join();
    }

    /** Promotion and demotion take turns, terms grow, and no mastership is told twice. */
    private static void assertOneStory(TestNode node) {
        long term = 0;
        boolean master = false;
        Map<Integer, Long> told = new HashMap<>();
        for (DiscoveryEvent event : node.events) {
            if (event instanceof Promoted promoted) {
                assertThat(master).isFalse();
                assertThat(promoted.mastership().term()).isGreaterThan(term);
                term = promoted.mastership().term();
                master = true;
            } else if (event instanceof Demoted demoted) {
                assertThat(master).isTrue();
                assertThat(demoted.mastership().term()).isEqualTo(term);
                master = false;
            } else if (event instanceof MasterChanged changed) {
                assertThat(changed.term()).isGreaterThan(told.getOrDefault(changed.slot(), 0L));
                told.put(changed.slot(), changed.term());
            }
        }
    }
}
