package dev.coterie.cluster.simulation;

import dev.coterie.cluster.Cluster;
import dev.coterie.cluster.ClusterConfig;
import dev.coterie.cluster.SimulatedCluster;
import dev.coterie.cluster.discovery.DiscoveryEvent;
import dev.coterie.cluster.discovery.DiscoveryEvent.Promoted;
import dev.coterie.cluster.discovery.Mastership;
import dev.coterie.cluster.simulation.SimulatedNetwork.SimulatedTransport;
import dev.coterie.cluster.store.Operation;
import dev.coterie.cluster.store.Transaction;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * A host on which one process of a node runs at a time, with an application that does a little of everything: as master
 * it writes under its guard, it counts aloud on a channel, and it advertises.
 */
final class SimulatedNode {

    /** What masters write, under their guard: "term name". */
    static final String LOG = "log";

    static final String CHANNEL = "numbers";

    private static final Duration WRITE_EVERY = Duration.ofMillis(70);
    private static final Duration COUNT_EVERY = Duration.ofMillis(250);

    private final World world;
    private final SimulatedEtcd etcd;
    private final SimulatedNetwork network;
    private final String name;
    private final String host;
    private final double clockRate;
    private final Duration reread;

    private SimulatedProcess process;
    private SimulatedStore store;
    private SimulatedTransport transport;
    private Cluster cluster;
    private Story story;
    private int advertised;

    SimulatedNode(World world, SimulatedEtcd etcd, SimulatedNetwork network, int number, Duration reread) {
        this.reread = reread;
        this.world = world;
        this.etcd = etcd;
        this.network = network;
        this.name = "n" + number;
        this.host = "10.0.0." + (number + 1);
        this.clockRate = 1 + (world.random().nextDouble() - 0.5) / 100;
    }

    String name() {
        return name;
    }

    String host() {
        return host;
    }

    Cluster cluster() {
        return cluster;
    }

    SimulatedProcess process() {
        return process;
    }

    SimulatedStore store() {
        return store;
    }

    int advertised() {
        return advertised;
    }

    /** Starts a process on this host, as a supervisor would after a crash. */
    void start() {
        process = new SimulatedProcess(world, name, clockRate);
        store = new SimulatedStore(world, etcd, process);
        transport = network.transport(host, process);
        ClusterConfig config = ClusterConfig.of("http://etcd:2379")
                .withName(name)
                .withAddress(host)
                .withTtl(Duration.ofSeconds(10))
                .withRefresh(Duration.ofSeconds(4))
                .withReread(reread)
                .withInfo(Map.of("round", advertised));
        cluster = SimulatedCluster.start(config, process.loop(), process.callbacks(), store, transport);
        story = new Story(world, this);
        SimulatedProcess mine = process;
        cluster.on(DiscoveryEvent.class, event -> {
            story.told(event);
            if (event instanceof Promoted promoted) {
                mine.callbacks().schedule(Duration.ZERO, () -> write(mine, promoted.mastership()));
            }
        });
        var unused = cluster.channels().join(CHANNEL, Integer.class, (number, from) -> story.heard(from.id(), number));
        count(mine, 1);
        world.note(name, "starts");
    }

    void crash() {
        process.crash();
        store.close();
        transport.died();
    }

    void thaw() {
        process.thaw();
        transport.goOn();
    }

    /** Leaves in order, and is started again a while later. */
    void restart(Duration pause) {
        world.note(name, "leaves");
        SimulatedProcess leaving = process;
        process.callbacks().execute(() -> {
            var unused = SimulatedCluster.leave(cluster)
                    .whenComplete((done, failure) -> world.after(1, () -> {
                        if (leaving.alive()) {
                            crash();
                            world.after(pause, this::start);
                        }
                    }));
        });
    }

    void advertise() {
        advertised++;
        int round = advertised;
        process.callbacks().execute(() -> {
            var unused = cluster.advertise(Map.of("round", round));
        });
    }

    void promote() {
        world.note(name, "asks to be promoted");
        process.callbacks().execute(() -> {
            var unused = cluster.promote();
        });
    }

    void demote() {
        world.note(name, "asks to be demoted");
        process.callbacks().execute(() -> {
            var unused = cluster.demote(false);
        });
    }

    /** What this node claims to hold at this moment, if its process runs at all. */
    Optional<Mastership> claimed() {
        return process.runs() ? cluster.mastership().filter(Mastership::isValid) : Optional.empty();
    }

    private void write(SimulatedProcess mine, Mastership mastership) {
        Transaction transaction =
                Transaction.when(cluster.guard(mastership)).then(Operation.put(LOG, mastership.term() + " " + name));
        mine.callbacks()
                .then(
                        cluster.store().commit(transaction),
                        result -> {
                            if (result.succeeded()) {
                                mine.callbacks().schedule(WRITE_EVERY, () -> write(mine, mastership));
                            }
                        },
                        failure -> mine.callbacks().schedule(WRITE_EVERY, () -> write(mine, mastership)));
    }

    private void count(SimulatedProcess mine, int number) {
        mine.callbacks().schedule(COUNT_EVERY, () -> {
            cluster.channels().send(CHANNEL, number);
            count(mine, number + 1);
        });
    }

    /** What this process was told. */
    Story story() {
        return story;
    }
}
