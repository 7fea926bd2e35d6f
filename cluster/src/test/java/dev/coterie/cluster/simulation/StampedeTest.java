package dev.coterie.cluster.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.coterie.cluster.Cluster;
import dev.coterie.cluster.ClusterConfig;
import dev.coterie.cluster.SimulatedCluster;
import dev.coterie.cluster.store.Entry;
import dev.coterie.cluster.store.Operation;
import dev.coterie.cluster.store.Range;
import dev.coterie.cluster.store.StateCalls;
import dev.coterie.cluster.store.Transaction;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** However many candidates there are, an election costs etcd hardly more transactions than there are masters to elect. */
class StampedeTest {

    private static final Logger LIBRARY = (Logger) LoggerFactory.getLogger("dev.coterie");
    private static final int CANDIDATES = 100;
    private static final int ELECTIONS = 5;

    private final List<String> takings = new ArrayList<>();
    private final List<Cluster> clusters = new ArrayList<>();

    @BeforeAll
    static void silence() {
        LIBRARY.setLevel(Level.OFF);
    }

    @AfterAll
    static void speak() {
        LIBRARY.setLevel(Level.INFO);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 5})
    void an_election_among_a_hundred_takes_fewer_transactions_than_masters_and_three(int masters) {
        World world = new World(masters);
        SimulatedEtcd etcd = new SimulatedEtcd(world, this::decided);
        SimulatedNetwork network = new SimulatedNetwork(world);
        for (int i = 0; i < CANDIDATES; i++) {
            int number = i;
            world.after(
                    world.between(Duration.ZERO, Duration.ofMillis(500)),
                    () -> start(world, etcd, network, number, masters));
        }
        run(world);
        assertThat(slots(etcd)).hasSize(masters);
        assertThat(takings).describedAs("at the start").hasSizeLessThan(masters + 3);

        for (int election = 0; election < ELECTIONS; election++) {
            takings.clear();
            List<Entry> before = slots(etcd);
            before.forEach(slot -> etcd.revoke(slot.lease()));
            run(world);
            assertThat(slots(etcd)).hasSize(masters).doesNotContainAnyElementsOf(before);
            assertThat(takings).describedAs("all masters are gone").hasSizeLessThan(masters + 3);
        }

        takings.clear();
        long term = slots(etcd).get(0).modRevision();
        CompletableFuture<Void> left = SimulatedCluster.leave(clusters.stream()
                .filter(cluster ->
                        cluster.mastership().filter(held -> held.term() == term).isPresent())
                .findFirst()
                .orElseThrow());
        run(world);
        assertThat(left).isCompleted();
        assertThat(slots(etcd)).hasSize(masters);
        assertThat(takings).describedAs("a master leaves").hasSize(1);
    }

    private void start(World world, SimulatedEtcd etcd, SimulatedNetwork network, int number, int masters) {
        SimulatedProcess process = new SimulatedProcess(world, "n" + number, 1);
        String host = "10.0.1." + number;
        ClusterConfig config = ClusterConfig.of("http://etcd:2379")
                .withName("n" + number)
                .withAddress(host)
                .withWeight(number % 7)
                .withMastersRequired(masters);
        clusters.add(SimulatedCluster.start(
                config,
                process.loop(),
                process.callbacks(),
                new SimulatedStore(world, etcd, process),
                network.transport(host, process)));
    }

    private static void run(World world) {
        world.runUntil(world.now() + Duration.ofSeconds(5).toNanos());
    }

    private static List<Entry> slots(SimulatedEtcd etcd) {
        return StateCalls.range(etcd.state(), Range.prefix("masters/")).entries();
    }

    private void decided(Transaction transaction, Transaction.Result result) {
        for (Operation operation : transaction.then()) {
            if (operation instanceof Operation.Put put && put.key().startsWith("masters/")) {
                takings.add(put.key() + (result.succeeded() ? "" : " in vain"));
            }
        }
    }
}
