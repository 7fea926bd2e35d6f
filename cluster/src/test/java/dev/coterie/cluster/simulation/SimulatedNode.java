package dev.coterie.cluster.simulation;

import dev.coterie.cluster.Cluster;
import dev.coterie.cluster.ClusterConfig;
import dev.coterie.cluster.SimulatedCluster;
import dev.coterie.cluster.discovery.DiscoveryEvent;
import dev.coterie.cluster.discovery.DiscoveryEvent.Promoted;
import dev.coterie.cluster.discovery.Mastership;
import dev.coterie.cluster.discovery.Member;
import dev.coterie.cluster.simulation.SimulatedNetwork.SimulatedTransport;
import dev.coterie.cluster.store.Operation;
import dev.coterie.cluster.store.Transaction;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A host on which one process of a node runs at a time, with an application that does a little of everything: as master
 * it writes under its guard, it counts aloud on a channel, and it advertises.
 */
final class SimulatedNode {

    /** Where masters write, under their guard, to one key for each slot: "term name". */
    static final String LOG = "log/";

    static final String CHANNEL = "numbers";

    private static final Duration WRITE_EVERY = Duration.ofMillis(70);
    private static final Duration COUNT_EVERY = Duration.ofMillis(250);

    private final World world;
    private final SimulatedEtcd etcd;
    private final SimulatedNetwork network;
    private final String name;
    private final String host;
    private final double clockRate;
    private final double weight;
    private final int mastersRequired;
    private final Duration reread;
    private final SimulatedWork.Promises promises;

    private SimulatedProcess process;
    private SimulatedStore store;
    private SimulatedTransport transport;
    private Cluster cluster;
    private Story story;
    private int advertised;
    /** Whether it has said for good that it is not to be master. */
    private boolean barred;

    SimulatedNode(
            World world,
            SimulatedEtcd etcd,
            SimulatedNetwork network,
            int number,
            int mastersRequired,
            Duration reread,
            SimulatedWork.Promises promises) {
        this.mastersRequired = mastersRequired;
        this.promises = promises;
        this.reread = reread;
        this.world = world;
        this.etcd = etcd;
        this.network = network;
        this.name = "n" + number;
        this.host = "10.0.0." + (number + 1);
        this.clockRate = 1 + (world.random().nextDouble() - 0.5) / 100;
        this.weight = world.random().nextInt(3);
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

    /** Since when the process has run without a break; nanoseconds since the beginning. */
    boolean hasRunFor(Duration time) {
        return process.runs() && world.now() - process.runningSince() >= time.toNanos();
    }

    SimulatedStore store() {
        return store;
    }

    int advertised() {
        return advertised;
    }

    boolean barred() {
        return barred;
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
                .withWeight(weight)
                .withMastersRequired(mastersRequired)
                .withWork(SimulatedWork.SETTINGS)
                .withInfo(Map.of("round", advertised));
        barred = false;
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
        if (promises.wanted()) {
            new SimulatedWork(world, cluster, mine, promises).begin();
        }
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
        barred = false;
        process.callbacks().execute(() -> {
            var unused = cluster.promote();
        });
    }

    /** Hands over to some member that it sees, which may be itself, or gone, or a master. */
    void promoteAnother(int number) {
        process.callbacks().execute(() -> {
            List<Member> members = cluster.view().members();
            if (!members.isEmpty()) {
                Member member = members.get(number % members.size());
                world.note(name, "hands over to " + member.id());
                var unused = cluster.promote(member);
            }
        });
    }

    void demote(boolean permanent) {
        world.note(name, "asks to be demoted" + (permanent ? " for good" : ""));
        barred |= permanent;
        process.callbacks().execute(() -> {
            var unused = cluster.demote(permanent);
        });
    }

    /** What this node claims to hold at this moment, if its process runs at all. */
    Optional<Mastership> claimed() {
        return process.runs() ? cluster.mastership().filter(Mastership::isValid) : Optional.empty();
    }

    private void write(SimulatedProcess mine, Mastership mastership) {
        Transaction transaction = Transaction.when(cluster.guard(mastership))
                .then(Operation.put(LOG + mastership.slot(), mastership.term() + " " + name));
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
