package dev.coterie.cluster.simulation;

import dev.coterie.cluster.store.Entry;
import dev.coterie.cluster.store.Operation;
import dev.coterie.cluster.store.Range;
import dev.coterie.cluster.store.StateCalls;
import dev.coterie.cluster.store.Transaction;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;

/** What goes wrong in a run: at random times, alone and together, each for a while. */
final class Faults {

    private final World world;
    private final SimulatedEtcd etcd;
    private final SimulatedNetwork network;
    private final List<SimulatedNode> nodes;
    private final RandomGenerator random;
    private final List<Runnable> mending = new ArrayList<>();
    /** Whether the links have faults too; if so, most sessions are too short for what can go wrong within one. */
    private final boolean onLinks;

    private long compacted;
    private boolean over;

    Faults(World world, SimulatedEtcd etcd, SimulatedNetwork network, List<SimulatedNode> nodes) {
        this.world = world;
        this.etcd = etcd;
        this.network = network;
        this.nodes = nodes;
        this.random = world.split();
        this.onLinks = random.nextBoolean();
    }

    void begin() {
        world.after(Duration.ofMillis(random.nextInt(6000)), () -> {
            if (!over) {
                happen();
                begin();
            }
        });
    }

    /** Mends what is broken, and breaks no more. */
    void end() {
        world.note("faults", "end");
        over = true;
        List.copyOf(mending).forEach(Runnable::run);
        network.heal();
        network.slow(Duration.ofMillis(2));
        etcd.slow(Duration.ofMillis(3));
        etcd.loseAnswers(0);
    }

    private void happen() {
        SimulatedNode node = nodes.get(random.nextInt(nodes.size()));
        boolean running = node.process().runs();
        switch (random.nextInt(onLinks ? 22 : 20)) {
            case 0 ->
                unlessDown(node, () -> {
                    node.crash();
                    forAWhile(node::start);
                });
            case 1, 2 -> {
                if (running) {
                    node.process().freeze();
                    SimulatedNode frozen = node;
                    forAWhile(() -> {
                        if (frozen.process().frozen()) {
                            frozen.thaw();
                        }
                    });
                }
            }
            case 3 -> {
                int direction = 1 + random.nextInt(3);
                node.store().cut((direction & 1) != 0, (direction & 2) != 0);
                forAWhile(() -> node.store().heal());
            }
            case 4 -> {
                if (etcd.up()) {
                    etcd.stop();
                    forAWhile(etcd::start);
                }
            }
            case 5 -> {
                if (onLinks) {
                    network.cut(node.host(), other(node).host());
                    forAWhile(network::heal);
                }
            }
            case 6 -> revokeSomething();
            case 7 -> compact();
            case 8 -> {
                etcd.slow(Duration.ofMillis(5 + random.nextInt(3000)));
                forAWhile(() -> etcd.slow(Duration.ofMillis(3)));
            }
            case 9 -> {
                etcd.loseAnswers(random.nextDouble() / 2);
                forAWhile(() -> etcd.loseAnswers(0));
            }
            case 10 -> {
                if (running) {
                    node.promote();
                }
            }
            case 11 -> {
                // Only one is ever barred, so that there are enough who are not.
                if (running) {
                    node.demote(node == nodes.get(0) && random.nextBoolean());
                }
            }
            case 12 -> {
                if (running) {
                    etcd.loseAnswers(random.nextBoolean() ? 0.7 : 0);
                    forAWhile(() -> etcd.loseAnswers(0));
                    node.advertise();
                    forAWhile(node::advertise);
                }
            }
            case 13 -> deleteARegistration(node);
            case 14 -> silenceAfterSlowness();
            case 15, 16 -> handOver();
            case 18 -> rather(this::split, this::silenceAfterSlowness);
            case 19 -> rather(this::split, this::handOver);
            case 20 -> {
                // So late that the living are taken for dead.
                network.slow(Duration.ofMillis(500 + random.nextInt(4000)));
                forAWhile(() -> network.slow(Duration.ofMillis(2)));
            }
            case 21 ->
                // Together, so that watchers and watched are gone at once.
                nodes.stream()
                        .filter(one -> random.nextInt(3) == 0)
                        .forEach(one -> unlessDown(one, () -> {
                            one.crash();
                            forAWhile(one::start);
                        }));
            default -> unlessDown(node, () -> node.restart(Duration.ofMillis(random.nextInt(3000))));
        }
    }

    /** The links are cut in two, and sometimes one part from etcd too. */
    private void split() {
        Set<String> part = new LinkedHashSet<>();
        boolean fromEtcd = random.nextInt(3) == 0;
        for (SimulatedNode node : nodes) {
            if (random.nextBoolean()) {
                part.add(node.host());
                if (fromEtcd && node.process().alive()) {
                    node.store().cut(true, true);
                    SimulatedStore store = node.store();
                    forAWhile(store::heal);
                }
            }
        }
        network.split(part, nodes.stream().map(SimulatedNode::host).toList());
        forAWhile(network::heal);
    }

    /** One that is master now names another, who may be anybody. */
    private void handOver() {
        List<SimulatedNode> masters =
                nodes.stream().filter(one -> one.claimed().isPresent()).toList();
        if (!masters.isEmpty()) {
            masters.get(random.nextInt(masters.size())).promoteAnother(random.nextInt(nodes.size()));
        }
    }

    private void rather(Runnable onTheLinks, Runnable elsewhere) {
        (onLinks ? onTheLinks : elsewhere).run();
    }

    private void unlessDown(SimulatedNode node, Runnable what) {
        if (node.process().runs()) {
            what.run();
        }
    }

    private void forAWhile(Runnable mend) {
        boolean[] mended = {false};
        Runnable once = () -> {
            if (!mended[0]) {
                mended[0] = true;
                mend.run();
            }
        };
        mending.add(once);
        world.after(Duration.ofMillis(50 + random.nextInt(random.nextBoolean() ? 2000 : 20_000)), once);
    }

    private SimulatedNode other(SimulatedNode node) {
        List<SimulatedNode> others = nodes.stream().filter(one -> one != node).toList();
        return others.get(random.nextInt(others.size()));
    }

    private void revokeSomething() {
        List<Entry> leased = StateCalls.range(etcd.state(), Range.prefix("")).entries().stream()
                .filter(entry -> entry.lease() != 0)
                .toList();
        if (!leased.isEmpty() && etcd.up()) {
            Entry one = leased.get(random.nextInt(leased.size()));
            world.note("etcd", "the lease of " + one.key() + " is revoked");
            etcd.revoke(one.lease());
        }
    }

    private void deleteARegistration(SimulatedNode node) {
        if (etcd.up()) {
            world.note("etcd", "the registration of " + node.name() + " is deleted by hand");
            StateCalls.commit(etcd.state(), Transaction.when().then(Operation.delete("services/" + node.host())));
        }
    }

    /** Answers come late, so that a session has less left than it would seem; then the master hears no more. */
    private void silenceAfterSlowness() {
        etcd.slow(Duration.ofMillis(1900));
        world.after(Duration.ofSeconds(9), () -> {
            etcd.slow(Duration.ofMillis(3));
            nodes.stream()
                    .filter(node -> node.claimed().isPresent() && !over)
                    .findFirst()
                    .ifPresent(master -> {
                        master.store().cut(true, false);
                        world.after(Duration.ofSeconds(15), () -> master.store().heal());
                    });
        });
    }

    private void compact() {
        if (etcd.up() && etcd.state().revision() > compacted) {
            world.note("etcd", "is compacted");
            compacted = etcd.state().revision();
            StateCalls.compact(etcd.state(), compacted);
            // Whoever has to open a watch anew comes too late.
            nodes.forEach(node -> {
                if (random.nextBoolean()) {
                    node.store().breakWatches("cut");
                }
            });
        }
    }
}
