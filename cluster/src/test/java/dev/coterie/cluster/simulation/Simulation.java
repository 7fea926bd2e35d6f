package dev.coterie.cluster.simulation;

import dev.coterie.cluster.discovery.Mastership;
import dev.coterie.cluster.discovery.Member;
import dev.coterie.cluster.membership.MemberRecord;
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

    private static final String SLOTS = "masters/";
    private static final Duration STEP = Duration.ofMillis(50);
    private static final Duration FAULTS = Duration.ofSeconds(90);
    private static final Duration PEACE = Duration.ofSeconds(45);
    private static final int MOST_SEGMENTS = 300;
    private static final Duration LAST_WORK = Duration.ofSeconds(25);
    private static final Duration LAST_ELECTION = Duration.ofSeconds(5);
    private static final Duration LAST_LEAVE = Duration.ofSeconds(15);
    /** In which time everybody has seen a process die, or freeze, and it is back after it. */
    private static final Duration DEATH_SEEN = Duration.ofMillis(500);

    private static final Duration FREEZE_SEEN = Duration.ofMillis(2700);
    private static final Duration BACK = Duration.ofSeconds(2);
    /** How many transactions may have been on their way beside those that fill the slots. */
    private static final int MOST_IN_VAIN = 2;

    private final World world;
    private final SimulatedEtcd etcd;
    private final SimulatedNetwork network;
    private final SimulatedWork.Promises promises;
    private final List<SimulatedNode> nodes = new ArrayList<>();
    /** On which lease each mastership hangs, by term. */
    private final Map<Long, Long> leaseOfTerm = new HashMap<>();

    /** Under which ids each process was registered. */
    private final Map<String, Set<String>> ids = new HashMap<>();

    private final Evictions evictions;
    /** The last term in which something was written under a guard, by where it was written: there is one for each slot. */
    private final Map<String, Long> lastTermWritten = new HashMap<>();

    private int mastersRequired;
    private long guardedWrites;
    private int takings;

    /**
     * How a run ended.
     *
     * @param violations what was wrong; empty if nothing
     * @param fingerprint of the whole history
     * @param guardedWrites how many writes of masters were carried out
     * @param evictions how many sessions of others nodes have ended
     */
    record Outcome(
            long seed,
            List<String> violations,
            String fingerprint,
            List<String> history,
            Duration simulated,
            long guardedWrites,
            int evictions,
            long accepted) {}

    private Simulation(long seed) {
        world = new World(seed);
        etcd = new SimulatedEtcd(world, this::decided);
        // In half of the runs nothing is submitted: there, tasks must leave no trace.
        promises = new SimulatedWork.Promises(world, world.chance(0.5));
        network = new SimulatedNetwork(world);
        evictions = new Evictions(world, etcd, network, nodes);
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
                simulation.guardedWrites,
                simulation.evictions.count(),
                simulation.promises.accepted());
    }

    private void live() {
        int count = 3 + world.random().nextInt(5);
        // One node may be barred from becoming master, and one may stand aside.
        mastersRequired = 1 + world.random().nextInt(Math.min(3, count - 2));
        // Reading again mends what a watch has missed; in half of the runs nothing may be missed.
        Duration reread = world.chance(0.5) ? Duration.ofSeconds(20) : Duration.ofHours(1);
        for (int i = 0; i < count; i++) {
            SimulatedNode node = new SimulatedNode(world, etcd, network, i, mastersRequired, reread, promises);
            nodes.add(node);
            world.after(world.between(Duration.ZERO, Duration.ofSeconds(2)), node::start);
        }
        world.after(STEP, this::step);
        world.runUntil(Duration.ofSeconds(5).toNanos());
        Faults faults = new Faults(world, etcd, network, nodes);
        faults.begin();
        world.runUntil(world.now() + FAULTS.toNanos());
        faults.end();
        evictions.peace();
        world.runUntil(world.now() + PEACE.toNanos());
        checkPeace("after the faults");
        lastElection();
        checkPeace("after the last election");
        lastDeath();
        checkPeace("after the last death");
        lastLeave();
        checkPeace("after the last leave");
        lastWork();
    }

    /** Nothing is submitted any more, and everything that was comes to its end. */
    private void lastWork() {
        if (!promises.wanted() || !world.violations().isEmpty()) {
            return;
        }
        promises.wantNoMore();
        world.runUntil(world.now() + LAST_WORK.toNanos());
        promises.askAll(nodes.get(0).cluster());
        world.runUntil(world.now() + LAST_ELECTION.toNanos());
        promises.check();
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
        if (put.key().startsWith("services/") && result.succeeded()) {
            MemberRecord.read(put.value())
                    .ifPresent(member -> ids.computeIfAbsent(process(member), none -> new TreeSet<>())
                            .add(member.id()));
        } else if (put.key().startsWith(SLOTS)) {
            takings++;
            if (result.succeeded()) {
                leaseOfTerm.put(result.revision(), put.lease());
                world.note("etcd", put.key() + ", term " + result.revision() + ": " + value);
                checkSlots();
            } else {
                world.note("etcd", put.key() + " in vain: " + value);
            }
        } else if (put.key().startsWith(SimulatedNode.LOG) && result.succeeded()) {
            guardedWrites++;
            long term = Long.parseLong(value.substring(0, value.indexOf(' ')));
            long last = lastTermWritten.getOrDefault(put.key(), 0L);
            check(term >= last, put.key() + ": a write of term " + term + " landed after one of term " + last);
            lastTermWritten.put(put.key(), Math.max(last, term));
        }
    }

    /** No more masters than required, and no session in two slots. */
    private void checkSlots() {
        List<Entry> slots = slots();
        check(slots.size() <= mastersRequired, slots.size() + " masters, and " + mastersRequired + " are required");
        long sessions = slots.stream().map(Entry::lease).distinct().count();
        check(sessions == slots.size(), "a node is in two slots");
    }

    private List<Entry> slots() {
        return StateCalls.range(etcd.state(), Range.prefix(SLOTS)).entries();
    }

    // --- What must hold when all is well again ----------------------------------------------------------------------

    private void checkPeace(String when) {
        if (!world.violations().isEmpty()) {
            return;
        }
        Set<String> expected = nodes.stream().map(SimulatedNode::name).collect(Collectors.toCollection(TreeSet::new));
        Map<String, Entry> keys = StateCalls.range(etcd.state(), Range.prefix("")).entries().stream()
                .collect(Collectors.toMap(Entry::key, entry -> entry));
        Map<Integer, Long> terms = slots().stream()
                .collect(Collectors.toMap(
                        slot -> Integer.parseInt(slot.key().substring(SLOTS.length())), Entry::modRevision));
        check(terms.size() == mastersRequired, when + " these slots are taken: " + terms);
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
                    node.story().lastMasterTerms().equals(terms),
                    who + " was told of other masters: " + node.story().lastMasterTerms());
            check(!node.barred() || node.claimed().isEmpty(), who + " is not eligible, and is master");
            check(
                    String.valueOf(advertised(self)).equals(String.valueOf(node.advertised())),
                    who + " has advertised " + node.advertised() + ", and this is seen: " + advertised(self));
        }
        long masters = nodes.stream().filter(node -> node.claimed().isPresent()).count();
        check(masters == mastersRequired, when + " " + masters + " nodes claim to be master");
        keys.keySet().removeIf(key -> key.startsWith(SimulatedNode.LOG));
        if (promises.wanted()) {
            long segments = keys.keySet().stream()
                    .filter(key -> key.startsWith("journal/"))
                    .count();
            check(segments < MOST_SEGMENTS, when + " the journal has " + segments + " segments");
            keys.keySet().removeIf(key -> key.startsWith("journal/"));
        }
        check(
                keys.size() == mastersRequired + 2 * nodes.size(),
                when + " these keys are left: " + new TreeSet<>(keys.keySet()));
    }

    /** What all others see of a node, if they agree. */
    private Object advertised(Member self) {
        Set<Object> seen = nodes.stream()
                .flatMap(other -> other.cluster().view().member(self.id()).stream())
                .map(member -> member.info().get("round"))
                .collect(Collectors.toSet());
        return seen.size() == 1 ? seen.iterator().next() : seen;
    }

    /**
     * In peace, all slots are emptied at one revision, since leases that end one after another make an election each:
     * masters follow, without a stampede, and everybody hears everybody.
     */
    private void lastElection() {
        if (!world.violations().isEmpty()) {
            return;
        }
        if (world.chance(0.5)) {
            // So there may be no more than one candidate.
            nodes.get(0).demote(true);
            world.runUntil(world.now() + LAST_ELECTION.toNanos());
        }
        Map<String, Integer> before = new HashMap<>();
        takings = 0;
        world.note("etcd", "the slots are emptied");
        var unused = etcd.commit(Transaction.when()
                .then(slots().stream().map(slot -> Operation.delete(slot.key())).toList()));
        world.runUntil(world.now() + LAST_ELECTION.toNanos());
        check(
                takings <= mastersRequired + MOST_IN_VAIN,
                takings + " transactions to elect " + mastersRequired + " masters");
        forEachPair((hearer, sender) ->
                before.put(hearer.name() + sender.name(), hearer.story().lastHeard(id(sender))));
        world.runUntil(world.now() + LAST_ELECTION.toNanos());
        forEachPair((hearer, sender) -> check(
                hearer.story().lastHeard(id(sender)) > before.getOrDefault(hearer.name() + sender.name(), 0),
                hearer.name() + " does not hear " + sender.name()));
    }

    /** In peace, a process dies or freezes: the others know long before its session has run out. */
    private void lastDeath() {
        SimulatedNode victim = nodes.get(world.random().nextInt(nodes.size()));
        boolean freezes = world.random().nextBoolean();
        if (!world.violations().isEmpty()) {
            return;
        }
        if (ids.get(process(victim.cluster().self())).size() > 2) {
            // Who comes back again and again is given more time: a new process is not.
            victim.crash();
            victim.start();
            world.runUntil(world.now() + LAST_ELECTION.multipliedBy(2).toNanos());
        }
        String id = id(victim);
        if (freezes) {
            victim.process().freeze();
        } else {
            victim.crash();
        }
        world.runUntil(world.now() + (freezes ? FREEZE_SEEN : DEATH_SEEN).toNanos());
        nodes.stream().filter(node -> node != victim).forEach(node -> {
            check(
                    node.cluster().view().member(id).isEmpty(),
                    node.name() + " still sees " + id + ", which " + (freezes ? "froze" : "died"));
            check(
                    !node.cluster().masters().isEmpty(),
                    node.name() + " sees no master after " + id + (freezes ? " froze" : " died"));
        });
        if (freezes) {
            victim.thaw();
            check(victim.claimed().isEmpty(), victim.name() + " claims to be master when it thaws");
        } else {
            victim.start();
        }
        world.runUntil(world.now() + BACK.toNanos());
        check(
                nodes.stream().allMatch(node -> names(node).contains(victim.name())),
                victim.name() + " is not back as a member");
        world.runUntil(world.now() + LAST_ELECTION.toNanos());
    }

    /** In peace, a node leaves in order: masterships are handed over, and nothing is done twice. */
    private void lastLeave() {
        if (!world.violations().isEmpty()) {
            return;
        }
        promises.eachOnce();
        List<Long> taken = slots().stream().map(Entry::createRevision).toList();
        List<SimulatedNode> masters =
                nodes.stream().filter(node -> node.claimed().isPresent()).toList();
        List<SimulatedNode> any = world.chance(0.3) || masters.isEmpty() ? nodes : masters;
        any.get(world.random().nextInt(any.size()))
                .restart(Duration.ofMillis(world.random().nextInt(3000)));
        world.runUntil(world.now() + LAST_LEAVE.toNanos());
        check(
                slots().stream().map(Entry::createRevision).toList().equals(taken),
                "a slot was given up instead of being handed over");
    }

    private interface Pair {
        void of(SimulatedNode hearer, SimulatedNode sender);
    }

    private void forEachPair(Pair what) {
        nodes.forEach(
                hearer -> nodes.stream().filter(sender -> sender != hearer).forEach(sender -> what.of(hearer, sender)));
    }

    private static String process(Member member) {
        return member.address() + " since " + member.startedAt();
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
