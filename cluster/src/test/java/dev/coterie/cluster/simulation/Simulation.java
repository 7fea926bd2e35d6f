package dev.coterie.cluster.simulation;

import dev.coterie.cluster.discovery.Mastership;
import dev.coterie.cluster.discovery.Member;
import dev.coterie.cluster.store.Entry;
import dev.coterie.cluster.store.Operation;
import dev.coterie.cluster.store.Range;
import dev.coterie.cluster.store.StateCalls;
import dev.coterie.cluster.store.Transaction;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * One run: some nodes, a while of faults, a while of peace, and then everything must be well. What must always hold
 * (design, section 11) is checked all the way. The run is its seed.
 */
final class Simulation {

    private static final String SLOT = "masters/0";
    private static final Duration STEP = Duration.ofMillis(50);
    private static final Duration FAULTS = Duration.ofSeconds(90);
    private static final Duration PEACE = Duration.ofSeconds(45);
    private static final Duration LAST_ELECTION = Duration.ofSeconds(5);
    /** One wins; another two may have been on their way. */
    private static final int MOST_TAKING = 3;

    private final World world;
    private final SimulatedEtcd etcd;
    private final SimulatedNetwork network;
    private final List<SimulatedNode> nodes = new ArrayList<>();
    /** On which lease each mastership hangs, by term. */
    private final Map<Long, Long> leaseOfTerm = new HashMap<>();

    private long lastTermWritten;
    private long guardedWrites;
    private int takings;

    /**
     * How a run ended.
     *
     * @param violations what was wrong; empty if nothing
     * @param fingerprint of the whole history
     * @param guardedWrites how many writes of masters were carried out
     */
    record Outcome(
            long seed,
            List<String> violations,
            String fingerprint,
            List<String> history,
            Duration simulated,
            long guardedWrites) {}

    private Simulation(long seed) {
        world = new World(seed);
        etcd = new SimulatedEtcd(world, this::decided);
        network = new SimulatedNetwork(world);
    }

    /** Runs the whole of it. */
    static Outcome run(long seed) {
        Simulation simulation = new Simulation(seed);
        simulation.live();
        World world = simulation.world;
        String fingerprint = world.fingerprint();
        return new Outcome(
                seed,
                world.violations(),
                fingerprint,
                world.history(),
                Duration.ofNanos(world.now()),
                simulation.guardedWrites);
    }

    private void live() {
        int count = 3 + world.random().nextInt(5);
        // Reading again mends what a watch has missed; in half of the runs nothing may be missed.
        Duration reread = world.chance(0.5) ? Duration.ofSeconds(20) : Duration.ofHours(1);
        for (int i = 0; i < count; i++) {
            SimulatedNode node = new SimulatedNode(world, etcd, network, i, reread);
            nodes.add(node);
            world.after(world.between(Duration.ZERO, Duration.ofSeconds(2)), node::start);
        }
        world.after(STEP, this::step);
        world.runUntil(Duration.ofSeconds(5).toNanos());
        Faults faults = new Faults(world, etcd, network, nodes);
        faults.begin();
        world.runUntil(world.now() + FAULTS.toNanos());
        faults.end();
        world.runUntil(world.now() + PEACE.toNanos());
        checkPeace("after the faults");
        lastElection();
        checkPeace("after the last election");
    }

    private void step() {
        nodes.stream().filter(node -> node.process() != null).forEach(this::checkClaim);
        world.after(STEP, this::step);
    }

    // --- What must always hold --------------------------------------------------------------------------------------

    /** A node claims to be master only while its lease stands: it must know of the end before etcd does. */
    private void checkClaim(SimulatedNode node) {
        node.claimed()
                .map(Mastership::term)
                .map(leaseOfTerm::get)
                .filter(etcd::ranOut)
                .ifPresent(lease -> world.violated(node.name() + " claims to be master, and its lease has run out"));
    }

    /** Sees every transaction that etcd has decided. */
    private void decided(Transaction transaction, Transaction.Result result) {
        for (Operation operation : transaction.then()) {
            if (operation instanceof Operation.Put put) {
                decided(put, result);
            }
        }
    }

    private void decided(Operation.Put put, Transaction.Result result) {
        String value = new String(put.value(), StandardCharsets.UTF_8);
        if (put.key().equals(SLOT)) {
            takings++;
            if (result.succeeded()) {
                leaseOfTerm.put(result.revision(), put.lease());
                world.note("etcd", "slot, term " + result.revision() + ": " + value);
            }
        } else if (put.key().equals(SimulatedNode.LOG) && result.succeeded()) {
            guardedWrites++;
            long term = Long.parseLong(value.substring(0, value.indexOf(' ')));
            if (term < lastTermWritten) {
                world.violated("a write of term " + term + " landed after one of term " + lastTermWritten);
            }
            lastTermWritten = Math.max(lastTermWritten, term);
        }
    }

    // --- What must hold when all is well again ----------------------------------------------------------------------

    private void checkPeace(String when) {
        if (!world.violations().isEmpty()) {
            return;
        }
        Set<String> expected = nodes.stream().map(SimulatedNode::name).collect(Collectors.toCollection(TreeSet::new));
        Map<String, Entry> keys = StateCalls.range(etcd.state(), Range.prefix("")).entries().stream()
                .collect(Collectors.toMap(Entry::key, entry -> entry));
        Entry slot = keys.get(SLOT);
        check(slot != null, when + " nobody is master");
        for (SimulatedNode node : nodes) {
            String who = when + " " + node.name();
            Member self = node.cluster().self();
            check(node.story().initialised(), who + " has not joined");
            check(!node.story().lost(), who + " has no session");
            check(names(node).equals(expected), who + " sees " + names(node) + " instead of " + expected);
            check(
                    keys.containsKey("channels/" + SimulatedNode.CHANNEL + "/" + self.id()),
                    who + " has joined the channel, and etcd does not know");
            check(
                    slot != null && node.story().lastMasterTerm() == slot.modRevision(),
                    who + " was not told of the last master");
            check(
                    String.valueOf(advertised(self)).equals(String.valueOf(node.advertised())),
                    who + " has advertised " + node.advertised() + ", and this is seen: " + advertised(self));
        }
        long masters = nodes.stream().filter(node -> node.claimed().isPresent()).count();
        check(masters == 1, when + " " + masters + " nodes claim to be master");
        check(keys.size() == 2 + 2 * nodes.size(), when + " these keys are left: " + new TreeSet<>(keys.keySet()));
    }

    /** What all others see of a node, if they agree. */
    private Object advertised(Member self) {
        Set<Object> seen = nodes.stream()
                .flatMap(other -> other.cluster().view().member(self.id()).stream())
                .map(member -> member.info().get("round"))
                .collect(Collectors.toSet());
        return seen.size() == 1 ? seen.iterator().next() : seen;
    }

    /** In peace, one master's lease is revoked: one follows, without a stampede, and everybody hears everybody. */
    private void lastElection() {
        Map<String, Integer> before = new HashMap<>();
        takings = 0;
        Entry slot = StateCalls.range(etcd.state(), Range.key(SLOT)).entries().stream()
                .findFirst()
                .orElse(null);
        if (slot == null || !world.violations().isEmpty()) {
            return;
        }
        world.note("etcd", "the master's lease is revoked");
        etcd.revoke(slot.lease());
        world.runUntil(world.now() + LAST_ELECTION.toNanos());
        check(takings <= MOST_TAKING, takings + " transactions for one election");
        forEachPair((hearer, sender) ->
                before.put(hearer.name() + sender.name(), hearer.story().lastHeard(id(sender))));
        world.runUntil(world.now() + LAST_ELECTION.toNanos());
        forEachPair((hearer, sender) -> check(
                hearer.story().lastHeard(id(sender)) > before.getOrDefault(hearer.name() + sender.name(), 0),
                hearer.name() + " does not hear " + sender.name()));
    }

    private interface Pair {
        void of(SimulatedNode hearer, SimulatedNode sender);
    }

    private void forEachPair(Pair what) {
        nodes.forEach(
                hearer -> nodes.stream().filter(sender -> sender != hearer).forEach(sender -> what.of(hearer, sender)));
    }

    private static String id(SimulatedNode node) {
        return node.cluster().self().id();
    }

    private static Set<String> names(SimulatedNode node) {
        return node.cluster().view().members().stream()
                .map(Member::name)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private void check(boolean holds, String otherwise) {
        if (!holds) {
            world.violated(otherwise);
        }
    }
}
